//! The pattern of `matches`: a literal, compiled with the expression, and charged by its size when it runs.
//!
//! A pattern from data would be compiled inside a step, by whoever sends the data; so it must be a literal. As in RE2,
//! whose syntax CEL names, `\d`, `\w`, `\s` and `\b` mean ASCII; `.` and `\pL` mean whole characters.

use regex::{Regex, RegexBuilder};

use super::PATTERN_BYTES_MAX;

/// Smallest size that is told apart, in bytes.
const SIZE_MIN: usize = 1024;

/// The next size that is told apart is this many times larger.
const SIZE_STEP: usize = 4;

#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// Compiled size rounded up: what one byte of text may cost in the worst case.
    size_bytes: usize,
}

impl Pattern {
    pub(super) fn compile(text: &str) -> Result<Self, String> {
        let text = with_ascii_classes(text);
        let build = |size_bytes: usize| {
            RegexBuilder::new(&text)
                .size_limit(size_bytes)
                .dfa_size_limit(PATTERN_BYTES_MAX)
                .build()
        };
        // The engine does not tell how large a program became; the smallest limit that it passes does.
        let mut size_bytes = SIZE_MIN;
        loop {
            match build(size_bytes) {
                Ok(regex) => return Ok(Self { regex, size_bytes }),
                Err(regex::Error::CompiledTooBig(_)) if size_bytes < PATTERN_BYTES_MAX => {
                    size_bytes *= SIZE_STEP;
                }
                Err(regex::Error::CompiledTooBig(_)) => {
                    return Err("the pattern is too large".to_owned());
                }
                Err(error) => {
                    let text = error.to_string();
                    let reason = text.rsplit("error: ").next().unwrap_or_default();
                    return Err(format!("not a pattern: {}", reason.trim()));
                }
            }
        }
    }

    /// Ticks that matching a text of this length may cost: its slowest engine visits every part of the program for
    /// every byte.
    pub(super) fn ticks(&self, text_bytes: usize) -> usize {
        1 + text_bytes.saturating_mul(self.size_bytes) / (16 * SIZE_MIN)
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// Writes out the classes that the engine would read as Unicode ones, which are a hundred times larger.
fn with_ascii_classes(pattern: &str) -> String {
    let mut ascii = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(first) = chars.next() {
        if first != '\\' {
            ascii.push(first);
            continue;
        }
        match chars.next() {
            Some('d') => ascii.push_str("[0-9]"),
            Some('D') => ascii.push_str("[^0-9]"),
            Some('w') => ascii.push_str("[0-9A-Za-z_]"),
            Some('W') => ascii.push_str("[^0-9A-Za-z_]"),
            Some('s') => ascii.push_str(r"[\t\n\f\r ]"),
            Some('S') => ascii.push_str(r"[^\t\n\f\r ]"),
            Some('b') => ascii.push_str(r"(?-u:\b)"),
            Some(other) => ascii.extend(['\\', other]),
            None => ascii.push('\\'),
        }
    }
    ascii
}
