//! Tells code from comments and string contents in Rust text.
//!
//! A rule about calls must not stumble over a sentence that mentions one, and a rule about SQL must
//! look only at strings. Both views have the length of the original, so an offset means the same place
//! in all three. This is not a parser: it knows comments, literals and braces, nothing else.

use std::ops::Range;

/// A Rust file seen three ways.
#[derive(Debug)]
pub struct RustText<'a> {
    /// The file as it is.
    pub text: &'a str,
    /// Code only: comments and the contents of literals are spaces.
    pub code: String,
    /// Contents of string literals only: everything else is spaces.
    pub strings: String,
}

/// What a run of bytes is.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Code,
    Comment,
    String,
    Char,
}

impl<'a> RustText<'a> {
    /// Splits a file into its views.
    #[must_use]
    pub fn new(text: &'a str) -> RustText<'a> {
        let mut code = blank(text);
        let mut strings = blank(text);
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let (kind, end) = next_run(bytes, at);
            match kind {
                Kind::Code => code[at..end].copy_from_slice(&bytes[at..end]),
                Kind::String => strings[at..end].copy_from_slice(&bytes[at..end]),
                Kind::Comment | Kind::Char => {}
            }
            at = end;
        }
        let text_of = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        RustText {
            text,
            code: text_of(code),
            strings: text_of(strings),
        }
    }

    /// Byte ranges of items that exist only in test builds (`#[cfg(test)]`).
    #[must_use]
    pub fn test_items(&self) -> Vec<Range<usize>> {
        let starts = self
            .code
            .match_indices("#[cfg(test)]")
            .map(|(start, _)| start);
        starts
            .map(|start| start..item_end(&self.code, start))
            .collect()
    }

    /// Offsets where `token` stands in `view` and is not part of a longer name.
    pub fn tokens<'v>(view: &'v str, token: &'v str) -> impl Iterator<Item = usize> + 'v {
        let bytes = view.as_bytes();
        view.match_indices(token)
            .map(|(start, _)| start)
            .filter(move |start| {
                let end = start + token.len();
                let before =
                    token.starts_with(is_name) && *start > 0 && is_name_byte(bytes[start - 1]);
                let after = token.ends_with(is_name)
                    && bytes.get(end).is_some_and(|byte| is_name_byte(*byte));
                !before && !after
            })
    }
}

fn blank(text: &str) -> Vec<u8> {
    text.bytes()
        .map(|byte| if byte == b'\n' { b'\n' } else { b' ' })
        .collect()
}

/// The kind of the run that starts at `at`, and where it ends. A run is never empty.
fn next_run(bytes: &[u8], at: usize) -> (Kind, usize) {
    let rest = &bytes[at..];
    if rest.starts_with(b"//") {
        return (
            Kind::Comment,
            at + rest
                .iter()
                .position(|byte| *byte == b'\n')
                .unwrap_or(rest.len()),
        );
    }
    if rest.starts_with(b"/*") {
        return (Kind::Comment, block_comment_end(bytes, at));
    }
    if rest[0] == b'"' {
        return (Kind::String, quoted_end(bytes, at));
    }
    if rest[0] == b'\'' {
        return char_or_lifetime(bytes, at);
    }
    if !is_name_byte(rest[0]) {
        return (Kind::Code, at + 1);
    }
    let length = rest
        .iter()
        .position(|byte| !is_name_byte(*byte))
        .unwrap_or(rest.len());
    match &rest[..length] {
        b"r" | b"br" | b"cr" => match raw_string_end(bytes, at + length) {
            Some(end) => (Kind::String, end),
            None => (Kind::Code, at + length),
        },
        _ => (Kind::Code, at + length),
    }
}

fn block_comment_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// The end of a raw string whose `#`s or quote start at `at`; `None` when it is no raw string.
fn raw_string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let hashes = bytes[at..].iter().take_while(|byte| **byte == b'#').count();
    if bytes.get(at + hashes) != Some(&b'"') {
        return None;
    }
    let body = at + hashes + 1;
    let closing: Vec<u8> = std::iter::once(b'"')
        .chain(std::iter::repeat_n(b'#', hashes))
        .collect();
    let length = bytes[body..]
        .windows(closing.len())
        .position(|window| window == closing);
    Some(length.map_or(bytes.len(), |length| body + length + closing.len()))
}

