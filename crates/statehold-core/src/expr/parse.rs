//! From text to the tree: scan, let the `cel` crate parse, then lower its tree into ours.
//!
//! The parser recurses some twenty frames per bracket, so it runs on a thread with a stack of its own that ends with
//! the call, and a panic of it is an error like any other. Nothing outside this file and `lower` knows its types.

use std::ops::Range;
use std::thread;

use cel::parser::ParseErrors;

use super::ExprError;
use super::ast::Node;
use super::lower::Lowering;
use super::scan::{TokenKind, Tokens};

/// Stack of the parser's thread, reserved but not used: the deepest allowed expression needs less than 1 MiB, and 8 to 16 MiB
/// in a build without any optimisation.
const PARSER_STACK_BYTES: usize = 32 * 1024 * 1024;

/// Attempts of the parser to go on after an error: only the first is reported.
const RECOVERIES_MAX: u32 = 2;

pub(super) fn parse(source: &str) -> Result<Node, ExprError> {
    let tokens = Tokens::scan(source)?;
    if tokens.list.is_empty() {
        return Err(ExprError::syntax(
            0..source.len(),
            "the expression is empty",
        ));
    }
    let all = 0..source.len();
    thread::scope(|scope| {
        let parser = thread::Builder::new()
            .name("expression-parser".to_owned())
            .stack_size(PARSER_STACK_BYTES)
            .spawn_scoped(scope, || parse_here(&tokens));
        match parser {
            Ok(parser) => parser.join().unwrap_or_else(|_| {
                Err(ExprError::syntax(all, "the expression breaks the parser"))
            }),
            Err(_) => Err(ExprError::syntax(
                all,
                "the system has no memory left to parse the expression",
            )),
        }
    })
}

fn parse_here(tokens: &Tokens<'_>) -> Result<Node, ExprError> {
    let offsets = Offsets::of(tokens.source);
    // Without a standard library there are no macros: `all`, `map` and the like arrive as the calls that were written.
    let parser = cel::Env::default()
        .parser()
        .enable_optional_syntax(true)
        .enable_ident_escape_syntax(true)
        .error_recovery_limit(RECOVERIES_MAX);
    match parser.parse_with_source_info(tokens.source) {
        Ok((tree, info)) => Lowering::new(tokens, &offsets, &info).lower(tree),
        Err(errors) => Err(explain(tokens, &offsets, &errors)),
    }
}

/// Byte of every character: the parser counts characters.
pub(super) struct Offsets(Vec<u16>);

impl Offsets {
    fn of(source: &str) -> Self {
        let ends = source.char_indices().map(|(byte, _)| byte);
        let bytes = ends.chain([source.len()]);
        Self(
            bytes
                .map(|byte| u16::try_from(byte).unwrap_or(u16::MAX))
                .collect(),
        )
    }

    pub(super) fn byte(&self, character: usize) -> usize {
        self.0
            .get(character)
            .or(self.0.last())
            .map_or(0, |byte| usize::from(*byte))
    }
}

/// The first error of the parser in our words, at the token it stumbled over.
fn explain(tokens: &Tokens<'_>, offsets: &Offsets, errors: &ParseErrors) -> ExprError {
    if let Some(error) = foreign_operator(tokens) {
        return error;
    }
    let first = errors.errors.iter().find(|error| error.pos.0 > 0);
    let Some(first) = first.or(errors.errors.first()) else {
        return ExprError::syntax(0..tokens.source.len(), "not an expression");
    };
    let byte = byte_of(tokens.source, offsets, first.pos);
    let token = tokens.list.get(tokens.index_at(byte));
    let Some(token) = token else {
        return ends_early(tokens);
    };
    let text = tokens.text(token);
    let range = token.range.clone();
    if let Some(name) = first.msg.strip_prefix("reserved identifier: ") {
        return ExprError::syntax(range, format!("`{name}` is a reserved word"));
    }
    if first.msg.starts_with("invalid int literal") || first.msg.starts_with("invalid uint literal")
    {
        return ExprError::syntax(range, "the number does not fit 64 bits");
    }
    if first.msg.starts_with("invalid string literal")
        || (token.kind == TokenKind::Text && text.contains('\\'))
    {
        return ExprError::syntax(range, "the text holds an unknown escape")
            .help("write `\\\\` for a backslash, or r'...' for text without escapes");
    }
    unexpected(tokens, range, text)
}

fn unexpected(tokens: &Tokens<'_>, range: Range<usize>, text: &str) -> ExprError {
    let error = ExprError::syntax(range.clone(), format!("`{text}` is not expected here"));
    let index = tokens.index_at(range.start);
    let before = index
        .checked_sub(1)
        .and_then(|index| tokens.list.get(index));
    match before {
        Some(before) if tokens.text(before) == "," => error.help("remove the comma before it"),
        Some(before)
            if before.kind == TokenKind::Name
                && matches!(tokens.list[index].kind, TokenKind::Name | TokenKind::Number) =>
        {
            error.help("an operator is missing before it")
        }
        _ if text == "in" => {
            error.help("`in` is an operator; to ask for a state write in_state('...')")
        }
        _ => error,
    }
}

fn ends_early(tokens: &Tokens<'_>) -> ExprError {
    let last = tokens.list.last().map_or(0..0, |token| token.range.clone());
    let text = &tokens.source[last.clone()];
    ExprError::syntax(last, format!("something is missing after `{text}`"))
}

/// `and`, `or`, `not`: names in this language, so they only show as a syntax error somewhere near.
fn foreign_operator(tokens: &Tokens<'_>) -> Option<ExprError> {
    tokens.list.iter().enumerate().find_map(|(index, token)| {
        let ours = match tokens.text(token) {
            "and" | "AND" => "&&",
            "or" | "OR" => "||",
            "not" | "NOT" => "!",
            "is" => "==",
            _ => return None,
        };
        let neighbour = |index: Option<usize>| index.and_then(|index| tokens.list.get(index));
        let is_member = neighbour(index.checked_sub(1))
            .is_some_and(|before| matches!(tokens.text(before), "." | "?"));
        let is_call = ours != "!"
            && neighbour(Some(index + 1)).is_some_and(|after| tokens.text(after) == "(")
            && is_member;
        if token.kind != TokenKind::Name || is_member || is_call {
            return None;
        }
        let text = tokens.text(token);
        Some(
            ExprError::syntax(token.range.clone(), format!("`{text}` is not an operator"))
                .help(format!("write `{ours}`")),
        )
    })
}

/// Byte of a position that the parser gives as (line, column), both from 1.
fn byte_of(source: &str, offsets: &Offsets, position: (isize, isize)) -> usize {
    let line = usize::try_from(position.0 - 1).unwrap_or(0);
    let column = usize::try_from(position.1 - 1).unwrap_or(0);
    let characters: usize = source
        .split_inclusive('\n')
        .take(line)
        .map(|line| line.chars().count())
        .sum();
    offsets.byte(characters + column)
}
