//! What a document tells itself, found before anything is written: it decides which keys a state needs.

use std::collections::BTreeSet;

use statehold_core::machine::StateKind;

use super::super::document::{Element, ElementKind, Node, Text};
use super::Importer;
use super::sends::{Route, route};
use crate::draft::event_slug;

/// Everything that a document raises or sends.
#[derive(Default)]
struct Told {
    /// Raised inside, or sent into this step.
    raised: BTreeSet<String>,
    /// Sent to the machine itself.
    sent: BTreeSet<String>,
}

impl Importer<'_> {
    /// Finds timers and inner events.
    pub(super) fn look_ahead(&mut self) {
        self.find_timers();
        let mut told = Told::default();
        for (_, node) in &self.lower.nodes {
            for block in blocks(node) {
                look(block, &mut told, &|at| self.timers.contains_key(&at));
            }
        }
        self.may_raise_sends = told.raised.is_empty() && !self.awaits_engine();
        let all = told.raised.iter().chain(&told.sent);
        self.raised = all.map(|name| event_slug(name)).collect();
    }

    /// Whether a transition waits for an end of a state or an error, which come inside too.
    fn awaits_engine(&self) -> bool {
        let mut descriptors = (self.lower.nodes.iter())
            .flat_map(|(_, node)| &node.transitions)
            .flat_map(|edge| &edge.events);
        descriptors.any(|on| {
            on == "*" || ["done", "error"].contains(&on.split('.').next().unwrap_or_default())
        })
    }

    /// Ends of states that can come, as events of ours.
    pub(super) fn ends(&self) -> impl Iterator<Item = String> {
        let states = &self.lower.skeleton.states;
        let completes = |kind: StateKind, children: &[statehold_core::machine::StateId]| match kind
        {
            StateKind::Parallel => true,
            StateKind::Compound => {
                (children.iter()).any(|child| states[child.index()].kind == StateKind::Final)
            }
            _ => false,
        };
        (states.iter().skip(1))
            .filter(move |state| completes(state.kind, &state.children))
            .map(|state| format!("done.state.{}", state.path))
    }
}

fn blocks(node: &Node) -> impl Iterator<Item = &Vec<Element>> {
    (node.on_entry.iter())
        .chain(&node.on_exit)
        .chain(node.transitions.iter().map(|edge| &edge.actions))
        .chain(node.initial.iter().map(|start| &start.actions))
}

/// Nesting is bounded by the reader.
fn look(elements: &[Element], told: &mut Told, is_timer: &dyn Fn(usize) -> bool) {
    for element in elements {
        match &element.kind {
            ElementKind::Raise { event } => {
                told.raised.insert(event.clone());
            }
            ElementKind::Send(send) => {
                if let Text::Literal(name) = &send.event {
                    match route(send) {
                        Route::Inside => told.raised.insert(name.clone()),
                        // A timer raises it alone in a step of its own, so that it overtakes nothing.
                        Route::Itself if is_timer(element.span.start) => {
                            told.sent.insert(name.clone())
                        }
                        Route::Itself => told.sent.insert(name.clone()),
                        _ => false,
                    };
                }
            }
            ElementKind::If {
                branches,
                otherwise,
            } => {
                for block in branches.iter().map(|(_, block)| block).chain([otherwise]) {
                    look(block, told, is_timer);
                }
            }
            ElementKind::Foreach { body, .. } => look(body, told, is_timer),
            _ => {}
        }
    }
}
