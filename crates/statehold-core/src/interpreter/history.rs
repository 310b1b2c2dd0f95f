//! What history states remember, and where they lead.

use std::sync::Arc;

use super::run::Run;
use crate::configuration::StateSet;
use crate::machine::{Initial, StateId, StateKind};
use crate::step::Logged;

/// Label of the line that says that a memory no longer fits the machine.
const RESET: &str = "history_reset";

impl<'a> Run<'a> {
    /// Every history state of an exited state remembers what is active now, before anything is left.
    pub(super) fn record_history(&mut self, exits: &StateSet) {
        for id in exits.iter() {
            for child in &self.machine.state(id).children {
                if let StateKind::History { deep } = self.machine.state(*child).kind {
                    let remembered = self.active_below(id, deep);
                    let key = self.machine.state(*child).path.clone();
                    Arc::make_mut(&mut self.memory)
                        .history
                        .insert(key, remembered);
                }
            }
        }
    }

    /// Paths of the active children of a state, or of the active leaves below it.
    fn active_below(&self, id: StateId, leaves: bool) -> Vec<String> {
        let below = self
            .configuration
            .range(StateId(id.0 + 1), self.machine.state(id).last);
        below
            .map(|active| self.machine.state(active))
            .filter(|active| match leaves {
                true => matches!(active.kind, StateKind::Atomic | StateKind::Final),
                false => active.parent == Some(id),
            })
            .map(|active| active.path.clone())
            .collect()
    }

    /// What a history state remembers; none if there is nothing, or if the machine has changed so that it no longer
    /// fits: another version may have written it.
    pub(super) fn remembered(&self, history: StateId) -> Option<Vec<StateId>> {
        let state = self.machine.state(history);
        let paths = self.memory.history.get(&state.path)?;
        let parent = state.parent?;
        let states: Vec<StateId> = paths
            .iter()
            .map(|path| self.machine.by_path.get(path).copied())
            .collect::<Option<_>>()?;
        let is_real = |id: &StateId| {
            self.machine.is_below(*id, parent)
                && !matches!(self.machine.state(*id).kind, StateKind::History { .. })
        };
        let fits = !states.is_empty()
            && states.iter().all(is_real)
            && self.machine.can_be_active_together(&states);
        fits.then_some(states)
    }

    /// Where a history state leads without memory, and its default transition if it has one of its own.
    pub(super) fn history_default(&self, history: StateId) -> (&'a [StateId], Option<&'a Initial>) {
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

    /// Notes each target whose memory no longer fits, so that the default it led to explains itself.
    pub(super) fn note_reset_history(&mut self, targets: &[StateId]) {
        for target in targets {
            let state = self.machine.state(*target);
            if matches!(state.kind, StateKind::History { .. })
                && self.memory.history.contains_key(&state.path)
                && self.remembered(*target).is_none()
            {
                self.logged.push(Logged {
                    label: RESET.to_owned(),
                    value: state.path.clone().into(),
                });
            }
        }
    }
}
