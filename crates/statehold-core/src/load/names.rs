//! What a name may look like.

use super::{MAX_DECLARED, MAX_EVENT_BYTES, MAX_NAME_BYTES};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::interpreter::is_reserved;
use crate::source::{Item, Key};

/// Whether the text is a letter or `_`, then letters, digits and `_`.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Notes what is wrong with the name of `what`. Names become columns, paths and parts of event types, so they are
/// plain: letters, digits and `_`.
pub(super) fn check_identifier(item: &Item<'_>, name: &str, what: &str) -> bool {
    let problem = if name.is_empty() {
        format!("{what} needs a name")
    } else if name.len() > MAX_NAME_BYTES {
        format!(
            "the name of {what} has {} bytes, more than {MAX_NAME_BYTES}",
            name.len()
        )
    } else if !is_identifier(name) {
        let name_shown = shown(name);
        match stranger(name, is_identifier_char) {
            Some(c) => format!("`{name_shown}` cannot be the name of {what}: it holds {c}"),
            None => format!("`{name_shown}` cannot be the name of {what}: it begins with a digit"),
        }
    } else {
        return true;
    };
    let help = match suggestion(name) {
        Some(better) => format!(
            "a letter or `_`, then letters, digits and `_`: write `{better}`, and keep the rest for `label`"
        ),
        None => "a letter or `_`, then letters, digits and `_`".to_owned(),
    };
    item.reader
        .report(at_key(item, codes::BAD_NAME, problem).help(help));
    false
}

fn is_identifier_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The first character that a name cannot hold, in words.
fn stranger(name: &str, is_known: impl Fn(char) -> bool) -> Option<String> {
    let c = name.chars().find(|c| !is_known(*c))?;
    Some(match c {
        ' ' => "a space".to_owned(),
        '.' => "a dot, which separates the parts of a path".to_owned(),
        c if c.is_ascii_graphic() => format!("`{c}`"),
        // Look-alikes, marks that combine and letters that turn the direction are told apart by number alone.
        c => format!("U+{:04X}", u32::from(c)),
    })
}

/// A name as it can be printed: what is invisible, combines or turns the direction of the line is written as a number.
fn shown(name: &str) -> String {
    let mut shown = String::new();
    for c in name.chars() {
        if c.is_alphanumeric() || c == ' ' || c.is_ascii_graphic() {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}

/// The nearest usable name.
fn suggestion(name: &str) -> Option<String> {
    let mut better = String::new();
    for c in name.chars().take(MAX_NAME_BYTES) {
        if c.is_ascii_alphanumeric() || c == '_' {
            better.push(c);
        } else if !better.ends_with('_') {
            better.push('_');
        }
    }
    let better = better.trim_matches('_').to_owned();
    is_identifier(&better).then_some(better)
}

/// Notes what is wrong with an event's type: tokens of letters, digits, `_` and `-`, separated by dots.
pub(super) fn check_event(item: &Item<'_>, name: &str) -> bool {
    let is_token = |token: &str| {
        !token.is_empty()
            && token
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    let problem = if name.len() > MAX_EVENT_BYTES {
        format!(
            "the event has {} bytes, more than {MAX_EVENT_BYTES}",
            name.len()
        )
    } else if !name.split('.').all(is_token) {
        let is_known = |c: char| is_identifier_char(c) || matches!(c, '-' | '.');
        let why = match stranger(name, is_known) {
            Some(c) => format!("it holds {c}"),
            None => "a word is missing beside a dot".to_owned(),
        };
        format!("`{}` cannot be an event: {why}", shown(name))
    } else {
        return true;
    };
    item.reader.report(
        at_key(item, codes::BAD_NAME, problem).help(
            "an event is one or more words of letters, digits, `_` and `-`, separated by dots, like `payment.captured`",
        ),
    );
    false
}

/// Notes that only the engine fires events of this name.
pub(super) fn refuse_reserved(item: &Item<'_>, name: &str) -> bool {
    if !is_reserved(name) {
        return false;
    }
    item.reader.report(
        at_key(
            item,
            codes::RESERVED_NAME,
            format!("`{name}` is reserved: only the engine fires such events"),
        )
        .help("names beginning with `done.`, `error.`, `timer.` or `effect.` are taken; choose another"),
    );
    true
}

/// The first entries of declarations; more than a chart may have are noted and left out.
pub(super) fn declared<'n>(item: &Item<'n>) -> Vec<(&'n Key, Item<'n>)> {
    let mut entries = item.entries().unwrap_or_default();
    if entries.len() > MAX_DECLARED {
        let message = format!(
            "{} has {} entries, more than {MAX_DECLARED}",
            item.name(),
            entries.len()
        );
        item.reader.report(item.error(codes::LIMIT, message));
        entries.truncate(MAX_DECLARED);
    }
    entries
}

/// An error whose place is the key of the item, which is where names stand; without a key, the item itself.
pub(super) fn at_key(item: &Item<'_>, code: codes::Code, message: impl Into<String>) -> Diagnostic {
    let span = item.key.map_or_else(|| item.head(), |key| key.span.clone());
    Diagnostic::error(code, span, message).at(item.pointer.clone())
}
