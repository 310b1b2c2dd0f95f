//! Which states an entity can ever be in, guards aside: a search over initial states and targets.
//!
//! It enters as the interpreter does: what lies between the domain and a target becomes active, regions that no target
//! names begin at their defaults, and a compound state begins at its initial only if nothing further inside is named.

use super::walk;
use crate::configuration::StateSet;
use crate::machine::{State, StateId, StateKind, Transition};

/// The states that can be reached. A history state counts as reached when it is a target.
pub(super) fn reached(states: &[State]) -> StateSet {
    let mut search = Search {
        states,
        reached: StateSet::empty(states.len()),
        begun: StateSet::empty(states.len()),
        work: Vec::new(),
    };
    search.begin(StateId::ROOT);
    while let Some(id) = search.work.pop() {
        for transition in walk::transitions(&states[id.index()]) {
            if search.can_happen(transition)
                && let Some(domain) = walk::domain(states, transition)
            {
                search.enter(&transition.targets, domain);
            }
        }
    }
    search.reached
}

struct Search<'s> {
    states: &'s [State],
    reached: StateSet,
    /// Compound and parallel states that were entered by default.
    begun: StateSet,
    /// Reached states whose transitions were not followed yet. Each state is put here once.
    work: Vec<StateId>,
}

impl<'s> Search<'s> {
    fn can_happen(&self, transition: &Transition) -> bool {
        let Some(path) = walk::awaits_completion(transition) else {
            return true;
        };
        let awaited = self.states.iter().find(|state| state.path == path);
        awaited.is_none_or(|state| walk::incomplete(self.states, state.id).is_none())
    }

    /// Enters states below `domain`, which stays.
    fn enter(&mut self, targets: &[StateId], domain: StateId) {
        for target in targets {
            // Regions of a parallel domain are left and entered too.
            for outer in walk::ancestors(self.states, *target) {
                if !walk::is_within(self.states, outer, domain) {
                    break;
                }
                self.activate(outer);
                self.begin_other_regions(outer, targets);
            }
            self.begin(*target);
        }
    }

    /// Begins the regions of a parallel state that no target stands in.
    fn begin_other_regions(&mut self, outer: StateId, targets: &[StateId]) {
        let states = self.states;
        if states[outer.index()].kind != StateKind::Parallel {
            return;
        }
        for region in walk::regions(states, outer) {
            let is_named = |target: &StateId| walk::is_within(states, *target, region);
            if !targets.iter().any(is_named) {
                self.begin(region);
            }
        }
    }

    /// Enters a state by default.
    fn begin(&mut self, id: StateId) {
        let states: &'s [State] = self.states;
        self.activate(id);
        let state = &states[id.index()];
        if self.begun.contains(id) {
            return;
        }
        self.begun.insert(id);
        let initial = state
            .initial
            .as_ref()
            .map(|initial| initial.targets.as_slice());
        match (state.kind, initial, state.parent) {
            (StateKind::Compound, Some(targets), _) => self.enter(targets, id),
            (StateKind::History { .. }, Some(targets), Some(parent)) => {
                self.enter(targets, parent);
            }
            (StateKind::History { .. }, None, Some(parent)) => self.begin(parent),
            (StateKind::Parallel, ..) => {
                for region in walk::regions(states, id) {
                    self.begin(region);
                }
            }
            _ => {}
        }
    }

    fn activate(&mut self, id: StateId) {
        if !self.reached.contains(id) {
            self.reached.insert(id);
            self.work.push(id);
        }
    }
}
