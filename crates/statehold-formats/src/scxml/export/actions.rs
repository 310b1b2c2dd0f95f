//! Actions as executable content. What an element does not say whole it carries as `statehold:action`.

use serde_json::{Map, Value};

use super::super::own;
use super::xml::{Attributes, fits};
use super::{Writer, losses};
use crate::draft::{ActionDraft, quoted};

impl Writer<'_> {
    pub(super) fn actions(&mut self, actions: &[ActionDraft]) {
        for action in actions {
            self.action(&action.value);
        }
    }

    fn action(&mut self, action: &Value) {
        let text = |key: &str| action.get(key).and_then(Value::as_str);
        if let Some(fields) = action.get("assign").and_then(Value::as_object) {
            self.assign(action, fields);
        } else if let Some(event) = text("raise") {
            self.raise(action, event);
        } else if let Some(effect) = text("effect") {
            self.losses.add(losses::EFFECT);
            let attributes = Attributes::default()
                .with("type", own::EFFECT)
                .with("event", effect)
                .json("statehold:action", action);
            self.xml.begin("send", &attributes);
            self.params(action.get("input"));
            self.xml.end();
        } else if action.get("if").is_some() {
            self.choice(action);
        } else {
            self.losses.add(losses::OTHER);
            let key = action.as_object().and_then(|entries| entries.keys().next());
            let attributes = Attributes::default()
                .with("type", own::EFFECT)
                .with("event", key.map_or("action", String::as_str))
                .json("statehold:action", action);
            self.xml.empty("send", &attributes);
        }
    }

    /// One element for each field. The first carries the whole if one plain element does not say it.
    fn assign(&mut self, action: &Value, fields: &Map<String, Value>) {
        if fields.len() > 1 {
            self.losses.add(losses::AT_ONCE);
        }
        let is_plain = fields.len() == 1
            && fields
                .values()
                .all(|value| value.as_str().is_some_and(fits));
        for (at, (field, value)) in fields.iter().enumerate() {
            self.losses.add(losses::ASSIGN);
            let attributes = Attributes::default()
                .with("location", field.as_str())
                .with("expr", cel_of(value));
            let attributes = match (is_plain, at) {
                (true, _) => attributes,
                (false, 0) => attributes.json("statehold:action", action),
                (false, _) => attributes.with("statehold:action", "part"),
            };
            self.xml.empty("assign", &attributes);
        }
        if fields.is_empty() {
            let attributes = Attributes::default()
                .with("cond", "false")
                .json("statehold:action", action);
            self.xml.empty("if", &attributes);
        }
    }

    fn raise(&mut self, action: &Value, event: &str) {
        if action.get("input").is_none() {
            let attributes = Attributes::default().with("event", event);
            self.xml.empty("raise", &attributes);
            return;
        }
        let attributes = Attributes::default()
            .with("event", event)
            .with("target", "#_internal")
            .json("statehold:action", action);
        self.xml.begin("send", &attributes);
        self.params(action.get("input"));
        self.xml.end();
    }

    fn choice(&mut self, action: &Value) {
        self.losses.add(losses::GUARD);
        let condition = match &action["if"] {
            Value::String(text) => self.guard_text(text),
            other => other.to_string(),
        };
        let attributes = Attributes::default()
            .with("cond", condition)
            .json("statehold:action", action);
        self.xml.begin("if", &attributes);
        self.inner(action.get("then"));
        if let Some(otherwise) = action.get("else") {
            self.xml.empty("else", &Attributes::default());
            self.inner(Some(otherwise));
        }
        self.xml.end();
    }

    /// Actions inside an action. Nesting is bounded: the chart was loaded.
    fn inner(&mut self, actions: Option<&Value>) {
        match actions {
            Some(Value::Array(items)) => items.iter().for_each(|item| self.action(item)),
            Some(item) => self.action(item),
            None => {}
        }
    }

    pub(super) fn params(&mut self, input: Option<&Value>) {
        let fields = input.and_then(Value::as_object);
        for (name, value) in fields.into_iter().flatten() {
            let attributes = Attributes::default()
                .with("name", name.as_str())
                .with("expr", cel_of(value));
            self.xml.empty("param", &attributes);
        }
    }
}

/// A value in the chart's syntax as one expression.
pub(super) fn cel_of(value: &Value) -> String {
    match value {
        Value::String(source) => source.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(cel_of).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let entries: Vec<String> = (entries.iter())
                .map(|(key, value)| format!("{}: {}", quoted(key), cel_of(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}
