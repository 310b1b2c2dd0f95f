//! Domains and entry sets of transitions: pure functions of configuration and remembered history.
//!
//! The exit set of a transition is the active states below its domain, so it needs no code of its own.

use super::run::Run;
use super::select::{Enabled, Selected};
use crate::configuration::StateSet;
use crate::machine::{Initial, StateId, StateKind, Transition};

/// States to enter, and the default contents to run on the way.
pub(super) struct EntrySet<'a> {
    pub(super) states: StateSet,
    /// Compound states whose default child is entered.
    pub(super) by_default: StateSet,
    /// Parents of history states entered without memory, with the history's default transition.
    pub(super) history_defaults: Vec<(StateId, &'a Initial)>,
}

impl<'a> Run<'a> {
    /// The innermost state that the transition stays inside of; none for a targetless one.
    pub(super) fn transition_domain(&self, transition: &Transition) -> Option<StateId> {
        if transition.targets.is_empty() {
            return None;
        }
        let source = transition.source;
        let is_within = |id: StateId| id == source || self.machine.is_below(id, source);
        if !transition.reenter && self.every_effective(&transition.targets, &is_within) {
            return Some(source);
        }
        let mut ancestor = self.machine.state(source).parent;
        while let Some(outer) = ancestor {
            let is_below = |id: StateId| self.machine.is_below(id, outer);
            if self.every_effective(&transition.targets, &is_below) {
                return Some(outer);
            }
            ancestor = self.machine.state(outer).parent;
        }
        // A transition of the root that re-enters, or one to the root: the root itself is never left.
        Some(StateId::ROOT)
    }

    /// Whether all targets, histories replaced by what they lead to, pass the test.
    fn every_effective(&self, targets: &[StateId], test: &dyn Fn(StateId) -> bool) -> bool {
        targets
            .iter()
            .all(|target| match self.machine.state(*target).kind {
                StateKind::History { .. } => match self.remembered(*target) {
                    Some(states) => states.into_iter().all(test),
                    None => match self.history_default(*target).0 {
                        // All regions of its parent, which are where it is itself.
                        [] => test(*target),
                        states => states.iter().copied().all(test),
                    },
                },
                _ => test(*target),
            })
    }

    /// Everything that the transitions enter.
    pub(super) fn entry_set(&self, selected: &Enabled<'a>) -> EntrySet<'a> {
        let mut set = self.empty_entry_set();
        for Selected { transition, domain } in selected.iter() {
            // A transition from a leaf to itself leaves nothing, so it conflicts with nothing: when another one has
            // left its domain meanwhile, there is nothing of it to enter.
            let Some(domain) = domain.filter(|domain| self.configuration.contains(*domain)) else {
                continue;
            };
            self.add_all(&transition.targets, domain, &mut set);
            // A parallel domain stays active while all its regions were left: those without a target begin anew.
            if self.machine.state(domain).kind == StateKind::Parallel {
                self.add_missing_regions(domain, &mut set);
            }
        }
        set
    }

    /// Everything that is entered when the entity is created.
    pub(super) fn root_entry_set(&self) -> EntrySet<'a> {
        let mut set = self.empty_entry_set();
        set.states.insert(StateId::ROOT);
        self.add_default(StateId::ROOT, true, &mut set);
        set
    }

    fn empty_entry_set(&self) -> EntrySet<'a> {
        let states = self.machine.states.len();
        EntrySet {
            states: StateSet::empty(states),
            by_default: StateSet::empty(states),
            history_defaults: Vec::new(),
        }
    }

    /// Adds states with what must be active below them, and what must be active between them and `top`. States come
    /// before ancestors: only then is it known which regions nothing leads into.
    fn add_all(&self, targets: &[StateId], top: StateId, set: &mut EntrySet<'a>) {
        for target in targets {
            self.add_descendants(*target, top, set);
        }
        for target in targets {
            self.add_ancestors(*target, top, set);
        }
    }

    /// Adds a state and what must be active below it. `top` stays active, so it is not entered again itself.
    fn add_descendants(&self, id: StateId, top: StateId, set: &mut EntrySet<'a>) {
        if let StateKind::History { .. } = self.machine.state(id).kind {
            self.add_history(id, top, set);
            return;
        }
        let is_entered = id != top;
        if is_entered {
            set.states.insert(id);
        }
        self.add_default(id, is_entered, set);
    }

    /// Adds what is active below a state that nothing more is said about.
    fn add_default(&self, id: StateId, is_entered: bool, set: &mut EntrySet<'a>) {
        let state = self.machine.state(id);
        match state.kind {
            StateKind::Compound => {
                if is_entered {
                    set.by_default.insert(id);
                }
                if let Some(initial) = &state.initial {
                    self.add_all(&initial.targets, id, set);
                }
            }
            StateKind::Parallel => self.add_missing_regions(id, set),
            StateKind::Atomic | StateKind::Final | StateKind::History { .. } => {}
        }
    }

    fn add_history(&self, history: StateId, top: StateId, set: &mut EntrySet<'a>) {
        let parent = self.machine.state(history).parent.unwrap_or(StateId::ROOT);
        // What stays active can be further inside than the history state: then only what is below that is entered.
        let top = if self.machine.is_below(top, parent) {
            top
        } else {
            parent
        };
        if let Some(states) = self.remembered(history) {
            self.add_all(&states, top, set);
            return;
        }
        let (targets, own) = self.history_default(history);
        if let Some(own) = own {
            set.history_defaults.push((parent, own));
        }
        match targets {
            [] => self.add_missing_regions(parent, set),
            targets => self.add_all(targets, top, set),
        }
    }

    /// Adds the ancestors of a state below `top`, and for parallel ones the regions nothing leads into yet.
    fn add_ancestors(&self, id: StateId, top: StateId, set: &mut EntrySet<'a>) {
        let mut inner = id;
        while self.machine.is_below(inner, top) {
            let Some(outer) = self
                .machine
                .state(inner)
                .parent
                .filter(|outer| *outer != top)
            else {
                return;
            };
            set.states.insert(outer);
            if self.machine.state(outer).kind == StateKind::Parallel {
                self.add_missing_regions(outer, set);
            }
            inner = outer;
        }
    }

    fn add_missing_regions(&self, parallel: StateId, set: &mut EntrySet<'a>) {
        for region in self.machine.regions(parallel) {
            let last = self.machine.state(region).last;
            let is_covered = set.states.first_in(region, last).is_some();
            if !is_covered {
                self.add_descendants(region, parallel, set);
            }
        }
    }
}
