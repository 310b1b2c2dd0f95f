//! Where YAML reads a text differently than it looks, and the words that say so.
//!
//! Expressions are full of characters that mean something to YAML; whoever meets that for the first time needs the
//! remedy (quotes), not the parser's point of view.

use crate::diagnostic::Span;

/// The rule, in one sentence.
pub(super) const QUOTE_RULE: &str = "an expression needs quotes when it begins with one of ! ' \" [ { * & \
    or holds `: ` or ` #`; inside { } also when it holds a comma or a bracket";

const IN_BRACES: &str = "inside { } an expression needs quotes when it holds a comma, a bracket or a brace; \
    if nothing of that is there, look for a bracket that is never closed";

/// What to do about a syntax error that the parser met at `offset` and described as `info`.
pub(super) fn syntax_help(text: &str, offset: usize, info: &str) -> String {
    if info.contains("tab") {
        return "indent with spaces".to_owned();
    }
    let line = line_before(text, offset);
    if holds_cut_quote(line) {
        return "` #` begins a comment, also inside an expression; put all of the expression in quotes".to_owned();
    }
    if let Some(('{', _)) = leading_trap(line) {
        return IN_BRACES.to_owned();
    }
    if let Some((first, reading)) = leading_trap(line) {
        return format!(
            "a value that begins with `{first}` is read as {reading}; if it is an expression, put all of it in quotes"
        );
    }
    if info.contains("mapping values are not allowed") {
        return "a value that holds `: ` is read as a mapping; put it in quotes, or check the indentation"
            .to_owned();
    }
    QUOTE_RULE.to_owned()
}

/// The line that holds `offset`, cut after the character there; the line before if `offset` begins its line.
fn line_before(text: &str, offset: usize) -> &str {
    let width = text[offset..].chars().next().map_or(0, char::len_utf8);
    let head = text[..offset + width].trim_end();
    let start = head.rfind('\n').map_or(0, |at| at + 1);
    let line = &head[start..];
    if line.trim_start().chars().count() > 1 || leading_trap(line).is_some() {
        return line;
    }
    let head = head[..start].trim_end();
    let previous = head.rfind('\n').map_or(0, |at| at + 1);
    &head[previous..]
}

/// Whether the line has a ` #` inside quotes that do not begin its value.
fn holds_cut_quote(line: &str) -> bool {
    line.match_indices(" #").any(|(at, _)| {
        let quotes = line[..at].bytes().filter(|b| *b == b'\'').count();
        quotes % 2 == 1
    })
}

/// The last value on the line that begins with a character YAML gives a meaning to, with that meaning.
fn leading_trap(line: &str) -> Option<(char, &'static str)> {
    let values = (line.match_indices([':', '-', '?']))
        .map(|(at, _)| &line[at + 1..])
        .filter(|rest| rest.starts_with(' '));
    values
        .filter_map(|rest| rest.trim_start().chars().next())
        .filter_map(|first| Some((first, reading(first)?)))
        .next_back()
}

fn reading(first: char) -> Option<&'static str> {
    Some(match first {
        '!' => "a tag",
        '&' => "an anchor",
        '*' => "a reference to an anchor",
        '\'' | '"' => "text that ends at the next quote",
        '[' => "a list",
        '{' => "a mapping",
        '@' | '`' => "a reserved sign",
        '%' => "a directive",
        '|' | '>' => "the start of a text block",
        _ => return None,
    })
}

/// Whether the plain text at `span` was cut off by ` #`, which begins a comment.
#[must_use]
pub fn cut_off_comment(text: &str, span: &Span) -> bool {
    let after = text.get(span.end..).unwrap_or_default();
    let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
    blanks > 0 && after[blanks..].starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_character_that_begins_the_value_is_named() {
        let help = syntax_help("guard: 'a' == b", 7, "invalid trailing content");
        assert!(help.contains("`'`"), "{help}");
        let help = syntax_help("on:\n  guard: [1] + x\n", 14, "did not find expected key");
        assert!(help.contains("a list"), "{help}");
    }

    #[test]
    fn other_errors_get_the_rule() {
        assert_eq!(
            syntax_help("a b", 3, "did not find expected ','"),
            QUOTE_RULE
        );
        assert!(syntax_help("a: b: c", 4, "mapping values are not allowed here").contains("`: `"));
    }

    #[test]
    fn a_comment_after_blanks_cuts_off() {
        assert!(cut_off_comment("a: b #1", &(3..4)));
        assert!(!cut_off_comment("a: b#1", &(3..6)));
        assert!(!cut_off_comment("a: b", &(3..4)));
    }
}
