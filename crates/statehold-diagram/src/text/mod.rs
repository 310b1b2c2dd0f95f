//! Text in pictures: what may be shown at all, how wide it is, and how it breaks into lines.
//!
//! Everything shown comes from a chart, and a chart may come from anyone. Text is cleaned once, when the picture is
//! built; nothing here knows markup of any format.

mod width;
mod wrap;

pub use width::{Weight, width};
pub use wrap::{Line, Piece, Tone, wrap};

/// Longest text shown anywhere, in characters. A label longer than this is a document.
pub const SHOWN_CHARS_MAX: usize = 300;

/// The text on one line, without characters that no format can carry or that would make it read as another text, cut
/// off at [`SHOWN_CHARS_MAX`].
#[must_use]
pub fn clean(text: &str) -> String {
    clip(text, SHOWN_CHARS_MAX)
}

/// As [`clean`], cut off at `chars_max`.
#[must_use]
pub fn clip(text: &str, chars_max: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    // Runs of white space become one blank: that is how every format shows them anyway.
    for c in text
        .split_whitespace()
        .flat_map(|word| [' '].into_iter().chain(word.chars()))
        .skip(1)
    {
        if count + 1 == chars_max {
            out.push('…');
            break;
        }
        if let Some(c) = shown(c) {
            out.push(c);
            count += 1;
        }
    }
    out
}

/// Nothing for characters that are dropped.
fn shown(c: char) -> Option<char> {
    match c {
        // Controls, and the two characters XML forbids.
        c if c.is_control() => Some('\u{fffd}'),
        '\u{fffe}' | '\u{ffff}' => Some('\u{fffd}'),
        // Bidirectional controls let a text read as another one; zero-width characters hide in names.
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_of_any_kind_becomes_one_blank() {
        assert_eq!(clean("  a \n\t b\u{2028}c "), "a b c");
    }

    #[test]
    fn characters_that_hide_or_turn_text_are_dropped() {
        assert_eq!(clean("pay\u{202e}dnufer\u{200b}"), "paydnufer");
        assert_eq!(clean("a\u{0}b"), "a\u{fffd}b");
    }

    #[test]
    fn long_text_is_cut_off_with_a_mark() {
        let text = clip(&"x".repeat(1_000), 10);
        assert_eq!(text.chars().count(), 10);
        assert!(text.ends_with('…'));
        assert_eq!(clip("0123456789", 10), "012345678…");
        assert_eq!(clip("012345678", 10), "012345678");
    }
}
