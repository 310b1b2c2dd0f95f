//! Places in a text: bytes, characters, lines and columns.

/// Line and column of a byte offset, both from 1, columns in characters. Offsets past the end mean the end.
#[must_use]
pub fn line_col(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..floor_boundary(text, offset)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}

/// Byte offset of a line (from 1) and a column in bytes (from 1), as serde_json reports places.
pub(crate) fn offset_of(text: &str, line: usize, byte_column: usize) -> usize {
    let start = line_start(text, line);
    floor_boundary(text, start + byte_column.saturating_sub(1))
}

fn line_start(text: &str, line: usize) -> usize {
    let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
    match line {
        0 | 1 => 0,
        _ => breaks
            .map(|(at, _)| at + 1)
            .nth(line - 2)
            .unwrap_or(text.len()),
    }
}

/// The largest character boundary at or before `offset`.
fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The smallest character boundary at or after `offset`.
pub(super) fn ceil_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// Turns character offsets into byte offsets, in constant time each.
pub(super) struct CharOffsets {
    /// Byte offset of every character; empty if all are one byte.
    starts: Vec<usize>,
    len: usize,
}

impl CharOffsets {
    pub(super) fn new(text: &str) -> Self {
        let starts = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at).collect()
        };
        Self {
            starts,
            len: text.len(),
        }
    }

    pub(super) fn byte(&self, character: usize) -> usize {
        if self.starts.is_empty() {
            character.min(self.len)
        } else {
            self.starts.get(character).copied().unwrap_or(self.len)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(line_col("äö: x", 6), (1, 5));
        assert_eq!(line_col("a\nbc", 3), (2, 2));
        assert_eq!(line_col("a\n", 2), (2, 1));
    }

    #[test]
    fn offsets_past_the_end_and_inside_a_character_are_cut() {
        assert_eq!(line_col("ä", 1), (1, 1));
        assert_eq!(line_col("ä", 99), (1, 2));
    }

    #[test]
    fn line_and_byte_column_lead_back() {
        assert_eq!(offset_of("ab\ncd", 2, 2), 4);
        assert_eq!(offset_of("ab", 9, 9), 2);
    }
}
