//! Where the states of a configuration stand, under which names, and what their ids are.

use std::cell::RefCell;
use std::collections::HashMap;

use statehold_core::machine::{StateId, StateKind};
use statehold_core::source::{Key, Node, NodeValue};

use super::Stubs;
use super::target::path_segments;
use crate::NESTING_MAX;
use crate::notes::Notes;
use crate::skeleton::Skeleton;

/// A configuration under conversion.
pub(super) struct Config<'c> {
    pub(super) stubs: &'c Stubs,
    pub(super) skeleton: Skeleton,
    /// Each state with its node, in document order.
    pub(super) nodes: Vec<&'c Node>,
    /// States by the ids that targets use.
    pub(super) ids: HashMap<&'c str, StateId>,
    pub(super) machine_id: &'c str,
    pub(super) notes: RefCell<Notes<'c>>,
}

impl<'c> Config<'c> {
    /// The states of a configuration.
    pub(super) fn of(text: &'c str, root: &'c Node, stubs: &'c Stubs) -> Self {
        let machine_id = root.get("id").and_then(Node::as_str).unwrap_or("(machine)");
        let mut config = Self {
            stubs,
            skeleton: Skeleton::new(kind_of(root), root.span.clone()),
            nodes: vec![root],
            ids: HashMap::from([(machine_id, StateId::ROOT)]),
            machine_id,
            notes: RefCell::new(Notes::new(text)),
        };
        config.add_children(StateId::ROOT, root, 0);
        config
    }

    /// The path of a state.
    pub(super) fn path(&self, id: StateId) -> &str {
        &self.skeleton.states[id.index()].path
    }

    pub(super) fn problem(&self, node: &Node, message: impl Into<String>) {
        self.notes.borrow_mut().refuse(node.span.start, message);
    }

    fn add_children(&mut self, parent: StateId, node: &'c Node, depth: usize) {
        // What stands inside a final state is never entered.
        if kind_of(node) == StateKind::Final {
            return;
        }
        for (key, child) in node.get("states").map(entries).unwrap_or_default() {
            let added = self
                .skeleton
                .add(parent, &key.text, kind_of(child), child.span.clone());
            let Some(id) = added.filter(|_| depth < NESTING_MAX) else {
                self.problem(child, "too many states, or nested too deep");
                return;
            };
            if let Some(name) = child.get("id").and_then(Node::as_str) {
                self.ids.insert(name, id);
            }
            self.nodes.push(child);
            self.add_children(id, child, depth + 1);
        }
    }

    /// The id that a state has if it was given none: those above it, from the machine down.
    pub(super) fn full_id(&self, id: StateId) -> String {
        let given = self.nodes[id.index()].get("id").and_then(Node::as_str);
        let state = &self.skeleton.states[id.index()];
        match (given, state.parent) {
            (Some(given), _) => given.to_owned(),
            (None, None) => self.machine_id.to_owned(),
            (None, Some(_)) => {
                let mut keys = vec![crate::original_name(state)];
                let mut outer = state.parent;
                while let Some(parent) = outer.filter(|parent| *parent != StateId::ROOT) {
                    let state = &self.skeleton.states[parent.index()];
                    keys.push(crate::original_name(state));
                    outer = state.parent;
                }
                keys.push(self.machine_id);
                keys.reverse();
                keys.join(".")
            }
        }
    }

    /// The state that keys lead to, from `from` down.
    pub(super) fn descend(&self, from: StateId, path: &str) -> Option<StateId> {
        let segments = path_segments(path);
        (segments.iter()).try_fold(from, |state, key| self.skeleton.child(state, key))
    }
}

/// What a state says it is, or what its children make it.
fn kind_of(node: &Node) -> StateKind {
    let history = node.get("history").and_then(Node::as_str);
    let deep = history == Some("deep");
    let has_states = node
        .get("states")
        .is_some_and(|states| !entries(states).is_empty());
    match node.get("type").and_then(Node::as_str) {
        Some("parallel") => StateKind::Parallel,
        Some("final") => StateKind::Final,
        Some("history") => StateKind::History { deep },
        Some("atomic") => StateKind::Atomic,
        _ if has_states => StateKind::Compound,
        _ if history.is_some() => StateKind::History { deep },
        _ => StateKind::Atomic,
    }
}

/// Entries of a mapping; nothing if it is none.
pub(super) fn entries(node: &Node) -> &[(Key, Node)] {
    match &node.value {
        NodeValue::Map(entries) => entries,
        _ => &[],
    }
}

/// Elements of a list; a lone value is a list of one, and nothing is none.
pub(super) fn one_or_many(node: &Node) -> &[Node] {
    match &node.value {
        NodeValue::Null => &[],
        NodeValue::Seq(items) => items,
        _ => std::slice::from_ref(node),
    }
}