fn char_or_lifetime(bytes: &[u8], at: usize) -> (Kind, usize) {
    let Some(first) = bytes.get(at + 1) else {
        return (Kind::Code, at + 1);
    };
    if *first == b'\\' {
        return (Kind::Char, quoted_end(bytes, at));
    }
    let width = match first {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    };
    if bytes.get(at + 1 + width) == Some(&b'\'') {
        (Kind::Char, at + 2 + width)
    } else {
        (Kind::Code, at + 1)
    }
}

/// The end of the item whose attributes start at `start`: its matching brace, or its semicolon.
fn item_end(code: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return offset + 1,
            b'}' => depth -= 1,
            b';' if depth == 0 => return offset + 1,
            _ => {}
        }
    }
    code.len()
}

fn is_name(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

fn is_name_byte(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(view: &str) -> Vec<&str> {
        view.split_whitespace().collect()
    }

    #[test]
    fn comments_are_neither_code_nor_string() {
        let seen = RustText::new("a // \"b\" c\n/* d /* e */ f */ g");
        assert_eq!(words(&seen.code), ["a", "g"]);
        assert!(words(&seen.strings).is_empty());
    }

    #[test]
    fn strings_of_every_kind_are_strings() {
        let seen = RustText::new(r####"f("a \" b", r#"c " d"#, b"e", br"f", r"g\")h"####);
        assert_eq!(
            words(&seen.strings).join(" "),
            r####""a \" b" r#"c " d"# "e" br"f" r"g\""####
        );
        assert_eq!(words(&seen.code), ["f(", ",", ",", "b", ",", ",", ")h"]);
    }

    #[test]
    fn a_quote_as_a_char_opens_no_string_and_a_lifetime_no_char() {
        let seen = RustText::new("let q = '\"'; fn f<'a>(x: &'a str) { g('\\'', 'é', 'x') }");
        assert!(words(&seen.strings).is_empty());
        assert!(seen.code.contains("&'a str"));
        assert!(!seen.code.contains('é'));
    }

    #[test]
    fn raw_names_are_code() {
        assert_eq!(RustText::new("r#type").code, "r#type");
    }

    #[test]
    fn views_keep_offsets_and_lines() {
        let text = "é \"ü\n\" x";
        let seen = RustText::new(text);
        assert_eq!(
            (seen.code.len(), seen.strings.len()),
            (text.len(), text.len())
        );
        assert_eq!(seen.code.find('x'), text.find('x'));
        assert_eq!(seen.code.lines().count(), 2);
    }

    #[test]
    fn unfinished_text_ends_without_panic() {
        for text in [
            "\"abc",
            "r##\"abc\"#",
            "/* a",
            "'",
            "'\\",
            "\"\\",
            "b",
            "#[cfg(test)] mod t {",
        ] {
            let seen = RustText::new(text);
            assert_eq!(seen.code.len(), text.len());
            assert!(seen.test_items().len() <= 1);
        }
    }

    #[test]
    fn test_items_reach_to_their_matching_brace() {
        let text = "fn a() {}\n#[cfg(test)]\nmod t { fn b() { \"}\"; } }\nfn c() {}";
        let seen = RustText::new(text);
        let items = seen.test_items();
        assert_eq!(items.len(), 1);
        assert!(text[items[0].clone()].ends_with("} }"));
        let elsewhere = "#[cfg(test)] mod t; fn c() {}";
        let items = RustText::new(elsewhere).test_items();
        assert_eq!(elsewhere[items[0].clone()], *"#[cfg(test)] mod t;");
    }

    #[test]
    fn tokens_are_whole_names() {
        let found = |view, token| RustText::tokens(view, token).count();
        assert_eq!(found("std::env::var; std::environment", "std::env"), 1);
        assert_eq!(found("a_dbg!(x) dbg!(y)", "dbg!("), 1);
    }
}
