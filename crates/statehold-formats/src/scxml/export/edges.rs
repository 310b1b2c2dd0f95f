//! Transitions, in the order in which a chart tries them.

use serde_json::{Map, Value};
use statehold_core::is_reserved;

use super::super::own;
use super::xml::{Attributes, fits};
use super::{Writer, losses};
use crate::draft::{GuardDraft, StateDraft, TransitionDraft, join, takes, within};

impl Writer<'_> {
    /// All transitions of a state; `timers` are the events of its timers.
    pub(super) fn transitions(&mut self, state: &StateDraft, path: &str, timers: &[String]) {
        for transition in &state.always {
            self.transition(None, transition, path);
        }
        // A chart tries exact names first, then longer prefixes, then `*`; a document the one that stands first.
        let mut keys: Vec<&String> = state.on.keys().collect();
        keys.sort_by_key(|key| rank(key));
        for key in keys {
            self.note_family(key);
            for transition in &state.on[key] {
                self.transition(Some(key), transition, path);
            }
        }
        let end = format!("done.state.{path}");
        for transition in &state.on_done {
            self.transition(Some(&end), transition, path);
        }
        for (timer, event) in state.after.iter().zip(timers) {
            for transition in &timer.transitions {
                self.transition(Some(event), transition, path);
            }
        }
        for invoke in &state.invoke {
            let id = join(path, &invoke.effect);
            for (event, candidates) in [
                (own::done_event(&id), &invoke.on_done),
                (own::error_event(&id), &invoke.on_error),
            ] {
                for transition in candidates {
                    self.transition(Some(&event), transition, path);
                }
            }
        }
    }

    fn note_family(&mut self, key: &str) {
        if key.ends_with('*') {
            self.losses.add(losses::WILDCARD);
            return;
        }
        let below = format!("{key}.*");
        let others = (self.machine.states.iter())
            .flat_map(|state| &state.transitions)
            .filter_map(|transition| {
                transition
                    .on
                    .as_ref()
                    .map(statehold_core::machine::Descriptor::text)
            });
        let declared = self.draft.events.keys().cloned();
        let is_family = others.chain(declared).any(|other| {
            other != key && !is_reserved(&other) && other != below && takes(&below, &other)
        });
        if is_family {
            self.losses.add(losses::FAMILY);
        }
    }

    fn transition(&mut self, event: Option<&str>, transition: &TransitionDraft, source: &str) {
        let (condition, guard) = self.guard(transition.guard.as_ref());
        let mut own = Map::new();
        if let Some(guard) = guard {
            own.insert("guard".to_owned(), guard);
        }
        for (key, text) in [
            ("label", &transition.label),
            ("description", &transition.description),
        ] {
            if let Some(text) = text {
                own.insert(key.to_owned(), text.as_str().into());
            }
        }
        if !transition.more.is_empty() {
            own.insert("more".to_owned(), Value::Object(transition.more.clone()));
        }
        let targets = &transition.targets;
        let is_inside = |target: &String| target == source || within(target, source).is_some();
        let stays = !targets.is_empty() && targets.iter().all(is_inside);
        if stays && !transition.reenter && targets.iter().any(|target| target == source) {
            self.losses.add(losses::SELF);
        }
        let kind = match (transition.reenter, stays) {
            (true, _) => Some("external".to_owned()),
            (false, true) => Some("internal".to_owned()),
            (false, false) => None,
        };
        // An eventless transition without a condition or a target is none there.
        let needs_condition = event.is_none() && targets.is_empty() && condition.is_none();
        let attributes = Attributes::default()
            .maybe("event", event.map(str::to_owned))
            .maybe(
                "cond",
                condition.or(needs_condition.then(|| "true".to_owned())),
            )
            .maybe("target", (!targets.is_empty()).then(|| targets.join(" ")))
            .maybe("type", kind)
            .json("statehold:transition", &Value::Object(own));
        if transition.actions.is_empty() {
            self.xml.empty("transition", &attributes);
            return;
        }
        self.xml.begin("transition", &attributes);
        self.actions(&transition.actions);
        self.xml.end();
    }

    /// The condition as a text, and what it is beyond that.
    fn guard(&mut self, guard: Option<&GuardDraft>) -> (Option<String>, Option<Value>) {
        let Some(guard) = guard else {
            return (None, None);
        };
        self.losses.add(losses::GUARD);
        match guard {
            GuardDraft::Expr(source) if fits(source) => (Some(source.clone()), None),
            GuardDraft::Expr(source) => {
                let form = serde_json::json!({ "if": source });
                (Some(source.clone()), Some(form))
            }
            GuardDraft::Named(name) => (Some(self.guard_text(name)), Some(name.as_str().into())),
            GuardDraft::Form(form) => {
                let condition = form.get("if").and_then(Value::as_str);
                let condition = condition.map(|text| self.guard_text(text));
                (condition, Some(form.clone()))
            }
        }
    }

    /// What a declared guard says; the text itself if there is none of that name.
    pub(super) fn guard_text(&self, name: &str) -> String {
        let declared = self.draft.guards.get(name).map(|piece| &piece.value);
        match declared {
            Some(Value::String(source)) => source.clone(),
            Some(Value::Bool(value)) => value.to_string(),
            Some(form) => (form.get("if").and_then(Value::as_str))
                .unwrap_or(name)
                .to_owned(),
            None => name.to_owned(),
        }
    }
}

/// Exact names, longer prefixes, `*`.
fn rank(key: &str) -> (usize, usize) {
    match key.strip_suffix(".*") {
        _ if key == "*" => (2, 0),
        Some(prefix) => (1, usize::MAX - prefix.split('.').count()),
        None => (0, 0),
    }
}
