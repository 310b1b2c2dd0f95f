//! XML text, element by element, indented by two blanks.

use std::fmt::Write as _;

use serde_json::Value;

/// A document under construction.
#[derive(Default)]
pub(super) struct Xml {
    out: String,
    open: Vec<&'static str>,
    /// Nothing was written since the innermost element began.
    is_fresh: bool,
}

/// Attributes of one element.
#[derive(Default)]
pub(super) struct Attributes(Vec<(&'static str, String)>);

impl Attributes {
    /// An attribute more. What XML cannot hold is replaced by `?`: texts that matter also travel as JSON.
    pub(super) fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.0.push((name, text.into()));
        self
    }

    pub(super) fn maybe(self, name: &'static str, text: Option<String>) -> Self {
        match text {
            Some(text) => self.with(name, text),
            None => self,
        }
    }

    /// A value of ours, unless it says nothing.
    pub(super) fn json(self, name: &'static str, value: &Value) -> Self {
        let is_empty = match value {
            Value::Null => true,
            Value::Object(entries) => entries.is_empty(),
            _ => false,
        };
        if is_empty {
            return self;
        }
        self.with(name, json_text(value))
    }
}

impl Xml {
    pub(super) fn new() -> Self {
        Self {
            out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
            open: Vec::new(),
            is_fresh: false,
        }
    }

    /// Begins an element.
    pub(super) fn begin(&mut self, tag: &'static str, attributes: &Attributes) {
        self.tag(tag, attributes);
        self.out.push_str(">\n");
        self.open.push(tag);
        self.is_fresh = true;
    }

    /// Ends the innermost element.
    pub(super) fn end(&mut self) {
        let Some(tag) = self.open.pop() else {
            return;
        };
        if self.is_fresh {
            self.out.truncate(self.out.len() - ">\n".len());
            self.out.push_str("/>\n");
        } else {
            self.pad();
            let _ = writeln!(self.out, "</{tag}>");
        }
        self.is_fresh = false;
    }

    /// An element without content.
    pub(super) fn empty(&mut self, tag: &'static str, attributes: &Attributes) {
        self.tag(tag, attributes);
        self.out.push_str("/>\n");
    }

    /// An element that holds a text.
    pub(super) fn text(&mut self, tag: &'static str, text: &str) {
        self.tag(tag, &Attributes::default());
        self.out.push('>');
        escape(text, None, &mut self.out);
        let _ = writeln!(self.out, "</{tag}>");
    }

    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out
    }

    fn tag(&mut self, tag: &str, attributes: &Attributes) {
        self.is_fresh = false;
        self.pad();
        let _ = write!(self.out, "<{tag}");
        for (name, text) in &attributes.0 {
            // JSON is easier on the eye where its own quotes need no escape.
            let quote = if text.contains('"') { '\'' } else { '"' };
            let _ = write!(self.out, " {name}={quote}");
            escape(text, Some(quote), &mut self.out);
            self.out.push(quote);
        }
    }

    fn pad(&mut self) {
        self.out.extend(std::iter::repeat_n("  ", self.open.len()));
    }
}

/// JSON without a character that XML cannot hold.
pub(super) fn json_text(value: &Value) -> String {
    for_xml(value.to_string())
}

/// The same over several lines.
pub(super) fn json_lines(value: &Value) -> String {
    for_xml(serde_json::to_string_pretty(value).unwrap_or_default())
}

fn for_xml(text: String) -> String {
    if text.chars().all(is_xml) {
        return text;
    }
    text.chars()
        .map(|c| match is_xml(c) {
            true => c.to_string(),
            false => format!("\\u{:04x}", u32::from(c)),
        })
        .collect()
}

/// Whether XML 1.0 can hold the text.
pub(super) fn fits(text: &str) -> bool {
    text.chars().all(is_xml)
}

fn is_xml(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// `quote` is what an attribute ends with; in a text, white space stays as it is but for what readers change.
fn escape(text: &str, quote: Option<char>, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if quote == Some('"') => out.push_str("&quot;"),
            '\'' if quote == Some('\'') => out.push_str("&apos;"),
            '\n' | '\t' if quote.is_none() => out.push(c),
            // Readers make one blank of these in attributes, and a line end of `\r` anywhere.
            '\n' | '\r' | '\t' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c if is_xml(c) => out.push(c),
            _ => out.push('?'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_read_back_whatever_they_hold() {
        let mut xml = Xml::new();
        let nasty = "a<b>&\"'\n\t\r ü \u{2028} ]]>";
        let json = Value::from("\u{1}\u{ffff}\n");
        let attributes = Attributes::default().with("x", nasty).json("y", &json);
        xml.begin("a", &attributes);
        xml.text("b", nasty);
        xml.empty("c", &Attributes::default().with("z", "\u{0}"));
        let text = xml.finish();
        let read = roxmltree::Document::parse(&text).unwrap();
        let root = read.root_element();
        assert_eq!(root.attribute("x"), Some(nasty));
        let y: Value = serde_json::from_str(root.attribute("y").unwrap()).unwrap();
        assert_eq!(y, json);
        let b = root.first_element_child().unwrap();
        assert_eq!(b.text(), Some(nasty));
    }
}
