//! [`Skeleton`]: the states of a foreign chart before their content is known, with names that ours can have.

use std::collections::HashMap;

use statehold_core::diagnostic::Span;
use statehold_core::machine::{
    Definition, OnExpressionError, State, StateId, StateKind, Unhandled,
};
use statehold_core::schema::Record;

use crate::draft::{join, numbered, slug};

/// Most states that are read: ids stay far below the width of their type.
const STATES_MAX: usize = 10_000;

/// The name a state has in the document it comes from.
#[must_use]
pub fn original_name(state: &State) -> &str {
    state.label.as_deref().unwrap_or(&state.name)
}

/// States in document order, the root first.
pub(crate) struct Skeleton {
    pub(crate) states: Vec<State>,
    pub(crate) by_path: HashMap<String, StateId>,
    /// The number that the next child of a state with the same wanted name gets, so that many of them cost no search.
    numbers: HashMap<(StateId, String), usize>,
}

impl Skeleton {
    /// The root alone.
    pub(crate) fn new(kind: StateKind, span: Span) -> Self {
        Self {
            states: vec![blank(StateId::ROOT, kind, span)],
            by_path: HashMap::new(),
            numbers: HashMap::new(),
        }
    }

    /// Adds the next state in document order, below `parent`. None if there are too many.
    pub(crate) fn add(
        &mut self,
        parent: StateId,
        original: &str,
        kind: StateKind,
        span: Span,
    ) -> Option<StateId> {
        if self.states.len() >= STATES_MAX {
            return None;
        }
        let id = StateId(u16::try_from(self.states.len()).ok()?);
        let name = self.free_name(parent, &slug(original, "state"));
        let outer = &self.states[parent.index()];
        let mut state = blank(id, kind, span);
        state.parent = Some(parent);
        state.depth = outer.depth + 1;
        state.path = join(&outer.path, &name);
        state.label = (name != original).then(|| original.to_owned());
        state.name = name;
        self.by_path.insert(state.path.clone(), id);
        self.states.push(state);
        self.states[parent.index()].children.push(id);
        let mut ancestor = Some(parent);
        while let Some(outer) = ancestor {
            self.states[outer.index()].last = id;
            ancestor = self.states[outer.index()].parent;
        }
        Some(id)
    }

    fn free_name(&mut self, parent: StateId, wanted: &str) -> String {
        let outer = self.states[parent.index()].path.clone();
        let is_taken = |name: &str| self.by_path.contains_key(&join(&outer, name));
        if !is_taken(wanted) {
            return wanted.to_owned();
        }
        let mut number = self
            .numbers
            .get(&(parent, wanted.to_owned()))
            .map_or(2, |number| *number);
        let mut name = numbered(wanted, number);
        while is_taken(&name) {
            number += 1;
            name = numbered(wanted, number);
        }
        self.numbers.insert((parent, wanted.to_owned()), number + 1);
        name
    }

    /// The child of `parent` that had this name in the document.
    pub(crate) fn child(&self, parent: StateId, original: &str) -> Option<StateId> {
        let children = &self.states[parent.index()].children;
        (children.iter().copied()).find(|id| original_name(&self.states[id.index()]) == original)
    }

    /// The definition with these states, without data, events and effects.
    pub(crate) fn finish(self, name: &str, source: &str) -> Definition {
        Definition {
            name: slug(name, "machine"),
            version: 1,
            label: Some(name.to_owned()),
            description: None,
            deprecated: None,
            unhandled: Unhandled::Ignore,
            max_microsteps: 1_000,
            on_expression_error: OnExpressionError::Raise,
            context: Record::default(),
            events: Default::default(),
            authorize: None,
            invariants: Vec::new(),
            states: self.states,
            by_path: self.by_path,
            effects: Default::default(),
            destinations: Vec::new(),
            source: source.to_owned(),
            hash: String::new(),
        }
    }
}

fn blank(id: StateId, kind: StateKind, span: Span) -> State {
    State {
        id,
        parent: None,
        last: id,
        depth: 0,
        name: String::new(),
        path: String::new(),
        kind,
        children: Vec::new(),
        initial: None,
        entry: Vec::new(),
        exit: Vec::new(),
        transitions: Vec::new(),
        always: Vec::new(),
        timers: Vec::new(),
        invokes: Vec::new(),
        output: None,
        label: None,
        description: None,
        tags: Vec::new(),
        deprecated: None,
        span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_usable_and_stay_apart() {
        let mut skeleton = Skeleton::new(StateKind::Compound, 0..0);
        let mut names = Vec::new();
        for original in [
            "With Artists",
            "with-artists",
            "idle",
            "2nd try",
            "any",
            "…",
            &"x".repeat(80),
        ] {
            let id = skeleton
                .add(StateId::ROOT, original, StateKind::Atomic, 0..0)
                .expect("room");
            names.push(skeleton.states[id.index()].name.clone());
            assert_eq!(
                skeleton.child(StateId::ROOT, original),
                Some(id),
                "{original}"
            );
        }
        let expected = [
            "with_artists",
            "with_artists_2",
            "idle",
            "_2nd_try",
            "anystate",
            "state",
            &"x".repeat(63),
        ];
        assert_eq!(names, expected);
    }
}
