//! Breaking text of several tones into lines.
//!
//! A piece that has room on a line of its own is kept together. Breaks fall at blanks, else after a character that joins
//! words in names and expressions (`.`, `_`, `,`, `(`), else before a capital letter inside a name, else anywhere. Text that does not fit into the lines allowed ends in `…`; nothing is ever wider than allowed.

use super::width::{Weight, width};

/// What a piece of text is, which decides how it is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tone {
    /// The event a transition waits for, or the name of a state.
    Strong,
    /// A condition.
    Guard,
    /// What is done.
    Action,
    /// Words for people.
    Muted,
}

impl Tone {
    fn weight(self) -> Weight {
        match self {
            Self::Strong => Weight::Bold,
            Self::Guard | Self::Action | Self::Muted => Weight::Regular,
        }
    }
}

/// Text of one tone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// What it is.
    pub tone: Tone,
}

impl Piece {
    /// Text of a tone.
    #[must_use]
    pub fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self {
            text: text.into(),
            tone,
        }
    }

    fn width(&self, size: f64) -> f64 {
        width(&self.text, size, self.tone.weight())
    }
}

/// One line of text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// From left to right, blanks included.
    pub pieces: Vec<Piece>,
}

impl Line {
    /// Width at a font size.
    #[must_use]
    pub fn width(&self, size: f64) -> f64 {
        self.pieces.iter().map(|piece| piece.width(size)).sum()
    }

    fn push(&mut self, text: &str, tone: Tone) {
        match self.pieces.last_mut() {
            Some(last) if last.tone == tone => last.text.push_str(text),
            _ => self.pieces.push(Piece::new(text, tone)),
        }
    }

    /// Drops what stands at the end until the mark fits, and sets it.
    fn close(&mut self, size: f64, width_max: f64) {
        let tone = self.pieces.last().map_or(Tone::Muted, |piece| piece.tone);
        let mark = Piece::new("…", tone).width(size);
        while self.width(size) + mark > width_max {
            let Some(last) = self.pieces.last_mut() else {
                break;
            };
            if last.text.pop().is_none() {
                self.pieces.pop();
            }
        }
        self.push("…", tone);
    }

    fn trim_end(&mut self) {
        while let Some(last) = self.pieces.last_mut() {
            let kept = last.text.trim_end().len();
            last.text.truncate(kept);
            if kept > 0 {
                break;
            }
            self.pieces.pop();
        }
    }
}

/// The pieces in lines of at most `width_max`, at most `lines_max` of them.
#[must_use]
pub fn wrap(pieces: &[Piece], size: f64, width_max: f64, lines_max: usize) -> Vec<Line> {
    let mut lines = vec![Line::default()];
    let mut used = 0.0;
    for piece in pieces {
        let whole = width(piece.text.trim(), size, piece.tone.weight());
        if used > 0.0 && used + piece.width(size) > width_max && whole <= width_max {
            lines.push(Line::default());
            used = 0.0;
        }
        for word in words(&piece.text, piece.tone, size, width_max) {
            let weight = piece.tone.weight();
            if used > 0.0 && used + width(word.trim_end(), size, weight) > width_max {
                lines.push(Line::default());
                used = 0.0;
            }
            let word = if used > 0.0 { word } else { word.trim_start() };
            if let Some(line) = lines.last_mut() {
                line.push(word, piece.tone);
            }
            used += width(word, size, weight);
        }
    }
    let cut = lines.len() > lines_max;
    lines.truncate(lines_max);
    for line in &mut lines {
        line.trim_end();
    }
    if cut && let Some(last) = lines.last_mut() {
        last.close(size, width_max);
    }
    lines.retain(|line| !line.pieces.is_empty());
    lines
}

/// The text in pieces between which a line may end, none of them wider than a line.
fn words(text: &str, tone: Tone, size: f64, width_max: f64) -> Vec<&str> {
    let mut words = Vec::new();
    for word in between_blanks(text) {
        if width(word.trim_end(), size, tone.weight()) <= width_max {
            words.push(word);
            continue;
        }
        for part in after_joints(word) {
            for part in before_capitals(part, width(part, size, tone.weight()) > width_max) {
                chop(part, tone, size, width_max, &mut words);
            }
        }
    }
    words
}

/// The text in pieces that end in a blank; a slash alone stays with what it introduces.
fn between_blanks(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(' ') {
        let word = &text[start..=at];
        if !matches!(word.trim(), "" | "/") {
            words.push(word);
            start = at + 1;
        }
    }
    words.push(&text[start..]);
    words
}

