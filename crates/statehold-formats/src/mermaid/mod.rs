//! Importer of Mermaid state diagrams (`stateDiagram` and `stateDiagram-v2`).
//!
//! Everything that says where an entity can be and go is read, also from what our own exports write; what only says how
//! the picture looks is a loss. Comments are left behind. A line that is not understood is refused, because it could
//! have been an arrow. What the shapes and arrows mean is decided in [`sketch`](crate::sketch).

mod line;
mod text;

use statehold_core::source::parse_yaml;

use crate::notes::Notes;
use crate::sketch::{Builder, Sketch, chart, check_size};
use crate::{FormatError, ImportOptions, Imported};

pub(crate) use text::short;

/// Makes a chart of a document.
///
/// # Errors
/// Everything that keeps the text from becoming a chart.
pub(crate) fn import(text: &str, options: &ImportOptions) -> Result<Imported, FormatError> {
    check_size(text)?;
    let mut notes = Notes::new(text);
    let sketch = read(text, &mut notes);
    chart(sketch, notes, options)
}

fn read<'t>(text: &'t str, notes: &mut Notes<'t>) -> Sketch {
    let mut reader = Reader {
        builder: Builder::new(notes, true),
        text,
        lines: lines(text),
        next: 0,
    };
    reader.document();
    reader.builder.finish()
}

/// The lines of a text without the blanks around them, with the bytes at which they begin.
fn lines(text: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let begins = line.trim_start_matches(['\u{feff}', ' ', '\t', '\r']);
        lines.push((at + line.len() - begins.len(), begins.trim_end()));
        at += line.len() + 1;
    }
    lines
}

/// A diagram being read.
struct Reader<'n, 't> {
    builder: Builder<'n, 't>,
    text: &'t str,
    lines: Vec<(usize, &'t str)>,
    next: usize,
}

impl<'t> Reader<'_, 't> {
    fn document(&mut self) {
        self.front_matter();
        if !self.header() {
            return;
        }
        while let Some((at, line)) = self.line() {
            if self.builder.is_stopped() {
                return;
            }
            self.statement(line, at);
        }
    }

    fn line(&mut self) -> Option<(usize, &'t str)> {
        let line = self.lines.get(self.next).copied();
        self.next += 1;
        line
    }

    /// The next line that is not empty, without taking it.
    fn peek(&mut self) -> Option<(usize, &'t str)> {
        while self
            .lines
            .get(self.next)
            .is_some_and(|(_, line)| line.is_empty())
        {
            self.next += 1;
        }
        self.lines.get(self.next).copied()
    }

    /// `---`, YAML, `---` in front of the diagram.
    fn front_matter(&mut self) {
        let Some((begin, "---")) = self.peek() else {
            return;
        };
        let first = self.next + 1;
        let Some(length) = self.lines[first..]
            .iter()
            .position(|(_, line)| *line == "---")
        else {
            self.builder.stop(begin, "the front matter is never closed");
            return;
        };
        self.next = first + length + 1;
        let inner: Vec<&str> = self.lines[first..first + length]
            .iter()
            .map(|(_, line)| *line)
            .collect();
        for at in first..first + length {
            let (at, line) = self.lines[at];
            let is_nested = self.indent(at) > self.indent(begin);
            let key = line.split(':').next().unwrap_or_default();
            if !is_nested && !line.is_empty() && key != "title" && !line.starts_with('#') {
                self.builder.notes.loss(
                    at,
                    "front matter",
                    format!("`{key}` is about the picture only"),
                );
            }
        }
        let title = inner.iter().find(|line| line.starts_with("title:"));
        let title = title.and_then(|line| parse_yaml(line).ok());
        let title = title.and_then(|node| node.get("title")?.as_str().map(str::to_owned));
        if let Some(title) = title {
            self.builder.title(title);
        }
    }

    /// Blanks in front of a line.
    fn indent(&self, at: usize) -> usize {
        at - self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    fn header(&mut self) -> bool {
        while let Some((at, line)) = self.peek() {
            self.next += 1;
            if line.starts_with("%%{") {
                self.directive(line, at);
                continue;
            }
            if line.starts_with("%%") {
                continue;
            }
            let word = line.split_whitespace().next().unwrap_or_default();
            if word.eq_ignore_ascii_case("stateDiagram")
                || word.eq_ignore_ascii_case("stateDiagram-v2")
            {
                let rest = line[word.len()..].trim_start();
                if !rest.is_empty() {
                    self.statement(rest, at + line.len() - rest.len());
                }
                return true;
            }
            self.builder.stop(
                at,
                format!("this is no state diagram: `{}`", text::short(line)),
            );
            return false;
        }
        self.builder.stop(0, "there is no state diagram");
        false
    }

    /// `%%{init: ...}%%`, which may go over several lines.
    fn directive(&mut self, line: &str, at: usize) {
        self.builder
            .notes
            .loss(at, "directive", "it is about the picture only");
        let mut is_closed = line.contains("}%%");
        while !is_closed {
            match self.line() {
                Some((_, line)) => is_closed = line.contains("}%%"),
                None => {
                    self.builder.stop(at, "the directive is never closed");
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_their_bytes() {
        assert_eq!(
            lines("a\r\n  b \n\nä"),
            [(0, "a"), (5, "b"), (8, ""), (9, "ä")]
        );
    }
}
