//! Importer of PlantUML state diagrams.
//!
//! Everything that says where an entity can be and go is read; what only says how the picture looks is a loss. The
//! preprocessor is not run: what it would bring in is a loss, and what it would change in the text is refused. So are
//! other kinds of diagrams, at the line that shows what they are. What the shapes and arrows mean is decided in
//! [`sketch`](crate::sketch).

mod arrow;
mod line;
mod looks;
mod text;

use crate::notes::Notes;
use crate::sketch::{Builder, Sketch, chart, check_size};
use crate::{FormatError, ImportOptions, Imported};

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
        builder: Builder::new(notes, false),
        lines: lines(text),
        next: 0,
        last: None,
    };
    reader.document();
    reader.builder.finish()
}

/// The lines of a text without comments and the blanks around them, with the bytes at which they begin.
fn lines(text: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let mut in_comment = false;
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let begin = at;
        at += line.len() + 1;
        let begins = line.trim_start_matches(['\u{feff}', ' ', '\t', '\r']);
        let mut kept = begins.trim_end();
        let begins_comment = !in_comment && kept.starts_with("/'");
        if in_comment || begins_comment {
            in_comment = !kept.ends_with("'/");
            kept = "";
        } else if kept.starts_with('\'') {
            kept = "";
        }
        lines.push((begin + line.len() - begins.len(), kept));
    }
    lines
}

/// A diagram being read.
struct Reader<'n, 't> {
    builder: Builder<'n, 't>,
    lines: Vec<(usize, &'t str)>,
    next: usize,
    /// The box that was drawn last: a note without a name is about it.
    last: Option<usize>,
}

impl<'t> Reader<'_, 't> {
    fn document(&mut self) {
        if !self.header() {
            return;
        }
        while let Some((at, line)) = self.line() {
            if self.builder.is_stopped() {
                return;
            }
            if line.starts_with("@enduml") {
                self.footer();
                return;
            }
            self.statement(line, at);
        }
        let end = self.lines.last().map_or(0, |(at, line)| at + line.len());
        self.builder.stop(end, "`@enduml` is missing");
    }

    fn line(&mut self) -> Option<(usize, &'t str)> {
        let line = self.lines.get(self.next).copied();
        self.next += 1;
        line
    }

    fn header(&mut self) -> bool {
        while let Some((at, line)) = self.line() {
            if line.is_empty() {
                continue;
            }
            let Some(name) = line.strip_prefix("@startuml") else {
                self.builder.stop(
                    at,
                    format!("this is no PlantUML diagram: `{}`", text::short(line)),
                );
                return false;
            };
            let name = name.trim().trim_matches('"');
            let name = name
                .strip_prefix("(id=")
                .map_or(name, |id| id.trim_end_matches(')'));
            if !name.is_empty() {
                self.builder.title(text::plain(name));
            }
            return true;
        }
        self.builder.stop(0, "there is no diagram");
        false
    }

    fn footer(&mut self) {
        while let Some((at, line)) = self.line() {
            if line.starts_with("@startuml") {
                self.builder
                    .stop(at, "a second diagram begins here; import one at a time");
                return;
            }
        }
    }

    /// Lines up to one that ends a block; none if that never comes, which is refused.
    fn block(
        &mut self,
        begin: usize,
        is_end: impl Fn(&str) -> bool,
    ) -> Option<Vec<(usize, &'t str)>> {
        let mut block = Vec::new();
        while let Some((at, line)) = self.line() {
            if is_end(&line.to_ascii_lowercase()) {
                return Some(block);
            }
            block.push((at, line));
        }
        self.builder.stop(begin, "what begins here is never closed");
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_left_behind() {
        let text = "a\n ' b\n/' c\nd '/\n/' e '/\n f";
        let lines: Vec<&str> = lines(text).into_iter().map(|(_, line)| line).collect();
        assert_eq!(lines, ["a", "", "", "", "", "f"]);
    }
}