/// A long word in the parts that its joints make. What is left at the end stays with the part before if it is short:
/// a line of nothing but `.*` reads like a mistake.
fn after_joints(word: &str) -> Vec<&str> {
    const SHORT: usize = 2;
    let mut parts: Vec<&str> = (word.split_inclusive(['.', '_', ',', '(', '/', '-'])).collect();
    if let [.., before, last] = &parts[..]
        && last.trim_end().chars().count() <= SHORT
    {
        let end = before.len() + last.len();
        parts.truncate(parts.len() - 2);
        parts.push(&word[word.len() - end..]);
    }
    parts
}

/// A name like `isCustomerKnown` in its words, if it `must` be broken at all.
fn before_capitals(text: &str, must: bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut was_small = false;
    for (at, c) in text.char_indices().filter(|_| must) {
        if was_small && c.is_uppercase() {
            parts.push(&text[start..at]);
            start = at;
        }
        was_small = c.is_lowercase() || c.is_numeric();
    }
    parts.push(&text[start..]);
    parts
}

fn chop<'t>(mut text: &'t str, tone: Tone, size: f64, width_max: f64, words: &mut Vec<&'t str>) {
    while width(text, size, tone.weight()) > width_max {
        let mut end = 0;
        for (at, c) in text.char_indices() {
            let next = at + c.len_utf8();
            if width(&text[..next], size, tone.weight()) > width_max {
                break;
            }
            end = next;
        }
        if end == 0 {
            // Not even one character fits: a line of nothing would never end.
            break;
        }
        let (head, tail) = text.split_at(end);
        words.push(head);
        text = tail;
    }
    words.push(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[Line]) -> Vec<String> {
        lines
            .iter()
            .map(|line| {
                line.pieces
                    .iter()
                    .map(|piece| piece.text.as_str())
                    .collect()
            })
            .collect()
    }

    fn guard(text: &str) -> Vec<Piece> {
        vec![
            Piece::new("packed ", Tone::Strong),
            Piece::new(text, Tone::Guard),
        ]
    }

    #[test]
    fn lines_break_at_blanks() {
        let lines = wrap(
            &guard("[ctx.parcels + 1 >= size(ctx.items)]"),
            10.0,
            140.0,
            5,
        );
        assert_eq!(
            texts(&lines),
            ["packed [ctx.parcels + 1", ">= size(ctx.items)]"]
        );
    }

    #[test]
    fn a_word_wider_than_a_line_breaks_inside() {
        let lines = wrap(
            &guard("in_state('processing.fulfilment.shipped')"),
            10.0,
            120.0,
            9,
        );
        assert!(lines.len() > 1);
        for line in &lines {
            assert!(line.width(10.0) <= 120.0, "{line:?}");
        }
        assert_eq!(
            texts(&lines).concat(),
            "packed in_state('processing.fulfilment.shipped')"
        );
    }

    #[test]
    fn a_long_name_breaks_before_a_capital() {
        let lines = wrap(
            &[Piece::new("[isReportOfTheRegionCompleted]", Tone::Guard)],
            10.0,
            110.0,
            9,
        );
        assert_eq!(texts(&lines), ["[isReportOfThe", "RegionCompleted]"]);
    }

    #[test]
    fn a_short_end_of_a_word_is_not_left_alone() {
        let lines = wrap(
            &[Piece::new("event_of_the_state.*", Tone::Guard)],
            10.0,
            102.0,
            9,
        );
        assert_eq!(texts(&lines), ["event_of_the_", "state.*"]);
    }

    #[test]
    fn a_piece_with_room_on_its_own_line_is_kept_together() {
        let pieces = [
            Piece::new("done: charge_card", Tone::Strong),
            Piece::new(" / set paid_at", Tone::Action),
        ];
        let lines = wrap(&pieces, 10.0, 150.0, 9);
        assert_eq!(texts(&lines), ["done: charge_card", "/ set paid_at"]);
    }

    #[test]
    fn too_many_lines_end_in_a_mark() {
        let lines = wrap(&guard(&"x ".repeat(500)), 10.0, 100.0, 3);
        assert_eq!(lines.len(), 3);
        assert!(texts(&lines)[2].ends_with('…'));
        assert!(lines[2].width(10.0) <= 100.0);
    }

    #[test]
    fn nothing_gives_no_line() {
        assert!(wrap(&[], 10.0, 100.0, 3).is_empty());
        assert!(wrap(&[Piece::new("", Tone::Muted)], 10.0, 100.0, 3).is_empty());
    }
}
