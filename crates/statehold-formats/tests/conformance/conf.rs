//! The `conf:` markup of the W3C tests: placeholders for operations on data, bound to expressions by a table that
//! comes with the suite.

use std::collections::BTreeMap;

use regex::Regex;
use roxmltree::{Document, Node};
use serde_json::Value;

const CONF: &str = "http://www.w3.org/2005/scxml-conformance";

/// The table.
pub(crate) struct Bindings {
    attributes: BTreeMap<String, Attribute>,
    elements: BTreeMap<String, String>,
}

/// What an attribute of the markup becomes.
struct Attribute {
    set: String,
    value: String,
    pattern: Option<Regex>,
}

impl Bindings {
    /// Reads the table.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let table: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let text_of = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let mut attributes = BTreeMap::new();
        for (name, entry) in table["attributes"].as_object().ok_or("no attributes")? {
            let pattern = match entry["match"].as_str() {
                Some(pattern) => {
                    Some(Regex::new(&format!("^{pattern}$")).map_err(|e| e.to_string())?)
                }
                None => None,
            };
            let attribute = Attribute {
                set: text_of(entry, "set"),
                value: text_of(entry, "value"),
                pattern,
            };
            attributes.insert(name.clone(), attribute);
        }
        let elements = table["elements"].as_object().ok_or("no elements")?;
        Ok(Self {
            attributes,
            elements: elements
                .iter()
                .map(|(name, template)| {
                    (
                        name.clone(),
                        template.as_str().unwrap_or_default().to_owned(),
                    )
                })
                .collect(),
        })
    }

    /// The document without the markup.
    pub(crate) fn bind(&self, text: &str) -> Result<String, String> {
        let document = Document::parse(text).map_err(|error| error.to_string())?;
        let mut out = String::new();
        self.write(document.root_element(), true, &mut out)?;
        Ok(out)
    }

    fn write(&self, node: Node<'_, '_>, is_root: bool, out: &mut String) -> Result<(), String> {
        if let Some(text) = node.text().filter(|_| node.is_text()) {
            escape(text, out);
        }
        if !node.is_element() {
            return Ok(());
        }
        let name = node.tag_name().name();
        if node.tag_name().namespace() == Some(CONF) {
            return self.write_element(node, name, out);
        }
        out.push_str(&format!("<{name}"));
        if is_root {
            out.push_str(" xmlns=\"http://www.w3.org/2005/07/scxml\"");
        }
        for attribute in node.attributes() {
            let (name, value) = match attribute.namespace() {
                Some(CONF) => self.attribute(attribute.name(), attribute.value())?,
                _ => (attribute.name().to_owned(), attribute.value().to_owned()),
            };
            out.push_str(&format!(" {name}=\""));
            escape(&value, out);
            out.push('"');
        }
        out.push('>');
        for child in node.children() {
            self.write(child, false, out)?;
        }
        out.push_str(&format!("</{name}>"));
        Ok(())
    }

    fn attribute(&self, name: &str, given: &str) -> Result<(String, String), String> {
        let bound = self
            .attributes
            .get(name)
            .ok_or(format!("conf:{name} is not bound"))?;
        let Some(pattern) = &bound.pattern else {
            return Ok((bound.set.clone(), bound.value.replace("$0", given)));
        };
        let groups = pattern
            .captures(given)
            .ok_or(format!("conf:{name}=\"{given}\" does not match"))?;
        let mut value = bound.value.clone();
        for at in 1..groups.len() {
            let group = groups.get(at).map_or("", |group| group.as_str());
            let group = if group == "=" { "==" } else { group };
            value = value.replace(&format!("${at}"), group);
        }
        Ok((bound.set.clone(), value))
    }

    fn write_element(
        &self,
        node: Node<'_, '_>,
        name: &str,
        out: &mut String,
    ) -> Result<(), String> {
        let template = self
            .elements
            .get(name)
            .ok_or(format!("conf:{name} is not bound"))?;
        if let Some(text) = template.strip_prefix("text ") {
            escape(text, out);
            return Ok(());
        }
        let mut filled = template.clone();
        // Longer names first: `@id` is the beginning of `@id1`.
        let mut attributes: Vec<_> = node.attributes().collect();
        attributes.sort_by_key(|attribute| std::cmp::Reverse(attribute.name().len()));
        for attribute in attributes {
            filled = filled.replace(&format!("@{}", attribute.name()), attribute.value());
        }
        out.push_str(&filled);
        Ok(())
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}
