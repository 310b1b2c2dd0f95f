//! One statement of a Mermaid state diagram.

use super::Reader;
use super::text::{lines, plain, short};
use crate::sketch::{ShapeKind, Tip};

/// Words that begin statements about how the picture looks.
const LOOKS: [&str; 8] = [
    "direction",
    "classDef",
    "class",
    "style",
    "linkStyle",
    "click",
    "scale",
    "hide",
];

impl Reader<'_, '_> {
    /// Reads a statement, and those behind it on the same line.
    pub(super) fn statement(&mut self, line: &str, at: usize) {
        let mut rest = line;
        let end = at + line.len();
        // Every statement takes something, so there are at most as many as bytes.
        while !rest.is_empty() && !self.builder.is_stopped() {
            let at = end - rest.len();
            let left = self.one(rest, at);
            rest = left.trim_start();
        }
    }

    /// Reads one statement and returns what is left of the line.
    fn one<'l>(&mut self, line: &'l str, at: usize) -> &'l str {
        if line.starts_with("%%{") {
            self.directive(line, at);
            return "";
        }
        if line.starts_with("%%") || line.starts_with('#') {
            return "";
        }
        if let Some(rest) = line.strip_prefix('}') {
            self.builder.close(at);
            return rest;
        }
        if line.len() > 1 && line.bytes().all(|b| b == b'-') {
            self.builder.region();
            return "";
        }
        let word = line
            .split(|c: char| c.is_whitespace() || c == ':')
            .next()
            .unwrap_or_default();
        let behind = line[word.len()..].trim_start();
        let is = |other: &str| word.eq_ignore_ascii_case(other) && !behind.starts_with("-->");
        if is("state") && !behind.is_empty() && !behind.starts_with(':') {
            return self.state(behind, at + line.len() - behind.len());
        }
        if is("note") && !behind.starts_with(':') {
            self.note(behind, at);
            return "";
        }
        if is("accTitle") || is("accDescr") {
            self.accessible(word, behind, at);
            return "";
        }
        if LOOKS.iter().any(|looks| is(looks)) && !behind.is_empty() && !behind.starts_with(':') {
            self.builder
                .notes
                .loss(at, word, "it is about the picture only");
            return "";
        }
        self.shape_or_arrow(line, at)
    }

    /// `state "Long" as s`, `state s <<choice>>`, `state s {`, `state s : text`.
    fn state<'l>(&mut self, line: &'l str, at: usize) -> &'l str {
        let mut alias = None;
        let mut rest = line;
        if let Some(quoted) = line.strip_prefix('"') {
            let Some((text, behind)) = quoted.split_once('"') else {
                return self.unread(line, at);
            };
            let behind = behind.trim_start();
            let Some(behind) = behind
                .strip_prefix("as")
                .filter(|rest| rest.starts_with([' ', '\t']))
            else {
                return self.unread(line, at);
            };
            alias = Some(plain(text));
            rest = behind.trim_start();
        }
        let (id, rest) = rest.split_at(id_length(rest));
        if id.is_empty() || id == "[*]" {
            return self.unread(line, at);
        }
        let mut rest = self.style_mark(rest.trim_start(), at).trim_start();
        let kind = stereotype(&mut rest);
        let rest = rest.trim_start();
        let (shape, left) = match rest.strip_prefix('{') {
            Some(inside) => (self.builder.open(id, at), inside),
            None => (self.builder.declare(id, at), rest),
        };
        let Some(shape) = shape else { return left };
        if let Some(kind) = kind {
            self.builder.shape(shape).kind = kind;
        }
        if let Some(alias) = alias.filter(|alias| !alias.is_empty()) {
            self.builder.shape(shape).alias = Some(alias);
        }
        if let Some(text) = left.strip_prefix(':') {
            self.text(shape, text, at);
            return "";
        }
        if rest.starts_with('{') {
            left
        } else {
            self.ends(left, at + line.len() - left.len())
        }
    }

    /// `A --> B : label`, `A : text`, `A`.
    fn shape_or_arrow<'l>(&mut self, line: &'l str, at: usize) -> &'l str {
        let (from, rest) = line.split_at(id_length(line));
        let rest = self.style_mark(rest.trim_start(), at).trim_start();
        if let Some(rest) = rest.strip_prefix("-->") {
            return self.arrow(from, rest.trim_start(), line, at);
        }
        if from.is_empty() || from == "[*]" {
            return self.unread(line, at);
        }
        let text = rest.strip_prefix(':');
        let is_end = rest.is_empty() || rest.starts_with('}') || rest.starts_with("%%");
        if text.is_none() && !is_end {
            return self.unread(line, at);
        }
        if let Some(shape) = self.builder.mention(from, at)
            && let Some(text) = text
        {
            self.text(shape, text, at);
        }
        if text.is_some() {
            ""
        } else {
            self.ends(rest, at + line.len() - rest.len())
        }
    }

    fn arrow<'l>(&mut self, from: &str, behind: &'l str, line: &'l str, at: usize) -> &'l str {
        let (to, rest) = behind.split_at(id_length(behind));
        let rest = self.style_mark(rest.trim_start(), at).trim_start();
        if from.is_empty() || to.is_empty() {
            return self.unread(line, at);
        }
        let tips = (self.tip(from, at), self.tip(to, at));
        let (Some(from), Some(to)) = tips else {
            return "";
        };
        let label = rest.strip_prefix(':');
        self.builder
            .arrow(from, to, label.map(lines).unwrap_or_default(), at);
        if label.is_some() {
            ""
        } else {
            self.ends(rest, at + line.len() - rest.len())
        }
    }

    fn tip(&mut self, id: &str, at: usize) -> Option<Tip> {
        if id == "[*]" {
            return Some(Tip::Dot);
        }
        for (mark, deep) in [("[H]", false), ("[H*]", true)] {
            if let Some(owner) = id.strip_suffix(mark) {
                let owner = (!owner.is_empty()).then_some(owner);
                return self.builder.history(owner, deep, at).map(Tip::Shape);
            }
        }
        self.builder.mention(id, at).map(Tip::Shape)
    }

    /// Behind a statement a block may end, or a comment stand.
    fn ends<'l>(&mut self, rest: &'l str, at: usize) -> &'l str {
        if rest.is_empty() || rest.starts_with("%%") || rest.starts_with('#') {
            return "";
        }
        if rest.starts_with('}') {
            return rest;
        }
        self.unread(rest, at)
    }

    fn text(&mut self, shape: usize, text: &str, at: usize) {
        let texts = lines(text).into_iter().map(|line| (at, line));
        self.builder.shape(shape).texts.extend(texts);
    }

    /// `:::name` behind an id.
    fn style_mark<'l>(&mut self, rest: &'l str, at: usize) -> &'l str {
        let Some(marked) = rest.strip_prefix(":::") else {
            return rest;
        };
        self.builder
            .notes
            .loss(at, "style", "it is about the picture only");
        &marked[id_length(marked.trim_start()) + marked.len() - marked.trim_start().len()..]
    }

    /// `note right of A : text`, or lines up to `end note`.
    fn note(&mut self, line: &str, at: usize) {
        let sides = ["left of ", "right of "];
        let side = sides.iter().find(|side| {
            line.get(..side.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(side))
        });
        let Some(side) = side else {
            self.builder
                .notes
                .loss(at, "note", "it belongs to no state");
            return;
        };
        let behind = line[side.len()..].trim_start();
        let (id, rest) = behind.split_at(id_length(behind));
        if id.is_empty() {
            self.unread(line, at);
            return;
        }
        let Some(shape) = self.builder.mention(id, at) else {
            return;
        };
        let mut notes: Vec<(usize, String)> = Vec::new();
        match rest.trim_start().strip_prefix(':') {
            Some(text) => notes.extend(lines(text).into_iter().map(|line| (at, line))),
            None => loop {
                let Some((at_line, line)) = self.line() else {
                    self.builder
                        .stop(at, "the note is never closed with `end note`");
                    return;
                };
                if line.eq_ignore_ascii_case("end note") {
                    break;
                }
                notes.extend(lines(line).into_iter().map(|line| (at_line, line)));
            },
        }
        self.builder.shape(shape).notes.extend(notes);
    }

    /// Title and words for those who cannot see the picture.
    fn accessible(&mut self, word: &str, behind: &str, at: usize) {
        if let Some(text) = behind.strip_prefix(':') {
            if word.eq_ignore_ascii_case("accTitle") {
                self.builder
                    .notes
                    .loss(at, "accTitle", "the title of the diagram names the chart");
            } else {
                self.builder.describe(plain(text));
            }
            return;
        }
        let Some(mut text) = behind.strip_prefix('{') else {
            self.unread(word, at);
            return;
        };
        loop {
            let (inner, is_end) = match text.split_once('}') {
                Some((inner, _)) => (inner, true),
                None => (text, false),
            };
            self.builder.describe(inner.trim().to_owned());
            if is_end {
                return;
            }
            let Some((_, line)) = self.line() else {
                self.builder.stop(at, "`accDescr {` is never closed");
                return;
            };
            text = line;
        }
    }

    fn unread<'l>(&mut self, line: &str, at: usize) -> &'l str {
        self.builder
            .notes
            .refuse(at, format!("this is not read: `{}`", short(line)));
        ""
    }
}

/// Length of the id that the text begins with: up to a blank, a colon, a brace, a stereotype or an arrow.
fn id_length(text: &str) -> usize {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let is_end = c.is_whitespace()
            || matches!(c, ':' | '{' | '}' | '"')
            || ["-->", "<<", "[["]
                .iter()
                .any(|mark| rest.starts_with(mark));
        if is_end {
            break;
        }
        at += c.len_utf8();
    }
    at
}

/// `<<choice>>`, `[[fork]]` and the like, which are taken off the text.
fn stereotype(rest: &mut &str) -> Option<ShapeKind> {
    let kinds = [
        ("choice", ShapeKind::Choice),
        ("fork", ShapeKind::Fork),
        ("join", ShapeKind::Join),
    ];
    for (word, kind) in kinds {
        for mark in [format!("<<{word}>>"), format!("[[{word}]]")] {
            let head = rest.get(..mark.len());
            if head.is_some_and(|head| head.eq_ignore_ascii_case(&mark)) {
                *rest = &rest[mark.len()..];
                return Some(kind);
            }
        }
    }
    None
}
