//! Conditions and actions. A diagram only names them: they become guards that are `true` and effects of a handler, for
//! somebody to go on with.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Sketch;
use super::label::{Label, Trigger, is_event};
use super::states::Filler;
use crate::draft::{ActionDraft, GuardDraft, Piece};

impl Filler<'_, '_> {
    /// The condition of a label; none for `else`. `waits` says that there is an event to wait for.
    pub(super) fn guard(&mut self, label: &Label, waits: bool, at: usize) -> Option<GuardDraft> {
        let text = label.guard.as_deref()?;
        (!is_else(text)).then(|| self.guard_of(text, waits, at))
    }

    /// A condition that was only described. Where there is no event it is `false`, so that nothing moves by itself.
    pub(super) fn guard_of(&mut self, text: &str, waits: bool, at: usize) -> GuardDraft {
        if self.noted.insert(format!("guard {waits} {text}")) {
            let message = format!(
                "`{text}` is a guard that is `{waits}` until you write it as an expression"
            );
            self.notes.loss(at, "guard", message);
        }
        let comment = format!("TODO: {text}");
        let name = self
            .draft
            .guard_apart(&format!("{waits} {text}"), text, None, &[comment]);
        if let Some(guard) = self.draft.guards.get_mut(&name) {
            guard.value = Value::Bool(waits);
        }
        GuardDraft::Named(name)
    }

    /// What a label does.
    pub(super) fn actions(&mut self, label: &Label, at: usize) -> Vec<ActionDraft> {
        if label.deprecated {
            self.notes.loss(
                at,
                "deprecated",
                "that it is deprecated is not carried over",
            );
        }
        let mut actions = Vec::new();
        let mut fields: Vec<&str> = Vec::new();
        for text in &label.actions {
            let is_field = !fields.is_empty()
                && is_word(bare(text))
                && !self.known_effects.contains(bare(text));
            if text.starts_with("set ") || is_field {
                fields.push(text);
            } else {
                self.note_fields(&mut fields, at);
                actions.extend(self.action(text, at));
            }
        }
        self.note_fields(&mut fields, at);
        actions
    }

    fn note_fields(&mut self, fields: &mut Vec<&str>, at: usize) {
        if !fields.is_empty() {
            let message = format!(
                "`{}` does not say to what; write it under `assign`",
                fields.join(", ")
            );
            self.notes.loss(at, "assignment", message);
            fields.clear();
        }
    }

    fn action(&mut self, text: &str, at: usize) -> Option<ActionDraft> {
        let name = bare(text);
        if name.is_empty() {
            return None;
        }
        if name != text {
            let message = format!("`{text}` is done in any case; put it under `if`");
            self.notes.loss(at, "conditional action", message);
        }
        let raised = name.strip_prefix("raise ").map(str::trim);
        if let Some(event) = raised.filter(|event| is_event(event)) {
            return Some(Piece::new(json!({ "raise": event })));
        }
        Some(Piece::new(json!({ "effect": self.effect(name, at) })))
    }

    /// The effect of this name.
    pub(super) fn effect(&mut self, name: &str, at: usize) -> String {
        if self.noted.insert(format!("effect {name}")) {
            let message = format!("`{name}` is an effect of a handler that you have to write");
            self.notes.loss(at, "action", message);
        }
        self.draft.handler(name, false, &[])
    }
}

/// Names that are certainly effects. Behind `set a`, our own exports write further fields and effects alike.
pub(super) fn known_effects(sketch: &Sketch) -> HashSet<String> {
    let mut known = HashSet::new();
    let arrows = sketch.arrows.iter().flat_map(|arrow| &arrow.label);
    let texts = sketch
        .shapes
        .iter()
        .flat_map(|shape| shape.texts.iter().chain(&shape.notes));
    for text in arrows.chain(texts.map(|(_, text)| text)) {
        let label = Label::parse(text);
        if let Trigger::Done(name) | Trigger::Error(name) = label.kind() {
            known.insert(name);
        }
        let before = label
            .actions
            .iter()
            .take_while(|action| !action.starts_with("set "));
        known.extend(before.map(|action| bare(action).to_owned()));
    }
    known
}

/// An action without the marks that it is done under a condition, or for each of several.
fn bare(action: &str) -> &str {
    action.trim_end_matches(['?', '*']).trim_end()
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether a condition holds whenever no other one does.
pub(super) fn is_else(text: &str) -> bool {
    let text = text.trim();
    ["else", "otherwise", "default"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}
