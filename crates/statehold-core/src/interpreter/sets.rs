//! Exit sets, domains and entry sets of transitions: pure functions of configuration and remembered history.

use super::Run;
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
    /// Active states that the transition leaves.
    pub(super) fn exit_set(&self, transition: &Transition) -> StateSet {
        let mut exits = StateSet::empty(self.machine.states.len());
        let Some(domain) = self.transition_domain(transition) else {
            return exits;
        };
        let last = self.machine.state(domain).last;
        for id in (domain.0 + 1..=last.0).map(StateId) {
            if self.configuration.contains(id) {
                exits.insert(id);
            }
        }
        exits
    }

    /// The innermost state that the transition stays inside of; none for a targetless one.
    fn transition_domain(&self, transition: &Transition) -> Option<StateId> {
        if transition.targets.is_empty() {
            return None;
        }
        let targets = self.effective_targets(&transition.targets);
        let source = transition.source;
        let inside = |outer: StateId, id: StateId| id == outer || self.machine.is_below(id, outer);
        if !transition.reenter && targets.iter().all(|target| inside(source, *target)) {
            return Some(source);
        }
        let mut ancestor = self.machine.state(source).parent;
        while let Some(id) = ancestor {
            if targets.iter().all(|target| self.machine.is_below(*target, id)) {
                return Some(id);
            }
            ancestor = self.machine.state(id).parent;
        }
        // A transition of the root that re-enters: the root itself is never left.
        Some(StateId::ROOT)
    }

    /// Targets with history states replaced by what they remember or default to.
    fn effective_targets(&self, targets: &[StateId]) -> Vec<StateId> {
        let mut out = Vec::with_capacity(targets.len());
        for target in targets {
            match self.machine.state(*target).kind {
                StateKind::History { .. } => match self.remembered(*target) {
                    Some(states) => out.extend(states),
                    None => out.extend(self.effective_targets(self.history_default(*target).0)),
                },
                _ => out.push(*target),
            }
        }
        out
    }

    /// What a history state remembers, if every remembered path still exists.
    fn remembered(&self, history: StateId) -> Option<Vec<StateId>> {
        let paths = self.memory.history.get(&self.machine.state(history).path)?;
        paths
            .iter()
            .map(|path| self.machine.by_path.get(path).copied())
            .collect()
    }

    /// Where a history state leads without memory, and its default transition if it has one of its own.
    fn history_default(&self, history: StateId) -> (&'a [StateId], Option<&'a Initial>) {
        let state = self.machine.state(history);
        if let Some(own) = &state.initial {
            return (&own.targets, Some(own));
        }
        let parent = state.parent.unwrap_or(StateId::ROOT);
        match &self.machine.state(parent).initial {
            Some(initial) => (&initial.targets, None),
            None => (&[], None),
        }
    }

    /// Everything that the transitions enter.
    pub(super) fn entry_set(&self, transitions: &[&'a Transition]) -> EntrySet<'a> {
        let mut set = self.empty_entry_set();
        for transition in transitions {
            let Some(domain) = self.transition_domain(transition) else {
                continue;
            };
            self.add_targets(&transition.targets, domain, &mut set);
            for target in self.effective_targets(&transition.targets) {
                self.add_ancestors(target, domain, &mut set);
            }
            self.complete_regions(domain, &mut set);
        }
        set
    }

    /// Everything that is entered when the entity is created.
    pub(super) fn root_entry_set(&self) -> EntrySet<'a> {
        let mut set = self.empty_entry_set();
        self.add_descendants(StateId::ROOT, None, &mut set);
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

    fn add_targets(&self, targets: &[StateId], domain: StateId, set: &mut EntrySet<'a>) {
        for target in targets {
            self.add_descendants(*target, Some(domain), set);
        }
    }

    /// Adds a state and what must be active below it. The domain stays active, so it is not entered again itself.
    fn add_descendants(&self, id: StateId, domain: Option<StateId>, set: &mut EntrySet<'a>) {
        let state = self.machine.state(id);
        if let StateKind::History { .. } = state.kind {
            self.add_history(id, domain, set);
            return;
        }
        if domain != Some(id) {
            set.states.insert(id);
        }
        match state.kind {
            StateKind::Compound => {
                set.by_default.insert(id);
                if let Some(initial) = &state.initial {
                    self.add_targets(&initial.targets, id, set);
                    for target in &initial.targets {
                        self.add_ancestors(*target, id, set);
                    }
                }
            }
            StateKind::Parallel => self.add_missing_regions(id, set),
            StateKind::Atomic | StateKind::Final | StateKind::History { .. } => {}
        }
    }

    fn add_history(&self, history: StateId, domain: Option<StateId>, set: &mut EntrySet<'a>) {
        let parent = self.machine.state(history).parent.unwrap_or(StateId::ROOT);
        let targets = match self.remembered(history) {
            Some(states) => states,
            None => {
                let (targets, own) = self.history_default(history);
                if let Some(own) = own {
                    set.history_defaults.push((parent, own));
                }
                targets.to_vec()
            }
        };
        for target in &targets {
            self.add_descendants(*target, domain, set);
        }
        for target in &targets {
            self.add_ancestors(*target, parent, set);
        }
    }

    /// Adds the ancestors of a state below `top`, and for parallel ones the regions nothing leads into yet.
    fn add_ancestors(&self, id: StateId, top: StateId, set: &mut EntrySet<'a>) {
        let mut ancestor = self.machine.state(id).parent;
        while let Some(current) = ancestor.filter(|current| *current != top) {
            set.states.insert(current);
            if self.machine.state(current).kind == StateKind::Parallel {
                self.add_missing_regions(current, set);
            }
            ancestor = self.machine.state(current).parent;
        }
    }

    /// A parallel domain stays active while all its regions were left: those without a target begin anew.
    fn complete_regions(&self, domain: StateId, set: &mut EntrySet<'a>) {
        if self.machine.state(domain).kind == StateKind::Parallel {
            self.add_missing_regions(domain, set);
        }
    }

    fn add_missing_regions(&self, parallel: StateId, set: &mut EntrySet<'a>) {
        for region in self.machine.regions(parallel) {
            let last = self.machine.state(region).last;
            let covered = (region.0..=last.0).any(|id| set.states.contains(StateId(id)));
            if !covered {
                self.add_descendants(region, None, set);
            }
        }
    }
}
