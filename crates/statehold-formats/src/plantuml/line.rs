//! One statement of a PlantUML state diagram.

use super::Reader;
use super::arrow::{self, End, id_length, marks};
use super::text::{lines, plain, short};
use crate::sketch::{ShapeKind, Tip};

/// Where notes stand.
const SIDES: [&str; 4] = ["left", "right", "top", "bottom"];

impl Reader<'_, '_> {
    pub(super) fn statement(&mut self, line: &str, at: usize) {
        if line.is_empty() {
            return;
        }
        if line == "}" {
            self.builder.close(at);
            return;
        }
        let is_separator = |c: u8| line.len() > 1 && line.bytes().all(|b| b == c);
        if is_separator(b'-') || line == "||" {
            self.builder.region();
            return;
        }
        if let Some(written) = arrow::read(line) {
            self.arrow(&written, at);
            return;
        }
        if let Some(rest) = keyword(line, "state") {
            self.state(rest, at);
            return;
        }
        if let Some(rest) = keyword(line, "note") {
            self.note(rest, at);
            return;
        }
        let (id, rest) = line.split_at(id_length(line));
        if !id.is_empty() && !id.starts_with('[') {
            let behind = marks(rest).trim_start();
            if let Some(text) = behind.strip_prefix(':') {
                if let Some(shape) = self.builder.mention(id, at) {
                    self.note_marks(&rest[..rest.len() - marks(rest).len()], shape, at);
                    self.text(shape, text, at);
                    self.last = Some(shape);
                }
                return;
            }
        }
        if !self.looks(line, at) && !self.is_link_of_note(line, at) {
            self.builder
                .notes
                .refuse(at, format!("this is not read: `{}`", short(line)));
        }
    }

    /// `state "Long" as s <<choice>> #red : text {`
    fn state(&mut self, line: &str, at: usize) {
        let Some((id, alias, rest)) = named(line) else {
            self.builder
                .notes
                .refuse(at, format!("this is not read: `state {}`", short(line)));
            return;
        };
        let behind = marks(rest);
        let marked = &rest[..rest.len() - behind.len()];
        let behind = behind.trim_start();
        let opens = behind.ends_with('{') && !behind.starts_with(':');
        let shape = if opens {
            self.builder.open(&id, at)
        } else {
            self.builder.declare(&id, at)
        };
        let Some(shape) = shape else { return };
        self.last = Some(shape);
        self.note_marks(marked, shape, at);
        if let Some(alias) = alias.filter(|alias| !alias.is_empty()) {
            self.builder.shape(shape).alias = Some(alias);
        }
        if let Some(text) = behind.strip_prefix(':') {
            self.text(shape, text, at);
        } else if !matches!(behind, "" | "{") {
            self.builder
                .notes
                .refuse(at, format!("this is not read: `{}`", short(behind)));
        }
    }

    fn arrow(&mut self, written: &arrow::Written<'_>, at: usize) {
        if written
            .style
            .is_some_and(|style| style.split(',').any(|word| word.trim() == "hidden"))
        {
            let message = "it only moves boxes in the picture, nothing can go along it";
            self.builder.notes.loss(at, "hidden arrow", message);
            return;
        }
        if written.style.is_some() {
            self.builder
                .notes
                .loss(at, "style", "it is about the picture only");
        }
        let (from, to) = (self.tip(&written.from, at), self.tip(&written.to, at));
        if let (Some(from), Some(to)) = (from, to) {
            let label = written.label.map(lines).unwrap_or_default();
            self.builder.arrow(from, to, label, at);
            if let Tip::Shape(shape) = to {
                self.last = Some(shape);
            }
        }
    }

    fn tip(&mut self, end: &End<'_>, at: usize) -> Option<Tip> {
        if end.id == "[*]" {
            return Some(Tip::Dot);
        }
        for (mark, deep) in [("[H]", false), ("[H*]", true)] {
            if let Some(owner) = end.id.strip_suffix(mark) {
                let owner = (!owner.is_empty()).then_some(owner);
                return self.builder.history(owner, deep, at).map(Tip::Shape);
            }
        }
        let shape = self.builder.mention(end.id, at)?;
        self.note_marks(end.marks, shape, at);
        Some(Tip::Shape(shape))
    }

