//! Executable content.

use serde_json::{Map, Value, json};
use statehold_core::is_reserved;
use statehold_core::machine::StateId;

use super::super::document::{Element, ElementKind, Given};
use super::super::rewrite::EventWords;
use super::Importer;
use crate::draft::{ActionDraft, GuardDraft, Piece};

impl Importer<'_> {
    /// A block of executable content; `owner` is the state it stands in.
    pub(super) fn actions(
        &mut self,
        elements: &[Element],
        event: EventWords,
        owner: StateId,
    ) -> Vec<ActionDraft> {
        let all = elements.iter();
        all.filter_map(|element| self.action(element, event, owner))
            .collect()
    }

    fn action(
        &mut self,
        element: &Element,
        event: EventWords,
        owner: StateId,
    ) -> Option<ActionDraft> {
        let at = element.span.start;
        match &element.kind {
            ElementKind::Raise { event: name } => self.raise(name, None, at),
            ElementKind::Assign { location, value } => self.assign(location, value, event, at),
            ElementKind::If {
                branches,
                otherwise,
            } => self.choice(branches, otherwise, event, owner, at),
            ElementKind::Foreach { body, .. } => {
                if tells(body) {
                    let message = "a loop that raises or sends events is not supported";
                    self.refuse(at, message);
                } else {
                    let message = "a chart has no loops; write what it computes with `map`, `filter` or `sum` in an `assign`";
                    self.loss(at, "loop", message);
                }
                None
            }
            ElementKind::Log { label, .. } => {
                let message = format!(
                    "nothing is printed ({label:?}); the history of an entity shows every step"
                );
                self.loss(at, "log", message);
                None
            }
            ElementKind::Send(send) => self.send(send, event, owner, at),
            ElementKind::Cancel { .. } => {
                self.cancel(at);
                None
            }
        }
    }

    /// An event for this machine alone, in this step.
    pub(super) fn raise(
        &mut self,
        name: &str,
        input: Option<Value>,
        at: usize,
    ) -> Option<ActionDraft> {
        if is_reserved(name) || is_reserved(&format!("{name}.")) {
            let message = format!("`{name}` is an event that only the engine may fire");
            self.refuse(at, message);
            return None;
        }
        let name = self.event(name, at);
        let mut action = json!({ "raise": name });
        match input {
            Some(Value::Object(fields)) => action["input"] = Value::Object(fields),
            Some(_) => {
                let message = "an event carries an object of named values; name what it carries";
                self.loss(at, "content of an event", message);
            }
            None => {}
        }
        Some(Piece::new(action))
    }

    fn assign(
        &mut self,
        location: &str,
        value: &Given,
        event: EventWords,
        at: usize,
    ) -> Option<ActionDraft> {
        let words = match value {
            Given::Expr(text) | Given::Text(text) => text,
        };
        if !self.lower.is_writable(location) {
            let message = format!(
                "`{location}` is no variable that can be written ({words}); assign the whole variable, or declare it"
            );
            self.loss(at, "assignment", message);
            return None;
        }
        match self.value(value, event) {
            Ok(value) => {
                let assign = Map::from_iter([(location.to_owned(), value)]);
                Some(Piece::new(json!({ "assign": assign })))
            }
            Err(problem) => {
                let message = format!(
                    "`{location} = {words}` is no expression here ({problem}); write it under `assign`"
                );
                self.loss(at, "assignment", message);
                None
            }
        }
    }

    /// `if` with its other branches, each inside the `else` of the one before.
    fn choice(
        &mut self,
        branches: &[(String, Vec<Element>)],
        otherwise: &[Element],
        event: EventWords,
        owner: StateId,
        at: usize,
    ) -> Option<ActionDraft> {
        let mut rest = self.actions(otherwise, event, owner);
        for (condition, then) in branches.iter().rev() {
            let then = values(self.actions(then, event, owner));
            if then.is_empty() && rest.is_empty() {
                continue;
            }
            let condition = match self.condition(condition, event, at) {
                GuardDraft::Expr(source) | GuardDraft::Named(source) => source,
                GuardDraft::Form(form) => form.to_string(),
            };
            let mut action = json!({ "if": condition, "then": then });
            if !rest.is_empty() {
                action["else"] = Value::Array(values(rest));
            }
            rest = vec![Piece::new(action)];
        }
        rest.pop()
    }
}

fn values(actions: Vec<ActionDraft>) -> Vec<Value> {
    actions.into_iter().map(|action| action.value).collect()
}

/// Whether events are raised or sent somewhere inside.
fn tells(elements: &[Element]) -> bool {
    elements.iter().any(|element| match &element.kind {
        ElementKind::Raise { .. } | ElementKind::Send(_) | ElementKind::Cancel { .. } => true,
        ElementKind::If {
            branches,
            otherwise,
        } => branches.iter().any(|(_, block)| tells(block)) || tells(otherwise),
        ElementKind::Foreach { body, .. } => tells(body),
        _ => false,
    })
}
