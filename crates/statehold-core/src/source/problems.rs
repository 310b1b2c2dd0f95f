//! What can be wrong with a text as such, in words for its author.

use super::node::Key;
use super::{MAX_DEPTH, MAX_NODES, traps};
use crate::codes;
use crate::diagnostic::{Diagnostic, Span};

/// The parser's words where they would mislead.
pub(super) fn plain_words(info: &str) -> &str {
    match info {
        "invalid trailing content after double-quoted scalar" => {
            "something follows the closing quote"
        }
        "while parsing node, found unknown anchor" => "this refers to an anchor that is not there",
        info => info,
    }
}

pub(super) fn tag_problem(span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::YAML_TRAP,
        span,
        "YAML reads a value that begins with `!` as a tag",
    )
    .help("put the whole expression in quotes: \"!...\"")
}

pub(super) fn unused_anchor(span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::YAML_TRAP,
        span,
        "YAML reads a value that begins with `&` as an anchor, and nothing refers to it",
    )
    .help("put the whole expression in quotes, or remove the anchor")
}

pub(super) fn merge_key(span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::YAML_TRAP,
        span,
        "merge keys (`<<`) are not part of YAML 1.2",
    )
    .help("write the keys out, or refer to a whole value with `*name`")
}

pub(super) fn collection_as_key(span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::SYNTAX,
        span,
        "a key must be text, not a list, a mapping or a reference",
    )
    .help(traps::QUOTE_RULE)
}

pub(super) fn duplicate_key(key: &Key, first: Span) -> Diagnostic {
    Diagnostic::error(
        codes::DUPLICATE_KEY,
        key.span.clone(),
        format!("the key `{}` stands twice in one mapping", key.text),
    )
    .related(first, "first here")
    .help("remove one of the two, or rename it")
}

pub(super) fn too_deep(at: usize) -> Diagnostic {
    Diagnostic::error(
        codes::LIMIT,
        at..at,
        format!("nested deeper than {MAX_DEPTH} levels"),
    )
}

pub(super) fn too_many_nodes(at: usize) -> Diagnostic {
    Diagnostic::error(
        codes::LIMIT,
        at..at,
        format!("more than {MAX_NODES} values, aliases counted as what they stand for"),
    )
}
