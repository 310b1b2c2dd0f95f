//! What stands above the states: version, context, words.

use statehold_core::source::{Node, NodeValue};

use super::states::text_of;
use super::{Importer, own};
use crate::draft::{Piece, Slugs, field, slug};

impl Importer<'_> {
    /// What stands above the states.
    pub(super) fn head(&mut self) {
        let root = self.config.nodes[0];
        self.draft.description = text_of(root, "description");
        if let Some(own) = self.own {
            own::fill_head(&mut self.draft, own);
            return;
        }
        // XState drops what nobody takes.
        self.draft
            .head
            .insert("unhandled".to_owned(), "ignore".into());
        if root.get("id").is_none() {
            self.draft.label = None;
        }
        self.version(root);
        if let Some(context) = root.get("context") {
            self.context(context);
        }
    }

    fn version(&mut self, root: &Node) {
        let Some(node) = root.get("version") else {
            return;
        };
        let text = match &node.value {
            NodeValue::Int(number) => number.to_string(),
            _ => node.as_str().unwrap_or_default().to_owned(),
        };
        match text.parse() {
            Ok(version) if version > 0 => self.draft.version = version,
            _ => {
                let message = format!("`{text}` is no version of a chart, which counts from 1");
                self.loss(node, "version", message);
            }
        }
    }

    fn context(&mut self, node: &Node) {
        let NodeValue::Map(fields) = &node.value else {
            let message = "this is no object of fields; declare them under `context`";
            self.loss(node, "context", message);
            return;
        };
        let mut names = Slugs::default();
        for (key, value) in fields {
            let name = names.name(&key.text, |text| slug(text, "field"));
            if name != key.text {
                let message = format!("`{}` is called `{name}` here", key.text);
                self.loss(value, "context field", message);
            }
            self.note_template(value, "context field");
            let (name, form) = field(&name, &value.to_json());
            self.draft.context.insert(name, Piece::new(form));
        }
    }

    /// A text with `{{ }}` in it is an expression of a tool that we do not read.
    pub(super) fn note_template(&self, node: &Node, construct: &str) {
        match &node.value {
            NodeValue::Str(text) if text.contains("{{") => {
                let message = format!("`{text}` is kept as a text; write it as an expression");
                self.loss(node, construct, message);
            }
            NodeValue::Seq(items) => {
                for item in items {
                    self.note_template(item, construct);
                }
            }
            NodeValue::Map(entries) => {
                for (_, item) in entries {
                    self.note_template(item, construct);
                }
            }
            _ => {}
        }
    }
}
