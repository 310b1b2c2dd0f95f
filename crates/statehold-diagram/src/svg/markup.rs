//! Writing XML so that text stays text: names of tags and attributes are fixed at compile time, everything else passes
//! through one escape. There is no way to write a string of a chart as it is.

use std::fmt::Write as _;

/// The value of an attribute.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    /// Text of any origin.
    Text(&'a str),
    /// A length or coordinate.
    Number(f64),
}

/// A document being written.
#[derive(Debug, Default)]
pub(super) struct Markup {
    out: String,
    open: Vec<&'static str>,
}

impl Markup {
    /// Begins an element.
    pub(super) fn open(&mut self, tag: &'static str, attributes: &[(&'static str, Value<'_>)]) {
        self.start(tag, attributes);
        self.out.push('>');
        self.open.push(tag);
    }

    /// An element without content.
    pub(super) fn empty(&mut self, tag: &'static str, attributes: &[(&'static str, Value<'_>)]) {
        self.start(tag, attributes);
        self.out.push_str("/>");
    }

    /// An element that holds only text.
    pub(super) fn leaf(
        &mut self,
        tag: &'static str,
        attributes: &[(&'static str, Value<'_>)],
        text: &str,
    ) {
        self.open(tag, attributes);
        escape(text, &mut self.out);
        self.close();
    }

    /// Ends the innermost open element.
    pub(super) fn close(&mut self) {
        if let Some(tag) = self.open.pop() {
            let _ = write!(self.out, "</{tag}>");
        }
    }

    /// A line break between elements, so that differences between two pictures can be read.
    pub(super) fn line(&mut self) {
        self.out.push('\n');
    }

    /// The document, with everything closed.
    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out.push('\n');
        self.out
    }

    fn start(&mut self, tag: &'static str, attributes: &[(&'static str, Value<'_>)]) {
        let _ = write!(self.out, "<{tag}");
        for (name, value) in attributes {
            let _ = write!(self.out, " {name}=\"");
            match value {
                Value::Text(text) => escape(text, &mut self.out),
                Value::Number(number) => self.out.push_str(&self::number(*number)),
            }
            self.out.push('"');
        }
    }
}

/// A number with at most two decimals and none to spare.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML 1.0 cannot carry these in any form.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        let mut markup = Markup::default();
        markup.leaf(
            "text",
            &[("class", Value::Text("a\"><script>"))],
            "</text>&amp;<b>\u{0}",
        );
        assert_eq!(
            markup.finish(),
            "<text class=\"a&quot;&gt;&lt;script&gt;\">&lt;/text&gt;&amp;amp;&lt;b&gt;\u{fffd}</text>\n"
        );
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(12.0), "12");
        assert_eq!(number(12.5), "12.5");
        assert_eq!(number(-0.001), "0");
        assert_eq!(number(1.0 / 3.0), "0.33");
    }
}
