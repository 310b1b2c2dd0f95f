//! [`Item`]: a node on its way to becoming something typed, with the words for what is wrong with it.

use super::map_reader::MapReader;
use super::node::{Key, Node, NodeValue};
use super::reader::Reader;
use crate::codes::{self, Code};
use crate::diagnostic::{Diagnostic, Span};

/// Longest pointer, in bytes; what lies deeper gets the pointer of what it lies in.
const MAX_POINTER_BYTES: usize = 500;

/// A node with its place in the file.
#[derive(Debug, Clone)]
pub struct Item<'n> {
    /// Where problems go.
    pub reader: &'n Reader,
    /// The node itself.
    pub node: &'n Node,
    /// The key it stands under, if it stands in a mapping.
    pub key: Option<&'n Key>,
    /// JSON pointer of the node.
    pub pointer: String,
}

impl<'n> Item<'n> {
    /// The words for messages: the key it stands under, or its position.
    #[must_use]
    pub fn name(&self) -> String {
        match self.key {
            Some(key) => format!("`{}`", key.text),
            None => "this".to_owned(),
        }
    }

    /// The same node, for messages about its value rather than about the key it stands under.
    #[must_use]
    pub fn without_key(&self) -> Self {
        Self {
            key: None,
            ..self.clone()
        }
    }

    /// A short place for problems of the whole node: its key, or the first line of it.
    #[must_use]
    pub fn head(&self) -> Span {
        match (self.key, &self.node.value) {
            (Some(key), NodeValue::Map(_) | NodeValue::Seq(_)) => key.span.clone(),
            (_, NodeValue::Map(entries)) => match entries.first() {
                Some((key, _)) => key.span.clone(),
                None => self.node.span.clone(),
            },
            _ => self.node.span.clone(),
        }
    }

    /// An error about this node.
    #[must_use]
    pub fn error(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.head(), message).at(self.pointer.clone())
    }

    /// A warning about this node.
    #[must_use]
    pub fn warning(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(code, self.head(), message).at(self.pointer.clone())
    }

    /// Notes that the node is not of the kind expected.
    pub fn expected(&self, what: &str) {
        let message = format!("{} must be {what}, not {}", self.name(), self.node.kind());
        let problem = self.error(codes::WRONG_TYPE, message);
        // A name such as `true` or `404` is text only in quotes.
        let is_word = matches!(
            self.node.value,
            NodeValue::Bool(_) | NodeValue::Int(_) | NodeValue::Float(_)
        );
        self.reader.report(
            match is_word && (what == "text" || what.starts_with("a state")) {
                true => problem.help("if it is meant as text, put it in quotes"),
                false => problem,
            },
        );
    }

    /// The text; anything else is noted.
    #[must_use]
    pub fn text(&self) -> Option<&'n str> {
        let text = self.node.as_str();
        if text.is_none() {
            self.expected("text");
        }
        text
    }

    /// The whole number; anything else, and a number outside `range`, is noted.
    #[must_use]
    pub fn integer(&self, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let NodeValue::Int(value) = self.node.value else {
            self.expected("a whole number");
            return None;
        };
        if range.contains(&value) {
            return Some(value);
        }
        let message = format!(
            "{} must be from {} to {}, not {value}",
            self.name(),
            range.start(),
            range.end()
        );
        self.reader.report(self.error(codes::BAD_VALUE, message));
        None
    }

    /// `true` or `false`; anything else is noted.
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        match self.node.value {
            NodeValue::Bool(value) => Some(value),
            _ => {
                self.expected("true or false");
                None
            }
        }
    }

    /// One of a few words; anything else is noted.
    #[must_use]
    pub fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let problem = self.error(
            codes::BAD_VALUE,
            format!("{} cannot be `{text}`", self.name()),
        );
        self.reader.report(
            problem.help(match self.reader.nearest(text, words.iter().copied()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("possible: {}", words.join(", ")),
            }),
        );
        None
    }

    /// The items of a list; anything else is noted.
    #[must_use]
    pub fn list(&self) -> Option<Vec<Item<'n>>> {
        let NodeValue::Seq(nodes) = &self.node.value else {
            self.expected("a list");
            return None;
        };
        Some(self.items(nodes))
    }

    /// The items of a list, or the node alone.
    #[must_use]
    pub fn one_or_many(&self) -> Vec<Item<'n>> {
        match &self.node.value {
            NodeValue::Seq(nodes) => self.items(nodes),
            _ => vec![self.clone()],
        }
    }

    fn items(&self, nodes: &'n [Node]) -> Vec<Item<'n>> {
        let item = |(at, node): (usize, &'n Node)| Item {
            reader: self.reader,
            node,
            key: None,
            pointer: joined(&self.pointer, &at.to_string()),
        };
        nodes.iter().enumerate().map(item).collect()
    }

    /// The entries of a mapping whose keys are names the author chose; anything else is noted.
    #[must_use]
    pub fn entries(&self) -> Option<Vec<(&'n Key, Item<'n>)>> {
        let NodeValue::Map(entries) = &self.node.value else {
            self.expected("a mapping");
            return None;
        };
        let entry = |(key, node): &'n (Key, Node)| (key, self.child(key, node));
        Some(entries.iter().map(entry).collect())
    }

    /// The mapping, read as `place` of the format; anything else is noted.
    #[must_use]
    pub fn map(&self, place: &'static str) -> Option<MapReader<'n>> {
        match &self.node.value {
            NodeValue::Map(entries) => Some(MapReader::new(self.clone(), entries, place)),
            _ => {
                self.expected("a mapping");
                None
            }
        }
    }

    pub(super) fn child(&self, key: &'n Key, node: &'n Node) -> Item<'n> {
        Item {
            reader: self.reader,
            node,
            key: Some(key),
            pointer: joined(&self.pointer, &key.text),
        }
    }
}

/// The pointer of a node inside another.
fn joined(pointer: &str, segment: &str) -> String {
    if pointer.len() + segment.len() >= MAX_POINTER_BYTES {
        return pointer.to_owned();
    }
    format!(
        "{pointer}/{}",
        segment.replace('~', "~0").replace('/', "~1")
    )
}
