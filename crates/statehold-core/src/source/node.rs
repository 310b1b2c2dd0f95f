//! The tree a file becomes.

use serde_json::{Map, Number, Value};

use crate::diagnostic::Span;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: NodeValue,
    /// Bytes it covers, quotes and brackets included.
    pub span: Span,
    /// How it is written.
    pub style: Style,
}

/// What a node is. Mappings keep the order of the file and hold each key once.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeValue {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other finite number.
    Float(f64),
    /// Text.
    Str(String),
    /// A list.
    Seq(Vec<Node>),
    /// A mapping.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping. Keys are text, whatever YAML would make of them elsewhere: `30d`, `404`, `true`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// How a node is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A scalar without quotes.
    Plain,
    /// A scalar in single or double quotes.
    Quoted,
    /// A YAML block scalar (`|` or `>`).
    Block,
    /// A list or mapping in brackets.
    Flow,
    /// A list or mapping by indentation.
    Indented,
}

impl Node {
    /// The value under a key, if this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            NodeValue::Map(entries) => entries
                .iter()
                .find(|(k, _)| k.text == key)
                .map(|(_, node)| node),
            _ => None,
        }
    }

    /// The text, if it is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Str(text) => Some(text),
            _ => None,
        }
    }

    /// What it is, in the words of messages: `text`, `a whole number`, `a list`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            NodeValue::Null => "nothing",
            NodeValue::Bool(_) => "true or false",
            NodeValue::Int(_) => "a whole number",
            NodeValue::Float(_) => "a number",
            NodeValue::Str(_) => "text",
            NodeValue::Seq(_) => "a list",
            NodeValue::Map(_) => "a mapping",
        }
    }

    /// The same value without positions.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.value {
            NodeValue::Null => Value::Null,
            NodeValue::Bool(value) => Value::Bool(*value),
            NodeValue::Int(value) => Value::from(*value),
            // Non-finite numbers do not pass the parsers, so the fallback is never met.
            NodeValue::Float(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
            NodeValue::Str(text) => Value::String(text.clone()),
            NodeValue::Seq(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            NodeValue::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, node)| (key.text.clone(), node.to_json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// Values in this subtree, itself included, and bytes of text they hold.
    pub(super) fn size(&self) -> (usize, usize) {
        let add = |(nodes, bytes): (usize, usize), (n, b): (usize, usize)| (nodes + n, bytes + b);
        match &self.value {
            NodeValue::Str(text) => (1, text.len()),
            NodeValue::Seq(items) => items.iter().map(Node::size).fold((1, 0), add),
            NodeValue::Map(entries) => entries
                .iter()
                .map(|(key, node)| add(node.size(), (0, key.text.len())))
                .fold((1, 0), add),
            _ => (1, 0),
        }
    }

    /// Levels of lists and mappings in this subtree, itself included.
    pub(super) fn height(&self) -> usize {
        match &self.value {
            NodeValue::Seq(items) => 1 + items.iter().map(Node::height).max().unwrap_or(0),
            NodeValue::Map(entries) => {
                1 + entries.iter().map(|(_, n)| n.height()).max().unwrap_or(0)
            }
            _ => 0,
        }
    }
}
