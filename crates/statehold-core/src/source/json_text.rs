//! JSON text to nodes. `serde_json` decides what is JSON; the walk afterwards only finds out where things stand.

use std::collections::HashMap;

use serde::de::IgnoredAny;

use super::node::{Key, Node, NodeValue, Style};
use super::position::{ceil_boundary, offset_of};
use super::problems::{duplicate_key, too_many_nodes};
use super::{MAX_DEPTH, MAX_NODES, Parsed, scalar};
use crate::codes;
use crate::diagnostic::{Diagnostic, Span};
use crate::json;

pub(super) fn parse(text: &str) -> Parsed {
    if let Err(flaw) = json::scan(text, MAX_DEPTH) {
        let code = match flaw.kind {
            json::FlawKind::Depth => codes::LIMIT,
            json::FlawKind::Number => codes::BAD_VALUE,
            json::FlawKind::Nul => codes::SYNTAX,
        };
        return Parsed::failed(Diagnostic::error(
            code,
            flaw.offset..flaw.offset + flaw.len,
            flaw.message,
        ));
    }
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let at = offset_of(text, error.line(), error.column());
        return Parsed::failed(Diagnostic::error(
            codes::SYNTAX,
            at..ceil_boundary(text, at + 1),
            format!("this is not JSON: {}", json::words(&error)),
        ));
    }
    let mut walk = Walk {
        text,
        at: 0,
        nodes: 0,
        diagnostics: Vec::new(),
    };
    let root = walk.value();
    if walk.nodes > MAX_NODES {
        return Parsed::failed(too_many_nodes(walk.at));
    }
    Parsed {
        root,
        diagnostics: walk.diagnostics,
    }
}

/// A walk over text that is known to be JSON, not nested deeper than [`MAX_DEPTH`].
struct Walk<'t> {
    text: &'t str,
    at: usize,
    nodes: usize,
    diagnostics: Vec<Diagnostic>,
}

impl Walk<'_> {
    /// The value that begins here; none when the budget is used up.
    fn value(&mut self) -> Option<Node> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return None;
        }
        match self.peek()? {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => {
                let (text, span) = self.string()?;
                Some(Node {
                    value: NodeValue::Str(text),
                    span,
                    style: Style::Quoted,
                })
            }
            _ => self.word(),
        }
    }

    fn object(&mut self) -> Option<Node> {
        let start = self.at;
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut seen: HashMap<String, Span> = HashMap::new();
        self.at += 1;
        while self.peek()? != b'}' {
            let (text, span) = self.string()?;
            self.skip(b':');
            let node = self.value()?;
            let key = Key { text, span };
            match seen.get(&key.text) {
                Some(first) => self.diagnostics.push(duplicate_key(&key, first.clone())),
                None => {
                    seen.insert(key.text.clone(), key.span.clone());
                    entries.push((key, node));
                }
            }
            self.skip(b',');
        }
        self.at += 1;
        Some(Node {
            value: NodeValue::Map(entries),
            span: start..self.at,
            style: Style::Flow,
        })
    }

    fn array(&mut self) -> Option<Node> {
        let start = self.at;
        let mut items = Vec::new();
        self.at += 1;
        while self.peek()? != b']' {
            items.push(self.value()?);
            self.skip(b',');
        }
        self.at += 1;
        Some(Node {
            value: NodeValue::Seq(items),
            span: start..self.at,
            style: Style::Flow,
        })
    }

    fn string(&mut self) -> Option<(String, Span)> {
        self.peek()?;
        let start = self.at;
        let rest = self.text.as_bytes().get(start + 1..)?;
        let mut escaped = false;
        let length = rest.iter().position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        })?;
        self.at = start + length + 2;
        let text = serde_json::from_str(self.text.get(start..self.at)?).ok()?;
        Some((text, start..self.at))
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<Node> {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest
            .find(|c: char| !matches!(c, '0'..='9' | 'a'..='z' | 'E' | '+' | '-' | '.'))
            .unwrap_or(rest.len());
        // Never stand still, whatever the text holds.
        self.at = start + length.max(1);
        let value = scalar::resolve(&rest[..length]).ok()?;
        Some(Node {
            value,
            span: start..start + length,
            style: Style::Plain,
        })
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let blanks = rest
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))?;
        self.at += blanks;
        rest.get(blanks).copied()
    }

    fn skip(&mut self, byte: u8) {
        if self.peek() == Some(byte) {
            self.at += 1;
        }
    }
}
