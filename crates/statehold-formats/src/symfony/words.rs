//! Events, guards and metadata of transitions.

use serde_json::{Map, Value, json};
use statehold_core::source::{Node, NodeValue};

use super::definition::Transition;
use super::expression::rewrite;
use super::lower::Lowering;
use super::place::Name;
use crate::draft::{GuardDraft, Piece, event_slug, slug};

impl Lowering<'_, '_, '_> {
    /// The event that a transition is.
    pub(super) fn event(&mut self, name: &Name) -> String {
        let mut is_new = false;
        let event = self.events.name(&name.written, |_| {
            is_new = true;
            event_slug(&name.short)
        });
        if is_new && event != name.written {
            let construct = if name.is_constant {
                "constant"
            } else {
                "event name"
            };
            let message = format!(
                "`{}` is called `{event}` here; callers must use that name",
                name.written
            );
            self.notes.loss(name.at, construct, message);
            self.draft
                .events
                .insert(event.clone(), Piece::new(json!({ "label": name.written })));
        }
        event
    }

    /// The condition of a transition; `places` is one that it has anyway.
    pub(super) fn guard(
        &mut self,
        from: &Transition<'_>,
        places: Option<String>,
    ) -> Option<GuardDraft> {
        let Some(node) = from.guard else {
            return places.map(GuardDraft::Expr);
        };
        let text = match &node.value {
            NodeValue::Str(text) => text.trim().to_owned(),
            _ => node.to_json().to_string(),
        };
        let at = node.span.start;
        let with_places = |source: String| match &places {
            Some(places) => format!("{places} && ({source})"),
            None => source,
        };
        let Some(rewritten) = rewrite(&text) else {
            if self.noted.insert(text.clone()) {
                let message = format!(
                    "`{text}` is a guard that is `true` until you write it as an expression"
                );
                self.notes.loss(at, "guard", message);
            }
            let key = format!("{text}\n{}", places.as_deref().unwrap_or_default());
            let name = self
                .draft
                .guard_apart(&key, &text, places, &[format!("TODO: {text}")]);
            return Some(GuardDraft::Named(name));
        };
        if rewritten.has_roles && self.noted.insert("roles".to_owned()) {
            let message = "roles are those of the caller here; voters and the hierarchy of roles are not asked";
            self.notes.loss(at, "is_granted", message);
        }
        for field in rewritten.fields {
            let key = format!("{}?", slug(&field, "field"));
            if !self.draft.context.contains_key(&key) {
                let message = format!(
                    "`{field}` is a field of the context now; say what type it has, and fill it"
                );
                self.notes.loss(at, "field of the subject", message);
                self.draft
                    .context
                    .insert(key, Piece::new(json!({ "default": null })));
            }
        }
        Some(GuardDraft::Expr(with_places(rewritten.source)))
    }
}

/// What metadata says for people, and the rest of it.
pub(super) struct Metadata {
    pub(super) label: Option<String>,
    pub(super) description: Option<String>,
    pub(super) meta: Option<Value>,
}

pub(super) fn metadata(node: Option<&Node>) -> Metadata {
    let mut words = Metadata {
        label: None,
        description: None,
        meta: None,
    };
    let mut meta = Map::new();
    for (key, value) in node.map(super::entries).unwrap_or_default() {
        let text = value.as_str().map(str::to_owned);
        match key.text.as_str() {
            "title" | "label" if text.is_some() && words.label.is_none() => words.label = text,
            "description" if text.is_some() => words.description = text,
            other => {
                meta.insert(other.to_owned(), value.to_json());
            }
        }
    }
    words.meta = (!meta.is_empty()).then_some(Value::Object(meta));
    words
}
