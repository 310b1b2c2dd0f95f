//! [`Form`] to text: short things on one line in braces, long things by indentation, comments above what they are about.

use std::fmt::Write as _;

use serde_json::{Number, Value};

use super::scalar;

/// A line that is not longer than this may hold a whole mapping in braces.
const WIDTH: usize = 100;

/// Braces nest at most this deep on one line.
const FLOW_DEPTH: usize = 4;

/// Longest line of comment, in characters.
const COMMENT_CHARS: usize = 200;

/// Most lines of one comment.
const COMMENT_LINES: usize = 50;

/// A tree of YAML to be written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Form {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Part>),
    Map(Vec<(String, Part)>),
}

/// A value with what stands above it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    pub(crate) form: Form,
    pub(crate) comments: Vec<String>,
    /// Never in braces, though it might fit.
    pub(crate) open: bool,
}

impl Part {
    pub(crate) fn new(form: Form) -> Self {
        Self {
            form,
            comments: Vec::new(),
            open: false,
        }
    }

    pub(crate) fn open(form: Form) -> Self {
        Self {
            open: true,
            ..Self::new(form)
        }
    }

    pub(crate) fn comments(mut self, lines: &[String]) -> Self {
        self.comments.extend_from_slice(lines);
        self
    }
}

impl From<&Value> for Form {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::List(
                items
                    .iter()
                    .map(|item| Part::new(Self::from(item)))
                    .collect(),
            ),
            Value::Object(entries) => Self::Map(
                (entries.iter())
                    .map(|(key, value)| (key.clone(), Part::new(Self::from(value))))
                    .collect(),
            ),
        }
    }
}

/// The whole text of a file.
pub(super) fn document(comments: &[String], entries: &[(String, Part)]) -> String {
    let mut writer = Writer { out: String::new() };
    writer.comments(comments, 0);
    writer.map(entries, 0);
    writer.out
}

struct Writer {
    out: String,
}

impl Writer {
    fn map(&mut self, entries: &[(String, Part)], indent: usize) {
        for (at, (key, part)) in entries.iter().enumerate() {
            // The first line of a list item continues the line of its dash.
            let continues = at == 0 && self.out.ends_with("- ");
            if !continues {
                self.comments(&part.comments, indent);
                self.pad(indent);
            }
            self.out.push_str(&scalar::key(key, false));
            self.out.push(':');
            self.value(part, indent);
        }
    }

    fn list(&mut self, items: &[Part], indent: usize) {
        for item in items {
            self.comments(&item.comments, indent);
            self.pad(indent);
            self.out.push('-');
            match &item.form {
                // A comment cannot stand behind the dash.
                Form::Map(entries) if self.flow_of(item, 1).is_none() && !entries.is_empty() => {
                    self.out.push(' ');
                    if let Some((_, first)) =
                        entries.first().filter(|(_, p)| !p.comments.is_empty())
                    {
                        let lines = first.comments.clone();
                        self.out.truncate(self.out.len() - indent - 2);
                        self.comments(&lines, indent);
                        self.pad(indent);
                        self.out.push_str("- ");
                    }
                    self.map(entries, indent + 2);
                }
                _ => self.value(item, indent),
            }
        }
    }

    /// What stands behind `key:` or `-`.
    fn value(&mut self, part: &Part, indent: usize) {
        if let Form::Text(text) = &part.form
            && scalar::is_block(text)
        {
            self.block(text, indent + 2);
            return;
        }
        if let Some(line) = self.flow_of(part, 1) {
            let _ = writeln!(self.out, " {line}");
            return;
        }
        self.out.push('\n');
        match &part.form {
            Form::Map(entries) => self.map(entries, indent + 2),
            Form::List(items) => self.list(items, indent + 2),
            _ => {}
        }
    }

    /// The value on the rest of this line, if it may stand there.
    fn flow_of(&self, part: &Part, blanks: usize) -> Option<String> {
        let is_scalar = !matches!(part.form, Form::List(_) | Form::Map(_));
        let is_empty = match &part.form {
            Form::List(items) => items.is_empty(),
            Form::Map(entries) => entries.is_empty(),
            _ => false,
        };
        if is_scalar {
            return Some(scalar_text(&part.form, false));
        }
        if part.open && !is_empty {
            return None;
        }
        let line_start = self.out.rfind('\n').map_or(0, |at| at + 1);
        let used = self.out[line_start..].chars().count() + blanks;
        let mut line = String::new();
        let fits = flow(
            &part.form,
            FLOW_DEPTH,
            WIDTH.saturating_sub(used),
            &mut line,
        )
        .is_some();
        fits.then_some(line)
    }

    fn block(&mut self, text: &str, indent: usize) {
        let (sign, body) = match text.strip_suffix('\n') {
            Some(body) => ("|", body),
            None => ("|-", text),
        };
        let _ = writeln!(self.out, " {sign}");
        for line in body.split('\n') {
            if !line.is_empty() {
                self.pad(indent);
            }
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    fn comments(&mut self, lines: &[String], indent: usize) {
        let lines = lines.iter().flat_map(|text| text.lines());
        for line in lines.take(COMMENT_LINES) {
            let clean: String = line
                .chars()
                .map(|c| {
                    if c.is_control() || is_unprintable(c) {
                        ' '
                    } else {
                        c
                    }
                })
                .take(COMMENT_CHARS)
                .collect();
            self.pad(indent);
            let _ = writeln!(self.out, "{}", format!("# {clean}").trim_end());
        }
    }

    fn pad(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

fn is_unprintable(c: char) -> bool {
    matches!(
        c,
        '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}

fn scalar_text(form: &Form, in_braces: bool) -> String {
    match form {
        Form::Null => "null".to_owned(),
        Form::Bool(value) => value.to_string(),
        Form::Number(number) => number.to_string(),
        Form::Text(text) => scalar::text(text, in_braces),
        Form::List(_) | Form::Map(_) => String::new(),
    }
}

/// Writes a value in braces; none if something must not stand so, or it gets longer than `room`.
fn flow(form: &Form, depth: usize, room: usize, out: &mut String) -> Option<()> {
    match form {
        Form::Map(entries) if entries.is_empty() => out.push_str("{}"),
        Form::List(items) if items.is_empty() => out.push_str("[]"),
        Form::Map(entries) => {
            out.push_str("{ ");
            for (at, (key, part)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                out.push_str(&scalar::key(key, true));
                out.push_str(": ");
                flow_part(part, depth, room, out)?;
            }
            out.push_str(" }");
        }
        Form::List(items) => {
            let blank = if items.iter().any(|item| matches!(item.form, Form::Map(_))) {
                " "
            } else {
                ""
            };
            out.push('[');
            out.push_str(blank);
            for (at, part) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                flow_part(part, depth, room, out)?;
            }
            out.push_str(blank);
            out.push(']');
        }
        Form::Text(text) if text.contains('\n') => return None,
        scalar => out.push_str(&scalar_text(scalar, true)),
    }
    (out.len() <= room).then_some(())
}

fn flow_part(part: &Part, depth: usize, room: usize, out: &mut String) -> Option<()> {
    let is_open = part.open && !matches!(&part.form, Form::Map(entries) if entries.is_empty());
    if depth == 0 || is_open || !part.comments.is_empty() {
        return None;
    }
    flow(&part.form, depth - 1, room, out)
}

#[cfg(test)]
mod tests;
