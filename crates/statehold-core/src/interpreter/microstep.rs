//! One microstep: leave, act, enter, in the order the recommendation gives.

use std::sync::Arc;

use super::run::{Fail, Run, Trigger};
use super::select::{Enabled, Selected};
use super::sets::EntrySet;
use crate::codes;
use crate::configuration::StateSet;
use crate::machine::{State, StateId, StateKind, Transition};
use crate::step::{InvokeRef, TransitionTaken};

/// States kept for the message of the microstep limit.
const TRAIL_MAX: usize = 10;

impl<'a> Run<'a> {
    /// Takes the transitions: history and exits, transition actions, entries.
    pub(super) fn microstep(
        &mut self,
        selected: &Enabled<'a>,
        trigger: Trigger,
    ) -> Result<(), Fail> {
        self.microsteps += 1;
        self.check_limit()?;
        for Selected { transition, .. } in selected.iter() {
            let taken = self.taken(transition, trigger);
            self.transitions.push(taken);
            self.observe_taken(transition);
        }
        let mut exits = StateSet::empty(self.machine.states.len());
        for domain in selected.iter().filter_map(|selected| selected.domain) {
            let last = self.machine.state(domain).last;
            for id in self.configuration.range(StateId(domain.0 + 1), last) {
                exits.insert(id);
            }
        }
        self.record_history(&exits);
        self.exit_states(&exits)?;
        for Selected { transition, .. } in selected.iter() {
            self.execute_block(&transition.actions)?;
            self.note_reset_history(&transition.targets);
        }
        // After the exits: a history target of this very transition leads back to what was just left.
        let entries = self.entry_set(selected);
        self.enter_states(&entries)
    }

    /// Bounds a macrostep, also one that only keeps raising events that nothing takes.
    pub(super) fn check_limit(&self) -> Result<(), Fail> {
        if self.microsteps.saturating_add(self.untaken) <= self.machine.max_microsteps {
            return Ok(());
        }
        let path = |id: &StateId| self.machine.state(*id).path.as_str();
        let trail: Vec<&str> = self.trail.iter().map(path).collect();
        let entered = match trail.as_slice() {
            [] => "no state was entered".to_owned(),
            trail => format!("the last states entered were {}", trail.join(", ")),
        };
        Err(Fail {
            code: codes::MICROSTEP_LIMIT,
            message: format!(
                "more than {} microsteps; {entered}",
                self.machine.max_microsteps
            ),
            place: trail.last().copied().unwrap_or_default().to_owned(),
            event: None,
        })
    }

    fn taken(&self, transition: &Transition, trigger: Trigger) -> TransitionTaken {
        let path = |id: StateId| self.machine.state(id).path.clone();
        TransitionTaken {
            event: match trigger {
                Trigger::Event => self.event.kind.clone(),
                Trigger::Nothing => String::new(),
            },
            source: path(transition.source),
            targets: transition.targets.iter().copied().map(path).collect(),
            guard: transition
                .guard
                .as_ref()
                .and_then(|guard| guard.name.clone()),
        }
    }

    fn exit_states(&mut self, exits: &StateSet) -> Result<(), Fail> {
        for id in exits.iter().rev() {
            self.exit_state(id)?;
        }
        Ok(())
    }

    /// An exit action still sees its own state as active.
    pub(super) fn exit_state(&mut self, id: StateId) -> Result<(), Fail> {
        let state = self.machine.state(id);
        self.execute_block(&state.exit)?;
        self.cancel_entry(state);
        self.configuration.remove(id);
        Ok(())
    }

    /// Timers and invokes of the state's current entry end: those of this macrostep vanish, older ones are reported.
    fn cancel_entry(&mut self, state: &State) {
        if state.timers.is_empty() && state.invokes.is_empty() {
            return;
        }
        let Some(entry) = self.memory.entries.get(&state.path).copied() else {
            return;
        };
        self.timers.retain(|timer| timer.owner.state != state.path);
        self.effects.retain(|effect| {
            (effect.invoke.as_ref()).is_none_or(|invoke| invoke.state != state.path)
        });
        if self.memory_before.entries.get(&state.path) == Some(&entry) {
            self.left.push(InvokeRef {
                state: state.path.clone(),
                entry,
            });
        }
    }

    /// Enters the initial states of a new entity.
    pub(super) fn enter_root(&mut self) -> Result<(), Fail> {
        let entries = self.root_entry_set();
        self.enter_states(&entries)
    }

    fn enter_states(&mut self, entries: &EntrySet<'a>) -> Result<(), Fail> {
        for id in entries.states.iter() {
            self.configuration.insert(id);
            self.note_trail(id);
            let state = self.machine.state(id);
            self.execute_block(&state.entry)?;
            self.begin_entry(state)?;
            if entries.by_default.contains(id)
                && let Some(initial) = &state.initial
            {
                self.execute_block(&initial.actions)?;
                self.note_reset_history(&initial.targets);
            }
            for (parent, default) in &entries.history_defaults {
                if *parent == id {
                    self.execute_block(&default.actions)?;
                }
            }
            if state.kind == StateKind::Final {
                self.final_entered(state)?;
            }
        }
        Ok(())
    }

    /// Only shortly before the limit: no other step needs it.
    fn note_trail(&mut self, id: StateId) {
        let near = self.microsteps.saturating_add(TRAIL_MAX as u32);
        if near.saturating_add(self.untaken) < self.machine.max_microsteps {
            return;
        }
        if self.trail.len() == TRAIL_MAX {
            self.trail.pop_front();
        }
        self.trail.push_back(id);
    }

    /// Gives the entry its number, sets its timers and starts its invokes.
    fn begin_entry(&mut self, state: &'a State) -> Result<(), Fail> {
        let Some(owner) = self.number_entry(state) else {
            return Ok(());
        };
        for timer in &state.timers {
            let set = self.set_timer(timer, &owner);
            set.or_else(|fail| self.recover(fail))?;
        }
        for invoke in &state.invokes {
            let tied = Some(owner.clone());
            let asked = self.request_effect(&invoke.effect, &invoke.input, tied, &state.path);
            asked.or_else(|fail| self.recover(fail))?;
        }
        Ok(())
    }

    /// The same for an entity that was put into the state: what its invokes would be told by the event that leads
    /// there is not known, so those that need it are not started.
    pub(super) fn begin_placed(&mut self, state: &'a State) -> Result<(), Fail> {
        let Some(owner) = self.number_entry(state) else {
            return Ok(());
        };
        for timer in &state.timers {
            self.set_timer(timer, &owner)?;
        }
        for invoke in &state.invokes {
            let asked = self.effects_asked;
            let tied = Some(owner.clone());
            if (self.request_effect(&invoke.effect, &invoke.input, tied, &state.path)).is_err() {
                self.effects_asked = asked;
            }
        }
        Ok(())
    }

    /// The number of the entry that begins; none for a state that owns neither timers nor invokes.
    fn number_entry(&mut self, state: &State) -> Option<InvokeRef> {
        if state.timers.is_empty() && state.invokes.is_empty() {
            return None;
        }
        let entries = &mut Arc::make_mut(&mut self.memory).entries;
        let entry = match entries.get_mut(&state.path) {
            Some(entry) => {
                *entry += 1;
                *entry
            }
            None => {
                entries.insert(state.path.clone(), 1);
                1
            }
        };
        Some(InvokeRef {
            state: state.path.clone(),
            entry,
        })
    }
}
