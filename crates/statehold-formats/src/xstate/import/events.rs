//! Events: names that charts can have, and those that the two engines call differently.

use statehold_core::machine::StateId;
use statehold_core::source::{Key, Node};

use super::Importer;
use crate::draft::{StateDraft, event_slug};

/// What XState calls the ends of actors and states, with what they are here.
const ENGINE_EVENTS: [(&str, &str); 6] = [
    ("xstate.done.actor.", "done.effect."),
    ("done.invoke.", "done.effect."),
    ("xstate.error.actor.", "error.effect."),
    ("error.platform.", "error.effect."),
    ("xstate.done.state.", "done.state."),
    ("done.state.", "done.state."),
];

impl Importer<'_> {
    /// Candidates under `on`.
    pub(super) fn on(&mut self, state: &mut StateDraft, key: &Key, node: &Node, id: StateId) {
        let candidates = self.candidates(node, id);
        if candidates.is_empty() {
            return;
        }
        // XState 4 writes eventless transitions like this.
        if key.text.is_empty() {
            state.always.extend(candidates);
            return;
        }
        for event in self.descriptors(key, node) {
            let known = state.on.entry(event).or_default();
            known.extend(candidates.iter().cloned());
        }
    }

    /// What a key stands for here; several only for a wildcard over events of the engine.
    fn descriptors(&mut self, key: &Key, node: &Node) -> Vec<String> {
        let text = key.text.as_str();
        if self.own.is_some() || text == "*" {
            return vec![text.to_owned()];
        }
        if let Some(prefix) = text.strip_suffix(".*") {
            let expanded = self.engine_wildcard(prefix);
            return match expanded.is_empty() {
                true => vec![format!("{}.*", event_slug(prefix))],
                false => expanded,
            };
        }
        if let Some(event) = self.engine_event(text) {
            return vec![event];
        }
        let mut notes = self.config.notes.borrow_mut();
        let at = node.span.start.min(key.span.start);
        vec![self.draft.event(text, at, &mut notes)]
    }

    /// The name that an event of XState's engine has here, if its actor or state is there.
    fn engine_event(&self, text: &str) -> Option<String> {
        for (theirs, ours) in ENGINE_EVENTS {
            let Some(name) = text.strip_prefix(theirs) else {
                continue;
            };
            if ours == "done.state." {
                let id = self.config.by_id(&format!("#{name}"))?;
                let path = self.config.path(id);
                return (!path.is_empty()).then(|| format!("done.state.{path}"));
            }
            return self
                .actors
                .get(name)
                .map(|effect| format!("{ours}{effect}"));
        }
        None
    }

    /// Events of the engine that a prefix stands for: of all actors or of all states.
    fn engine_wildcard(&self, prefix: &str) -> Vec<String> {
        let within = format!("{prefix}.");
        let mut found = Vec::new();
        for (theirs, ours) in ENGINE_EVENTS {
            if !theirs.starts_with(&within) {
                continue;
            }
            let names: Vec<String> = match ours {
                "done.state." => (1..self.config.nodes.len())
                    .map(|at| &self.config.skeleton.states[at])
                    .filter(|state| !state.children.is_empty())
                    .map(|state| state.path.clone())
                    .collect(),
                _ => self.actors.values().cloned().collect(),
            };
            found.extend(names.into_iter().map(|name| format!("{ours}{name}")));
        }
        found.sort();
        found.dedup();
        found
    }
}
