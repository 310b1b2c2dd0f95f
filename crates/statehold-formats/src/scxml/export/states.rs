//! States, timers, invokes and memories.

use serde_json::{Map, Value, json};
use statehold_core::delay;
use statehold_core::machine::StateKind;

use super::super::own;
use super::xml::Attributes;
use super::{Writer, actions, losses};
use crate::draft::{InitialDraft, StateDraft, TimerWhen, join};

/// Whether the root has what only a state can have.
pub(super) fn needs_state(root: &StateDraft) -> bool {
    root.kind == StateKind::Parallel
        || !root.on.is_empty()
        || !root.always.is_empty()
        || !root.after.is_empty()
        || !root.entry.is_empty()
        || !root.exit.is_empty()
        || !root.invoke.is_empty()
}

/// What SCXML has no words for; `words` says whether label and description are among it.
pub(super) fn own_of(state: &StateDraft, words: bool) -> Map<String, Value> {
    let mut own = Map::new();
    for (key, text) in [("label", &state.label), ("description", &state.description)] {
        if let Some(text) = text.as_ref().filter(|_| words) {
            own.insert(key.to_owned(), text.as_str().into());
        }
    }
    if !state.tags.is_empty() {
        own.insert("tags".to_owned(), json!(state.tags));
    }
    if let Some(output) = &state.output {
        own.insert("output".to_owned(), output.clone());
    }
    if !state.more.is_empty() {
        own.insert("more".to_owned(), Value::Object(state.more.clone()));
    }
    own
}

