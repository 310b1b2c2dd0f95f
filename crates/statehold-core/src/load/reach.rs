//! Which states an entity can ever be in, guards aside: a search over initial states and targets.

use crate::configuration::StateSet;
use crate::machine::{State, StateId, StateKind};

/// The states that can be reached. A history state counts as reached when it is a target.
pub(super) fn reached(states: &[State]) -> StateSet {
    let mut search = Search {
        states,
        reached: StateSet::empty(states.len()),
        work: Vec::new(),
    };
    search.enter(StateId::ROOT);
    while let Some(id) = search.work.pop() {
        let state = &states[id.index()];
        let initial = state
            .initial
            .iter()
            .filter(|_| state.kind == StateKind::Compound);
        let transitions = state.transitions.iter().chain(&state.always);
        let targets = (transitions.flat_map(|transition| &transition.targets))
            .chain(initial.flat_map(|initial| &initial.targets));
        for target in targets {
            search.enter(*target);
        }
    }
    search.reached
}

struct Search<'s> {
    states: &'s [State],
    reached: StateSet,
    /// Reached states whose transitions were not followed yet. Each state is put here once.
    work: Vec<StateId>,
}

impl Search<'_> {
    /// Marks a state, its ancestors, and the regions that become active with them.
    fn enter(&mut self, id: StateId) {
        let mut current = Some(id);
        while let Some(id) = current {
            if !self.mark(id) {
                return;
            }
            let state = &self.states[id.index()];
            match state.kind {
                StateKind::Parallel => {
                    for region in &state.children {
                        if !matches!(self.states[region.index()].kind, StateKind::History { .. }) {
                            self.mark_region(*region);
                        }
                    }
                }
                StateKind::History { .. } => self.enter_by_default(state),
                _ => {}
            }
            current = state.parent;
        }
    }

    /// A region's own ancestors are marked by whoever entered the parallel state.
    fn mark_region(&mut self, region: StateId) {
        if self.mark(region) && self.states[region.index()].kind == StateKind::Parallel {
            for inner in &self.states[region.index()].children {
                if !matches!(self.states[inner.index()].kind, StateKind::History { .. }) {
                    self.mark_region(*inner);
                }
            }
        }
    }

    fn enter_by_default(&mut self, history: &State) {
        // Without a target of its own, its parent's initial is entered, which the parent's turn follows.
        if let Some(initial) = &history.initial {
            for target in &initial.targets {
                self.enter(*target);
            }
        }
    }

    /// False if it was marked before.
    fn mark(&mut self, id: StateId) -> bool {
        if self.reached.contains(id) {
            return false;
        }
        self.reached.insert(id);
        self.work.push(id);
        true
    }
}
