//! States, timers and invokes.

use serde_json::{Map, Value, json};
use statehold_core::delay;
use statehold_core::is_reserved;
use statehold_core::machine::StateKind;

use super::losses;
use super::{Writer, own_meta};
use crate::draft::{InitialDraft, InvokeDraft, StateDraft, TimerDraft, TimerWhen, join, within};

impl Writer<'_> {
    /// A state with everything inside it.
    pub(super) fn state(&mut self, state: &StateDraft, path: &str) -> Map<String, Value> {
        let mut out = Map::new();
        words(&mut out, state, path);
        self.kind(&mut out, state, path);
        for (key, actions) in [("entry", &state.entry), ("exit", &state.exit)] {
            if !actions.is_empty() {
                out.insert(key.to_owned(), self.actions(actions));
            }
        }
        if !state.invoke.is_empty() {
            let invokes: Vec<Value> = (state.invoke.iter())
                .map(|invoke| self.invoke(invoke, path))
                .collect();
            out.insert("invoke".to_owned(), one_or_list(invokes));
        }
        if !state.on.is_empty() {
            let mut on = Map::new();
            for (event, candidates) in &state.on {
                if event.ends_with('*') {
                    self.losses.add(losses::WILDCARD);
                } else if is_reserved(event) {
                    self.losses.add(losses::ENGINE_EVENT);
                }
                on.insert(event.clone(), self.candidates(candidates, path));
            }
            out.insert("on".to_owned(), Value::Object(on));
        }
        for (key, candidates) in [("onDone", &state.on_done), ("always", &state.always)] {
            if !candidates.is_empty() {
                out.insert(key.to_owned(), self.candidates(candidates, path));
            }
        }
        if !state.after.is_empty() {
            let after = self.after(state, path);
            out.insert("after".to_owned(), after);
        }
        if let Some(output) = &state.output {
            self.losses.add(losses::OUTPUT);
            own_meta(&mut out, "output", output.clone());
        }
        if !state.states.is_empty() {
            let mut states = Map::new();
            for child in &state.states {
                let inner = self.state(child, &join(path, &child.name));
                states.insert(child.name.clone(), Value::Object(inner));
            }
            out.insert("states".to_owned(), Value::Object(states));
        }
        out
    }

    fn kind(&mut self, out: &mut Map<String, Value>, state: &StateDraft, path: &str) {
        match state.kind {
            StateKind::Atomic => {}
            StateKind::Compound => self.initial(out, state.initial.as_ref(), path),
            StateKind::Parallel => {
                out.insert("type".to_owned(), "parallel".into());
            }
            StateKind::Final => {
                out.insert("type".to_owned(), "final".into());
            }
            StateKind::History { deep } => {
                out.insert("type".to_owned(), "history".into());
                let history = if deep { "deep" } else { "shallow" };
                out.insert("history".to_owned(), history.into());
                if let Some(initial) = &state.initial {
                    let target = self.target(&initial.targets, path);
                    out.insert("target".to_owned(), target);
                }
            }
        }
    }

    fn initial(
        &mut self,
        out: &mut Map<String, Value>,
        initial: Option<&InitialDraft>,
        path: &str,
    ) {
        let Some(initial) = initial else {
            return;
        };
        let inner: Vec<&str> = (initial.targets.iter())
            .filter_map(|target| within(target, path))
            .collect();
        let Some(first) = inner.first() else {
            return;
        };
        // Only a child can be named there.
        let child = first.split('.').next().unwrap_or(first);
        if inner.len() > 1 || child != *first {
            self.losses.add(losses::DEEP_INITIAL);
            let all = inner.iter().map(|text| Value::from(*text)).collect();
            own_meta(out, "initial", Value::Array(all));
        }
        let value = match initial.actions.as_slice() {
            [] => Value::from(child),
            actions => json!({ "target": child, "actions": self.actions(actions) }),
        };
        out.insert("initial".to_owned(), value);
    }

    fn after(&mut self, state: &StateDraft, path: &str) -> Value {
        let mut after = Map::new();
        for timer in &state.after {
            let key = self.delay_key(timer, &after);
            let mut candidates: Vec<Map<String, Value>> = (timer.transitions.iter())
                .map(|transition| self.transition(transition, path))
                .collect();
            if let Some(first) = candidates.first_mut() {
                own_meta(first, "timer", own_timer(timer));
            }
            let candidates = candidates.into_iter().map(Value::Object).collect();
            after.insert(key, one_or_list(candidates));
        }
        Value::Object(after)
    }

    /// Milliseconds where that says it, else a name that no other timer of the state has.
    fn delay_key(&mut self, timer: &TimerDraft, taken: &Map<String, Value>) -> String {
        let wanted = match &timer.when {
            TimerWhen::Delay(text) => match delay::parse(text) {
                Ok(length) => {
                    losses::delay(self.losses, length);
                    let millis = length.as_micros().div_ceil(1_000).to_string();
                    if !taken.contains_key(&millis) {
                        return millis;
                    }
                    self.losses.add(losses::SAME_DELAY);
                    text.clone()
                }
                Err(_) => text.clone(),
            },
            TimerWhen::At(source) => {
                self.losses.add(losses::AT);
                source.clone()
            }
            TimerWhen::Other => {
                self.losses.add(losses::AT);
                "timer".to_owned()
            }
        };
        let mut key = timer.name.clone().unwrap_or(wanted);
        // A key of digits would be taken for milliseconds.
        while taken.contains_key(&key) || key.parse::<f64>().is_ok() {
            key.push('\'');
        }
        key
    }

    fn invoke(&mut self, invoke: &InvokeDraft, path: &str) -> Value {
        self.losses.add(losses::EFFECT);
        let mut out = Map::new();
        out.insert("src".to_owned(), invoke.effect.as_str().into());
        out.insert("id".to_owned(), join(path, &invoke.effect).into());
        if let Some(input) = &invoke.input {
            out.insert("input".to_owned(), input.clone());
            own_meta(&mut out, "input", input.clone());
        }
        for (key, candidates) in [("onDone", &invoke.on_done), ("onError", &invoke.on_error)] {
            if !candidates.is_empty() {
                out.insert(key.to_owned(), self.candidates(candidates, path));
            }
        }
        if !invoke.more.is_empty() {
            own_meta(&mut out, "more", Value::Object(invoke.more.clone()));
        }
        Value::Object(out)
    }
}