    /// Stereotypes that make something else of a box; everything else is about its looks.
    fn note_marks(&mut self, marked: &str, shape: usize, at: usize) {
        let marked = marked.trim();
        if marked.is_empty() {
            return;
        }
        let kind = match marked.to_ascii_lowercase().as_str() {
            "<<choice>>" | "<<entrypoint>>" | "<<exitpoint>>" | "<<inputpin>>"
            | "<<outputpin>>" => ShapeKind::Choice,
            "<<fork>>" => ShapeKind::Fork,
            "<<join>>" => ShapeKind::Join,
            "<<start>>" => ShapeKind::Start,
            "<<end>>" => ShapeKind::End,
            "<<history>>" => ShapeKind::History {
                deep: false,
                of_all: false,
            },
            "<<history*>>" => ShapeKind::History {
                deep: true,
                of_all: false,
            },
            _ => {
                let message = format!("`{}` is about the picture only", short(marked));
                self.builder.notes.loss(at, "style", message);
                return;
            }
        };
        self.builder.shape(shape).kind = kind;
    }

    fn text(&mut self, shape: usize, text: &str, at: usize) {
        let texts = lines(text).into_iter().map(|line| (at, line));
        self.builder.shape(shape).texts.extend(texts);
    }

    /// `left of A : text`, `right : text`, `on link : text`, `as N`, `"text" as N`.
    fn note(&mut self, line: &str, at: usize) {
        let lower = line.to_ascii_lowercase();
        let side = SIDES.iter().find(|side| keyword(&lower, side).is_some());
        let (shape, rest) = match side {
            Some(side) => {
                let behind = line[side.len()..].trim_start();
                match keyword(behind, "of") {
                    Some(named) => {
                        let (id, rest) = named.split_at(id_length(named));
                        let shape = (!id.is_empty())
                            .then(|| self.builder.mention(id, at))
                            .flatten();
                        (shape, rest)
                    }
                    None => (self.last, behind),
                }
            }
            None => (None, line),
        };
        let behind = marks(rest).trim_start();
        let text = match behind.split_once(':') {
            Some((head, text)) if shape.is_none() || head.trim().is_empty() => Some(text),
            _ => None,
        };
        let notes: Vec<(usize, String)> = match text {
            Some(text) => lines(text).into_iter().map(|line| (at, line)).collect(),
            None if line.starts_with('"') => Vec::new(),
            None => {
                let block = self.block(at, |line| matches!(line, "end note" | "endnote"));
                let block = block.unwrap_or_default();
                block
                    .iter()
                    .flat_map(|(at, line)| lines(line).into_iter().map(|line| (*at, line)))
                    .collect()
            }
        };
        match shape {
            Some(shape) => self.builder.shape(shape).notes.extend(notes),
            None => self
                .builder
                .notes
                .loss(at, "note", "it belongs to no state"),
        }
    }

    /// `N1 .. A` ties a note to a state.
    fn is_link_of_note(&mut self, line: &str, at: usize) -> bool {
        let is_link = line.split_once("..").is_some_and(|(from, to)| {
            let is_id = |text: &str| !text.is_empty() && id_length(text) == text.len();
            is_id(from.trim()) && is_id(to.trim_matches(['.', ' ', '\t']))
        });
        if is_link {
            self.builder
                .notes
                .loss(at, "dotted line", "it ties a note, nothing can go along it");
        }
        is_link
    }
}

/// What stands behind a word, if the line begins with it.
fn keyword<'l>(line: &'l str, word: &str) -> Option<&'l str> {
    let head = line.get(..word.len())?;
    let rest = &line[word.len()..];
    let ends = rest.is_empty() || rest.starts_with([' ', '\t', ':']);
    (head.eq_ignore_ascii_case(word) && ends).then(|| rest.trim_start())
}

/// The id and the alias that a declaration begins with.
fn named(line: &str) -> Option<(String, Option<String>, &str)> {
    if let Some(quoted) = line.strip_prefix('"') {
        let (text, rest) = quoted.split_once('"')?;
        let behind = rest.trim_start();
        let Some(named) = keyword(behind, "as") else {
            return Some((plain(text), None, rest));
        };
        let (id, rest) = named.split_at(id_length(named));
        return (!id.is_empty()).then(|| (id.to_owned(), Some(plain(text)), rest));
    }
    let (id, rest) = line.split_at(id_length(line));
    if id.is_empty() || id.starts_with('[') {
        return None;
    }
    if let Some(quoted) = keyword(rest.trim_start(), "as").and_then(|rest| rest.strip_prefix('"')) {
        let (text, rest) = quoted.split_once('"')?;
        return Some((id.to_owned(), Some(plain(text)), rest));
    }
    Some((id.to_owned(), None, rest))
}