impl Writer<'_> {
    /// The state around all others, and the end that it leads to.
    pub(super) fn root_state(&mut self) {
        let root = &self.draft.root;
        let id = self.root_id.clone();
        let is_parallel = root.kind == StateKind::Parallel;
        let tag = if is_parallel { "parallel" } else { "state" };
        let attributes = Attributes::default()
            .with("id", id.as_str())
            .maybe("initial", self.plain_initial(root.initial.as_ref()))
            .with("statehold:root", "all");
        self.xml.begin(tag, &attributes);
        self.content(root, "");
        let ends = is_parallel
            || root
                .states
                .iter()
                .any(|child| child.kind == StateKind::Final);
        if ends {
            let attributes = Attributes::default()
                .with("event", format!("done.state.{id}"))
                .with("target", format!("{id}.end"))
                .with("statehold:root", "end");
            self.xml.empty("transition", &attributes);
        }
        self.children(root, "");
        self.xml.end();
        if ends {
            let attributes = Attributes::default()
                .with("id", format!("{id}.end"))
                .with("statehold:root", "end");
            self.xml.empty("final", &attributes);
        }
    }

    fn children(&mut self, state: &StateDraft, path: &str) {
        for child in &state.states {
            self.state(child, &join(path, &child.name), state, path);
        }
    }

    pub(super) fn state(
        &mut self,
        state: &StateDraft,
        path: &str,
        parent: &StateDraft,
        parent_path: &str,
    ) {
        let own = Value::Object(own_of(state, true));
        if let StateKind::History { deep } = state.kind {
            self.history(state, path, parent, parent_path, deep, &own);
            return;
        }
        let tag = match state.kind {
            StateKind::Parallel => "parallel",
            StateKind::Final => "final",
            _ => "state",
        };
        let attributes = Attributes::default()
            .with("id", path)
            .maybe("initial", self.plain_initial(state.initial.as_ref()))
            .json("statehold:state", &own);
        self.xml.begin(tag, &attributes);
        self.content(state, path);
        if let Some(output) = state
            .output
            .as_ref()
            .filter(|_| state.kind == StateKind::Final)
        {
            self.done_data(output);
        }
        self.children(state, path);
        self.xml.end();
    }

    /// Targets of an initial that does nothing on the way.
    pub(super) fn plain_initial(&self, initial: Option<&InitialDraft>) -> Option<String> {
        initial
            .filter(|initial| initial.actions.is_empty() && !initial.targets.is_empty())
            .map(|initial| initial.targets.join(" "))
    }

    /// An initial that does something on the way.
    pub(super) fn initial_element(&mut self, initial: Option<&InitialDraft>) {
        let Some(initial) = initial.filter(|initial| !initial.actions.is_empty()) else {
            return;
        };
        self.xml.begin("initial", &Attributes::default());
        let attributes = Attributes::default().with("target", initial.targets.join(" "));
        self.xml.begin("transition", &attributes);
        self.actions(&initial.actions);
        self.xml.end();
        self.xml.end();
    }

    /// Everything of a state but its children.
    fn content(&mut self, state: &StateDraft, path: &str) {
        if state.kind == StateKind::Parallel {
            self.losses.say("a region that takes no event lets the states around it answer there, also when another region took it");
        }
        self.initial_element(state.initial.as_ref());
        let timers = self.timer_events(state, path);
        if !state.entry.is_empty() || !timers.is_empty() {
            self.xml.begin("onentry", &Attributes::default());
            self.actions(&state.entry);
            for (timer, event) in state.after.iter().zip(&timers) {
                self.timer(timer, event);
            }
            self.xml.end();
        }
        if !state.exit.is_empty() || !timers.is_empty() {
            self.xml.begin("onexit", &Attributes::default());
            self.actions(&state.exit);
            for event in &timers {
                let attributes = Attributes::default()
                    .with("sendid", event.as_str())
                    .with("statehold:timer", "{}");
                self.xml.empty("cancel", &attributes);
            }
            self.xml.end();
        }
        self.transitions(state, path, &timers);
        for invoke in &state.invoke {
            self.losses.add(losses::EFFECT);
            let mut own = Map::new();
            if let Some(input) = &invoke.input {
                own.insert("input".to_owned(), input.clone());
            }
            if !invoke.more.is_empty() {
                own.insert("more".to_owned(), Value::Object(invoke.more.clone()));
            }
            let attributes = Attributes::default()
                .with("type", own::EFFECT)
                .with("id", join(path, &invoke.effect))
                .with("src", invoke.effect.as_str())
                .json("statehold:invoke", &Value::Object(own));
            self.xml.begin("invoke", &attributes);
            self.params(invoke.input.as_ref());
            self.xml.end();
        }
    }

    /// Events of a state's timers, in order. The machine knows how they are called.
    fn timer_events(&self, state: &StateDraft, path: &str) -> Vec<String> {
        let known = self.machine.state_at(path);
        let events = known.map(|state| state.timers.iter().map(|timer| timer.event.clone()));
        events
            .into_iter()
            .flatten()
            .take(state.after.len())
            .collect()
    }

    fn timer(&mut self, timer: &crate::draft::TimerDraft, event: &str) {
        let mut own = Map::new();
        let mut attributes = Attributes::default().with("event", event).with("id", event);
        match &timer.when {
            TimerWhen::Delay(text) => {
                own.insert("delay".to_owned(), text.as_str().into());
                let css = delay::parse(text).map(css_time);
                attributes = attributes.with("delay", css.unwrap_or_else(|_| text.clone()));
            }
            TimerWhen::At(source) => {
                self.losses.add(losses::AT);
                own.insert("at".to_owned(), source.as_str().into());
                attributes = attributes.with("delayexpr", source.as_str());
            }
            TimerWhen::Other => {
                self.losses.add(losses::AT);
                attributes = attributes.with("delayexpr", "null");
            }
        }
        if let Some(name) = &timer.name {
            own.insert("name".to_owned(), name.as_str().into());
        }
        if !timer.more.is_empty() {
            own.insert("more".to_owned(), Value::Object(timer.more.clone()));
        }
        let own = match own.is_empty() {
            true => "{}".to_owned(),
            false => super::xml::json_text(&Value::Object(own)),
        };
        self.xml
            .empty("send", &attributes.with("statehold:timer", own));
    }

    /// A memory; SCXML demands that it says where it leads at first.
    fn history(
        &mut self,
        state: &StateDraft,
        path: &str,
        parent: &StateDraft,
        parent_path: &str,
        deep: bool,
        own: &Value,
    ) {
        let kind = if deep { "deep" } else { "shallow" };
        let attributes = Attributes::default()
            .with("id", path)
            .with("type", kind)
            .json("statehold:state", own);
        self.xml.begin("history", &attributes);
        let given = state
            .initial
            .as_ref()
            .filter(|initial| !initial.targets.is_empty());
        let attributes = match given {
            Some(initial) => Attributes::default().with("target", initial.targets.join(" ")),
            None => {
                self.losses.add(losses::MEMORY);
                let targets = begins(parent, parent_path).join(" ");
                Attributes::default()
                    .with("target", targets)
                    .with("statehold:default", "parent")
            }
        };
        self.xml.empty("transition", &attributes);
        self.xml.end();
    }

    fn done_data(&mut self, output: &Value) {
        self.losses.add(losses::ASSIGN);
        self.xml.begin("donedata", &Attributes::default());
        if output.is_object() {
            self.params(Some(output));
        } else {
            let attributes = Attributes::default().with("expr", actions::cel_of(output));
            self.xml.empty("content", &attributes);
        }
        self.xml.end();
    }
}

/// Where a state begins.
fn begins(state: &StateDraft, path: &str) -> Vec<String> {
    match &state.initial {
        Some(initial) if state.kind == StateKind::Compound => initial.targets.clone(),
        _ => (state.states.iter())
            .filter(|child| !child.is_history())
            .map(|child| join(path, &child.name))
            .collect(),
    }
}

/// A length of time as CSS writes it.
fn css_time(length: std::time::Duration) -> String {
    let micros = length.as_micros();
    match micros {
        micros if micros.is_multiple_of(1_000_000) => format!("{}s", micros / 1_000_000),
        micros if micros.is_multiple_of(1_000) => format!("{}ms", micros / 1_000),
        micros => format!("{}.{:03}ms", micros / 1_000, micros % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::css_time;

    #[test]
    fn delays_are_css_times() {
        for (micros, text) in [
            (172_800_000_000, "172800s"),
            (1_500_000, "1500ms"),
            (1_500, "1.500ms"),
            (0, "0s"),
        ] {
            assert_eq!(css_time(Duration::from_micros(micros)), text);
        }
    }
}