fn words(out: &mut Map<String, Value>, state: &StateDraft, path: &str) {
    // The machine's own words stand with its head.
    if !path.is_empty() {
        if let Some(description) = &state.description {
            out.insert("description".to_owned(), description.as_str().into());
        }
        if let Some(label) = &state.label {
            own_meta(out, "label", label.as_str().into());
        }
        if !state.more.is_empty() {
            own_meta(out, "more", Value::Object(state.more.clone()));
        }
    }
    if !state.tags.is_empty() {
        let tags = state.tags.iter().map(|tag| Value::from(tag.as_str()));
        out.insert("tags".to_owned(), tags.collect());
    }
}

fn own_timer(timer: &TimerDraft) -> Value {
    let mut own = Map::new();
    match &timer.when {
        TimerWhen::Delay(delay) => {
            own.insert("delay".to_owned(), delay.as_str().into());
        }
        TimerWhen::At(source) => {
            own.insert("at".to_owned(), source.as_str().into());
        }
        TimerWhen::Other => {}
    }
    if let Some(name) = &timer.name {
        own.insert("name".to_owned(), name.as_str().into());
    }
    if !timer.more.is_empty() {
        own.insert("more".to_owned(), Value::Object(timer.more.clone()));
    }
    Value::Object(own)
}

/// The only one, or all of them.
pub(super) fn one_or_list(mut items: Vec<Value>) -> Value {
    match items.len() {
        1 => items.remove(0),
        _ => Value::Array(items),
    }
}
