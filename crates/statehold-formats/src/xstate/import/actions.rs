//! Actions: effects of a handler, but for the few that a configuration says in full.

use serde_json::{Value, json};
use statehold_core::source::{Node, NodeValue};

use super::super::outline::{entries, one_or_many};
use super::Importer;
use crate::draft::{ActionDraft, Piece, field, literal, slug};

impl Importer<'_> {
    /// A list of actions, or one alone.
    pub(super) fn actions(&mut self, node: Option<&Node>) -> Vec<ActionDraft> {
        let nodes = node.map(one_or_many).unwrap_or_default();
        nodes.iter().filter_map(|node| self.action(node)).collect()
    }

    fn action(&mut self, node: &Node) -> Option<ActionDraft> {
        if let Some(own) = self.own_params(node) {
            return Some(Piece::new(own.to_json()));
        }
        let name = node.as_str().or(node.get("type").and_then(Node::as_str));
        let Some(name) = name else {
            self.config
                .problem(node, "an action is a name, or an object with a `type`");
            return None;
        };
        if self.own.is_some() && self.draft.effects.contains_key(name) {
            return Some(Piece::new(json!({ "effect": name })));
        }
        match name.strip_prefix("xstate.").unwrap_or_default() {
            "raise" => self.raise(node),
            "assign" => self.assign(node),
            "" => Some(self.named(node, name)),
            built_in => {
                let message = format!(
                    "`{built_in}` has no counterpart: there are no actors in memory; say it by an effect"
                );
                self.loss(node, "built-in action", message);
                None
            }
        }
    }

    /// Code elsewhere.
    fn named(&mut self, node: &Node, name: &str) -> ActionDraft {
        let is_inline = name.starts_with("inline:");
        let construct = if is_inline { "inline action" } else { "action" };
        let known = self.draft.effects.len();
        let comments = [format!(
            "TODO: write the handler `{name}`, or say what it is over `http`."
        )];
        let effect = self.draft.handler(name, true, &comments);
        if self.draft.effects.len() > known {
            let message = format!(
                "`{name}` is code elsewhere: it became the effect `{effect}` of a handler; write the handler, or replace it by `http` or `assign`"
            );
            self.loss(node, construct, message);
        }
        let mut action = json!({ "effect": effect });
        if let Some(params) = node
            .get("params")
            .filter(|params| !entries(params).is_empty())
        {
            self.note_template(params, "params");
            action["input"] = literal(&params.to_json());
        }
        Piece::new(action)
    }

    fn raise(&mut self, node: &Node) -> Option<ActionDraft> {
        let of = |key: &str| node.get(key).or_else(|| node.get("params")?.get(key));
        if of("delay").is_some() {
            let message = "an event raised after a delay is not supported; use `after`";
            self.config.problem(node, message);
            return None;
        }
        let event = of("event");
        let kind = event.and_then(|event| event.as_str().or_else(|| event.get("type")?.as_str()));
        let Some(kind) = kind else {
            let message = "a raised event needs a `type` that is written down";
            self.config.problem(node, message);
            return None;
        };
        let name = {
            let mut notes = self.config.notes.borrow_mut();
            self.draft.event(kind, node.span.start, &mut notes)
        };
        let mut action = json!({ "raise": name });
        let data: Vec<_> = (event.map(entries).unwrap_or_default().iter())
            .filter(|(key, _)| key.text != "type")
            .map(|(key, node)| (key.text.clone(), literal(&node.to_json())))
            .collect();
        if !data.is_empty() {
            action["input"] = Value::Object(data.into_iter().collect());
        }
        Some(Piece::new(action))
    }

    /// Values that are written down are assigned; computed ones are code elsewhere.
    fn assign(&mut self, node: &Node) -> Option<ActionDraft> {
        let of = |key: &str| node.get(key).or_else(|| node.get("params")?.get(key));
        let Some(assignment) = of("assignment").filter(|node| !entries(node).is_empty()) else {
            let message = "what is assigned is code elsewhere; write it under `assign`";
            self.loss(node, "inline assign", message);
            return None;
        };
        let mut values = serde_json::Map::new();
        for (key, value) in entries(assignment) {
            let name = slug(&key.text, "field");
            let is_code = matches!(&value.value, NodeValue::Map(inner) if inner.iter().any(|(key, _)| key.text == "type" || key.text == "expr"))
                || value
                    .as_str()
                    .is_some_and(|text| text.contains("=>") || text.contains("{{"));
            if is_code {
                let message = format!(
                    "the value of `{}` is computed; write it as an expression under `assign`",
                    key.text
                );
                self.loss(value, "inline assign", message);
                continue;
            }
            self.widen_field(&name, &value.to_json());
            values.insert(name, literal(&value.to_json()));
        }
        (!values.is_empty()).then(|| Piece::new(json!({ "assign": values })))
    }

    /// Declares a field that is written and not declared; one that is written with another type may hold anything.
    fn widen_field(&mut self, name: &str, value: &Value) {
        let anything = format!("{name}?");
        if self.draft.context.contains_key(&anything) {
            return;
        }
        let written = field(name, value).1;
        if let Some(known) = self.draft.context.get(name) {
            if known.value.get("type") == written.get("type") {
                return;
            }
            let default = known.value.get("default").cloned();
            let form = json!({ "default": default });
            self.draft.context.shift_remove(name);
            self.draft.context.insert(anything, Piece::new(form));
            return;
        }
        let form = json!({ "default": null });
        self.draft.context.insert(anything, Piece::new(form));
    }
}
