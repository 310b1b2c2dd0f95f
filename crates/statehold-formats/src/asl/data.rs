//! Data between states: what an effect is given, and where its answer is kept.

use serde_json::{Map, Value, json};
use statehold_core::source::{Node, NodeValue};

use super::entries;
use super::flow::Flow;
use super::path::{Base, Step, steps};
use crate::draft::{ActionDraft, Piece, literal};

impl Flow<'_> {
    /// What `$` stands for in a state, which may look at a part of the data only.
    pub(super) fn base(&mut self, state: &Node) -> Base {
        match state.get("InputPath") {
            Some(node) => match node
                .as_str()
                .and_then(|path| self.path(path, &Base::Context))
            {
                Some(source) if source != "ctx" => Base::Value(source),
                Some(_) => Base::Context,
                None => {
                    self.loss(
                        node,
                        "InputPath",
                        "it is no path that has words here; the whole context is looked at",
                    );
                    Base::Context
                }
            },
            None => Base::Context,
        }
    }

    /// The arguments of a task. Without parameters it is given everything, as `input`.
    pub(super) fn arguments(&mut self, state: &Node) -> Value {
        let base = self.base(state);
        let Some(node) = state.get("Parameters").or(state.get("Arguments")) else {
            let all = match base {
                Base::Context => "ctx".to_owned(),
                Base::Value(source) => source,
            };
            return json!({ "input": all });
        };
        match self.template(node, &base) {
            Some(value @ Value::Object(_)) => value,
            Some(value) => json!({ "input": value }),
            None => json!({}),
        }
    }

    /// A payload template: keys that end with `.$` hold paths, everything else is as it stands.
    pub(super) fn template(&mut self, node: &Node, base: &Base) -> Option<Value> {
        match &node.value {
            NodeValue::Str(text) if text.trim_start().starts_with("{%") => {
                let message = format!(
                    "`{}` is JSONata; write it as an expression",
                    crate::mermaid::short(text)
                );
                self.loss(node, "JSONata", message);
                None
            }
            NodeValue::Map(entries) => {
                let mut object = Map::new();
                for (key, node) in entries {
                    let (key, value) = match key.text.strip_suffix(".$") {
                        Some(key) => (key, self.dynamic(node, base)),
                        None => (key.text.as_str(), self.template(node, base)),
                    };
                    if let Some(value) = value {
                        object.insert(key.to_owned(), value);
                    }
                }
                Some(Value::Object(object))
            }
            NodeValue::Seq(items) => {
                let items = items
                    .iter()
                    .map(|item| self.template(item, base).unwrap_or(Value::Null));
                Some(Value::Array(items.collect()))
            }
            _ => Some(literal(&node.to_json())),
        }
    }

    fn dynamic(&mut self, node: &Node, base: &Base) -> Option<Value> {
        let text = node.as_str().unwrap_or_default();
        let source = self.path(text, base);
        if source.is_none() {
            let message = format!(
                "`{}` has no words here and is left out; write it as an expression",
                crate::mermaid::short(text)
            );
            self.loss(node, "path", message);
        }
        if text.trim() == "$$.Task.Token" {
            let message = "the token is the entity's id here: whoever has it answers by firing the event that the state waits for";
            self.loss_once(node, "task token", message);
        }
        source.map(Value::String)
    }

    /// Keeps an answer where `ResultPath` says. `answer` is the expression for it.
    pub(super) fn keep(&mut self, state: &Node, answer: &str) -> Vec<ActionDraft> {
        self.note_output(state);
        let base = Base::Value(answer.to_owned());
        let selected = match state.get("ResultSelector") {
            Some(selector) => self.template(selector, &base),
            None => Some(Value::from(answer)),
        };
        let mut actions = self.put(state, selected, true);
        actions.extend(self.variables(state, &base));
        actions
    }

    /// Puts a value where `ResultPath` says. If it replaces everything, the fields of an object are kept, and of
    /// anything else nothing.
    pub(super) fn put(
        &mut self,
        state: &Node,
        value: Option<Value>,
        is_answer: bool,
    ) -> Vec<ActionDraft> {
        let Some(node) = state.get("ResultPath") else {
            return self.put_everywhere(state, value.as_ref(), is_answer);
        };
        if node.value == NodeValue::Null {
            return Vec::new();
        }
        let path = node.as_str().unwrap_or_default();
        let found = path
            .strip_prefix('$')
            .filter(|_| !path.starts_with("$$"))
            .and_then(steps);
        match (found.as_deref(), value) {
            (Some([]), value) => self.put_everywhere(node, value.as_ref(), is_answer),
            (Some([Step::Name(name)]), Some(value)) => {
                let field = self.field(name);
                vec![Piece::new(json!({ "assign": { field: value } }))]
            }
            (Some([Step::Name(name), ..]), _) => {
                self.field(name);
                let message = format!(
                    "`{path}` is inside a field, and fields are written as a whole; write `assign`"
                );
                self.loss(node, "ResultPath", message);
                Vec::new()
            }
            _ => {
                let message = format!("`{path}` is no field; write `assign`");
                self.loss(node, "ResultPath", message);
                Vec::new()
            }
        }
    }

    fn put_everywhere(
        &mut self,
        at: &Node,
        value: Option<&Value>,
        is_answer: bool,
    ) -> Vec<ActionDraft> {
        if let Some(Value::Object(entries)) = value
            && !entries.is_empty()
        {
            self.loss(
                at,
                "data replaced",
                "other fields of the context stay as they are",
            );
            let mut fields = Map::new();
            for (key, value) in entries {
                fields.insert(self.field(key), value.clone());
            }
            return vec![Piece::new(json!({ "assign": fields }))];
        }
        if is_answer {
            let message =
                "the answer would replace all data; nothing of it is kept until you write `assign`";
            self.loss(at, "data replaced", message);
        }
        Vec::new()
    }

    /// Variables that a state sets.
    pub(super) fn variables(&mut self, state: &Node, base: &Base) -> Vec<ActionDraft> {
        let Some(node) = state.get("Assign") else {
            return Vec::new();
        };
        let Some(Value::Object(values)) = self.template(node, base) else {
            return Vec::new();
        };
        let mut fields = Map::new();
        for (name, value) in values {
            fields.insert(self.field(&name), value);
        }
        match fields.is_empty() {
            true => Vec::new(),
            false => vec![Piece::new(json!({ "assign": fields }))],
        }
    }

    /// What is handed on to the next state cannot be less than the context.
    pub(super) fn note_output(&mut self, state: &Node) {
        for key in ["OutputPath", "Output"] {
            let Some(node) = state.get(key).filter(|node| node.as_str() != Some("$")) else {
                continue;
            };
            let message = "what is handed on is the whole context; paths behind this state may have to change";
            self.loss(node, key, message);
        }
    }

    /// Notes keys of a state that nobody looked at.
    pub(super) fn note_keys(&mut self, state: &Node, known: &[&str]) {
        const COMMON: [&str; 9] = [
            "Type",
            "Comment",
            "Next",
            "End",
            "InputPath",
            "OutputPath",
            "Output",
            "Assign",
            "QueryLanguage",
        ];
        for (key, value) in entries(state) {
            let key = key.text.as_str();
            if !COMMON.contains(&key) && !known.contains(&key) {
                self.loss(value, format!("key `{key}`"), "it has no counterpart here");
            }
        }
    }
}
