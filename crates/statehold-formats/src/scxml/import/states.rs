//! States with their content.

use serde_json::{Map, Value};
use statehold_core::machine::{StateId, StateKind};

use super::super::document::{Given, Node, Payload};
use super::super::rewrite::EventWords;
use super::Importer;
use crate::draft::{InitialDraft, StateDraft};

impl<'d> Importer<'d> {
    /// A state with everything inside it. Nesting is bounded by the reader.
    pub(super) fn state(&mut self, id: StateId, nodes: &[(StateId, &'d Node)]) -> StateDraft {
        let node = Self::node_of(nodes, id);
        let place = &self.lower.skeleton.states[id.index()];
        let mut state = StateDraft::with_kind("", place.kind, node.span.start);
        state.name.clone_from(&place.name);
        if node.id.is_some() {
            state.label.clone_from(&place.label);
        }
        let children = place.children.clone();
        state.initial = self.initial(id, node);
        state.after = self.timers_of(id, node);
        for block in &node.on_entry {
            let actions = self.actions(block, EventWords::Input, id);
            state.entry.extend(actions);
        }
        for block in &node.on_exit {
            let block = self.on_the_way_out(block, id);
            let actions = self.actions(&block, EventWords::Input, id);
            state.exit.extend(actions);
        }
        if state.kind == StateKind::Final {
            self.final_state(node);
        } else if !state.is_history() {
            self.transitions(&mut state, id, node);
        }
        if let Some(payload) = &node.done_data {
            state.output = self.payload(payload, EventWords::Input, node.span.start);
        }
        for child in children {
            let child = self.state(child, nodes);
            state.states.push(child);
        }
        state
    }

    fn final_state(&mut self, node: &Node) {
        for edge in &node.transitions {
            let message = "a final state cannot have transitions";
            self.refuse(edge.span.start, message);
        }
    }

    fn initial(&mut self, id: StateId, node: &Node) -> Option<InitialDraft> {
        let place = &self.lower.skeleton.states[id.index()];
        match (&node.initial, place.kind) {
            (Some(start), StateKind::Compound) => {
                let targets = self.lower.targets(&start.targets, &start.span)?;
                Some(InitialDraft {
                    targets: self.paths(&targets),
                    actions: self.actions(&start.actions, EventWords::Input, id),
                })
            }
            (Some(start), StateKind::History { .. }) => {
                let targets = self.lower.targets(&start.targets, &start.span)?;
                if !start.actions.is_empty() {
                    let message = "what leads on without memory does nothing on the way; put the actions on entering the target";
                    self.loss(start.span.start, "actions of a history", message);
                }
                Some(InitialDraft {
                    targets: self.paths(&targets),
                    actions: Vec::new(),
                })
            }
            (None, StateKind::Compound) => {
                // The first child in the order of the document.
                let states = &self.lower.skeleton.states;
                let first = place
                    .children
                    .iter()
                    .find(|id| !matches!(states[id.index()].kind, StateKind::History { .. }))?;
                Some(InitialDraft::at(states[first.index()].path.clone()))
            }
            _ => None,
        }
    }

    pub(super) fn paths(&self, ids: &[StateId]) -> Vec<String> {
        let states = &self.lower.skeleton.states;
        ids.iter()
            .map(|id| states[id.index()].path.clone())
            .collect()
    }

    /// What an event or an end carries; none if it says nothing.
    pub(super) fn payload(
        &mut self,
        payload: &Payload,
        event: EventWords,
        at: usize,
    ) -> Option<Value> {
        if let Some(content) = &payload.content {
            return self.or_lost(self.value(content, event), at);
        }
        let mut fields = Map::new();
        let names = payload.names.iter().map(|name| (name, name));
        let params = payload
            .params
            .iter()
            .map(|param| (&param.name, &param.expr));
        for (name, expr) in names.chain(params) {
            let value = self.value(&Given::Expr(expr.clone()), event);
            if let Some(value) = self.or_lost(value, at) {
                fields.insert(name.clone(), value);
            }
        }
        (!fields.is_empty()).then_some(Value::Object(fields))
    }

    fn or_lost(&self, value: Result<Value, String>, at: usize) -> Option<Value> {
        value
            .map_err(|problem| {
                let message = format!("a value is no expression here: {problem}");
                self.loss(at, "value", message);
            })
            .ok()
    }
}
