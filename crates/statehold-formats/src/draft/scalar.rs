//! Scalars in YAML: without quotes where every reader takes them for the same text, else with quotes.
//!
//! Our own reader follows the core schema of YAML 1.2; files are read by others too, so what YAML 1.1 would take for a
//! truth value, a number or a date is quoted as well.

use std::fmt::Write as _;

/// A text as a value; `flow` says that it stands inside brackets.
pub(super) fn text(text: &str, flow: bool) -> String {
    if is_plain(text, flow) {
        return text.to_owned();
    }
    let needs_escapes = text.chars().any(is_special);
    if !needs_escapes && !text.contains(['"', '\\']) {
        return format!("\"{text}\"");
    }
    if !needs_escapes && !text.contains('\'') {
        return format!("'{text}'");
    }
    escaped(text)
}

/// A text as a key. `on` is one that every reader of charts and of CI files knows.
pub(super) fn key(name: &str, flow: bool) -> String {
    if name == "on" {
        return name.to_owned();
    }
    text(name, flow)
}

/// Whether a text of several lines can stand as a block: every line reads back as it is.
pub(super) fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let lines_fit = body.lines().all(|line| {
        !line.starts_with(' ') && !line.ends_with([' ', '\t']) && !line.chars().any(is_special)
    });
    body.contains('\n')
        && lines_fit
        && !body.starts_with('\n')
        && !body.ends_with('\n')
        && !body.contains('\r')
}

/// Whether the text may stand without quotes.
fn is_plain(text: &str, flow: bool) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let begins_well = !"-?:,[]{}#&*!|>'\"%@`=<~.+".contains(first) || is_signed_word(text);
    let ends_well = !text.ends_with([' ', ':']) && !text.starts_with(' ');
    let marks = [": ", " #", ":\t", "\t#"];
    begins_well
        && ends_well
        && !marks.iter().any(|mark| text.contains(mark))
        && !text.chars().any(is_special)
        && !(flow && (text.contains([',', '[', ']', '{', '}', ':']) || text.ends_with(['-', '?'])))
        && !is_taken_for_something(text)
}

/// `.x` and `-x` (targets, words) are plain; `-`, `...` and numbers are not.
fn is_signed_word(text: &str) -> bool {
    let mut chars = text.chars();
    matches!(chars.next(), Some('.' | '-')) && chars.next().is_some_and(|c| c.is_ascii_alphabetic())
}

/// Characters that only escapes can say without doubt.
fn is_special(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{85}' | '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}'
        )
        || ('\u{200b}'..='\u{200f}').contains(&c)
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
        || ('\u{fff0}'..='\u{ffff}').contains(&c)
}

/// Whether some reader of YAML takes the word for nothing, a truth value, a number or a date.
fn is_taken_for_something(text: &str) -> bool {
    // YAML 1.1 also names `y` and `n`, but its readers leave these alone.
    const WORDS: [&str; 7] = ["null", "true", "false", "yes", "no", "on", "off"];
    let lower = text.to_ascii_lowercase();
    if WORDS.contains(&lower.as_str()) || matches!(lower.as_str(), ".inf" | ".nan" | "-.inf") {
        return true;
    }
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let is_number_like = text
        .bytes()
        .all(|b| b.is_ascii_hexdigit() || b"xXoObB_.+-:eETtZ ".contains(&b));
    text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+' || c == '.')
        && digits(text) > 0
        && is_number_like
        && !is_length_of_time(text)
}

/// `48h`, `30d`: no reader takes them for a number, though `d`, `b` and `e` are hexadecimal digits.
fn is_length_of_time(text: &str) -> bool {
    text.ends_with('d')
        && text.len() > 1
        && text[..text.len() - 1].bytes().all(|b| b.is_ascii_digit())
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // No reader of charts lets U+0000 through, and no store keeps it.
            '\0' => out.push('\u{fffd}'),
            c if is_special(c) => {
                let code = u32::from(c);
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02x}"),
                    0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
