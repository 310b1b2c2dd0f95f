//! The pattern of `matches`: a literal, compiled with the expression, and charged by its size when it runs.
//!
//! A pattern from data would be compiled inside a step, by whoever sends the data; so it must be a literal. As in RE2,
//! whose syntax CEL names, `\d`, `\w`, `\s` and `\b` mean ASCII; `.` and `\pL` mean whole characters.

use regex::{Regex, RegexBuilder};

use super::PATTERN_BYTES_MAX;

/// Positions of a pattern that are followed for one byte at the cost of one tick, in the engine's slowest mode.
const POSITIONS_PER_TICK: usize = 8;

#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// How many places of the pattern the engine may have to follow at once.
    positions: usize,
}

impl Pattern {
    pub(super) fn compile(text: &str) -> Result<Self, String> {
        let ascii = with_ascii_classes(text);
        let regex = RegexBuilder::new(&ascii)
            .size_limit(PATTERN_BYTES_MAX)
            .dfa_size_limit(PATTERN_BYTES_MAX)
            .build();
        match regex {
            Ok(regex) => Ok(Self {
                regex,
                positions: positions(text),
            }),
            Err(regex::Error::CompiledTooBig(_)) => Err("the pattern is too large".to_owned()),
            Err(error) => {
                let text = error.to_string();
                let reason = text.rsplit("error: ").next().unwrap_or_default();
                Err(format!("not a pattern: {}", reason.trim()))
            }
        }
    }

    /// Ticks that matching a text of this length may cost.
    pub(super) fn ticks(&self, text_bytes: usize) -> usize {
        text_bytes.saturating_mul(1 + self.positions / POSITIONS_PER_TICK)
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// Places of a pattern where a character can stand, repetitions counted out: `a[bc]{3}` has four.
fn positions(pattern: &str) -> usize {
    let mut groups = vec![Group::default()];
    let mut rest = pattern.chars();
    while let Some(first) = rest.next() {
        match first {
            '(' => groups.push(Group::default()),
            ')' if groups.len() > 1 => {
                let inside = groups.pop().map_or(0, |group| group.sum);
                item(&mut groups, inside);
            }
            '{' => {
                if let Some((times, after)) = repetition(rest.as_str()) {
                    rest = after.chars();
                    if let Some(group) = groups.last_mut() {
                        let more = group.last.saturating_mul(times.saturating_sub(1));
                        group.sum = group.sum.saturating_add(more);
                        group.last = group.last.saturating_add(more);
                    }
                }
            }
            '[' => {
                rest = after_class(rest.as_str()).chars();
                item(&mut groups, 1);
            }
            '\\' => {
                rest.next();
                item(&mut groups, 1);
            }
            '*' | '+' | '?' | '|' | '^' | '$' => {}
            _ => item(&mut groups, 1),
        }
    }
    groups
        .iter()
        .fold(0, |sum, group| sum.saturating_add(group.sum))
}

/// Positions inside a bracket so far, and those of the last item, which a repetition multiplies.
#[derive(Default)]
struct Group {
    sum: usize,
    last: usize,
}

fn item(groups: &mut [Group], positions: usize) {
    if let Some(group) = groups.last_mut() {
        group.sum = group.sum.saturating_add(positions);
        group.last = positions;
    }
}

/// The largest count of `n}`, `n,}` or `n,m}`, and what follows.
fn repetition(text: &str) -> Option<(usize, &str)> {
    let (counts, after) = text.split_once('}')?;
    let (least, most) = counts.split_once(',').unwrap_or((counts, counts));
    let least: usize = least.trim().parse().ok()?;
    let most = match most.trim() {
        "" => least.saturating_add(1),
        most => most.parse().ok()?,
    };
    Some((least.max(most), after))
}

/// What follows a `[class]`, which may hold others and begin with `]`.
fn after_class(text: &str) -> &str {
    let mut depth = 1_usize;
    let mut chars = text.char_indices();
    let mut is_first = true;
    while let Some((index, char)) = chars.next() {
        match char {
            '\\' => {
                chars.next();
            }
            '[' => depth += 1,
            '^' if is_first => continue,
            ']' if is_first => {}
            ']' => {
                depth -= 1;
                if depth == 0 {
                    return &text[index + 1..];
                }
            }
            _ => {}
        }
        is_first = false;
    }
    ""
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

#[cfg(test)]
mod tests {
    use super::positions;

    #[test]
    fn positions_count_repetitions_out() {
        for (pattern, expected) in [
            ("", 0),
            ("abc", 3),
            ("a[bc]{3}", 4),
            ("(ab){2,5}c", 11),
            ("(a{10}){10}", 100),
            (r"\d{3}\{2}", 6),
            ("[]a]{2}[^]b[:alpha:]]", 3),
            ("a{2,}", 3),
            ("a{x}", 3),
            (r"[\]]{4}", 4),
            ("((", 0),
            (")", 1),
            ("a{99999999999999999999}", 22),
        ] {
            assert_eq!(positions(pattern), expected, "{pattern}");
        }
        assert_eq!(
            positions(&"(".repeat(9).replace('(', "(a{1000}){1000}")),
            9_000_000
        );
    }
}
