//! The pattern of `matches`: a literal, compiled with the expression, and charged by its size when it runs.
//!
//! A pattern from data would be compiled inside a step, by whoever sends the data; so it must be a literal.

use regex::{Regex, RegexBuilder};

use super::PATTERN_BYTES_MAX;

/// Smallest size that is told apart, in bytes.
const SIZE_STEP_MIN: usize = 1024;

#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// Compiled size rounded up to a power of two: what one byte of text may cost in the worst case.
    size_bytes: usize,
}

impl Pattern {
    pub(super) fn compile(text: &str) -> Result<Self, String> {
        let build = |size_bytes: usize| {
            RegexBuilder::new(text)
                .size_limit(size_bytes)
                .dfa_size_limit(PATTERN_BYTES_MAX)
                .build()
        };
        // The engine does not tell how large a program became; the smallest limit that it passes does.
        let mut size_bytes = SIZE_STEP_MIN;
        loop {
            match build(size_bytes) {
                Ok(regex) => return Ok(Self { regex, size_bytes }),
                Err(regex::Error::CompiledTooBig(_)) if size_bytes < PATTERN_BYTES_MAX => {
                    size_bytes *= 2;
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
        1 + text_bytes.saturating_mul(self.size_bytes) / (16 * SIZE_STEP_MIN)
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}
