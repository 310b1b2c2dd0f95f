//! [`Html`]: markup that is safe to send. Text enters it only escaped; tags and attribute names are written in the
//! source, never computed.

use std::fmt;

/// Markup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Html(String);

/// An element under construction.
#[derive(Debug)]
pub(super) struct Element {
    tag: &'static str,
    attributes: String,
    content: String,
}

/// Elements that have no content and no end tag.
const VOID: [&str; 4] = ["meta", "link", "br", "img"];

/// Begins an element.
pub(super) fn el(tag: &'static str) -> Element {
    Element {
        tag,
        attributes: String::new(),
        content: String::new(),
    }
}

/// A link. Addresses that lead elsewhere than http or this server become plain text: a chart or a configuration must
/// not put a script behind a click.
pub(super) fn link(address: &str, text: impl Into<Html>) -> Html {
    let safe = (address.starts_with('/') && !address.starts_with("//"))
        || address.starts_with('#')
        || address.starts_with("http://")
        || address.starts_with("https://");
    if safe {
        el("a").attr("href", address).child(text).into()
    } else {
        text.into()
    }
}

/// Text in the type of code.
pub(super) fn code(text: &str) -> Html {
    el("code").child(text).into()
}

impl Html {
    /// Adds more.
    pub(super) fn push(&mut self, more: impl Into<Html>) {
        self.0.push_str(&more.into().0);
    }

    /// The same with more at its end.
    #[must_use]
    pub(super) fn and(mut self, more: impl Into<Html>) -> Self {
        self.push(more);
        self
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Element {
    /// Adds an attribute.
    #[must_use]
    pub(super) fn attr(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.push(' ');
        self.attributes.push_str(name);
        self.attributes.push_str("=\"");
        escape(value, &mut self.attributes);
        self.attributes.push('"');
        self
    }

    /// Adds content.
    #[must_use]
    pub(super) fn child(mut self, content: impl Into<Html>) -> Self {
        self.content.push_str(&content.into().0);
        self
    }

    /// Adds several pieces of content.
    #[must_use]
    pub(super) fn children<T: Into<Html>>(self, content: impl IntoIterator<Item = T>) -> Self {
        content.into_iter().fold(self, Element::child)
    }
}

impl From<&str> for Html {
    fn from(text: &str) -> Self {
        let mut html = String::with_capacity(text.len());
        escape(text, &mut html);
        Self(html)
    }
}

impl From<&String> for Html {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Html {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<Element> for Html {
    fn from(element: Element) -> Self {
        let Element {
            tag,
            attributes,
            content,
        } = element;
        if VOID.contains(&tag) {
            Self(format!("<{tag}{attributes}>"))
        } else {
            Self(format!("<{tag}{attributes}>{content}</{tag}>"))
        }
    }
}

impl<T: Into<Html>> FromIterator<T> for Html {
    fn from_iter<I: IntoIterator<Item = T>>(pieces: I) -> Self {
        pieces.into_iter().fold(Self::default(), Self::and)
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        let html = el("p").attr("title", "\"><script>").child("<script>'&\"");
        let expected = "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;script&gt;&#39;&amp;&quot;</p>";
        assert_eq!(Html::from(html).to_string(), expected);
    }

    #[test]
    fn only_harmless_addresses_become_links() {
        for address in [
            "javascript:alert(1)",
            "//example.com",
            "data:text/html,x",
            "JAVASCRIPT:x",
            "",
        ] {
            assert_eq!(link(address, "x").to_string(), "x", "{address}");
        }
        assert_eq!(
            link("/docs?a=\"", "x").to_string(),
            "<a href=\"/docs?a=&quot;\">x</a>"
        );
    }
}
