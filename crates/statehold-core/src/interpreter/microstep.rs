//! One microstep: leave, act, enter, in the order the recommendation gives.

use super::sets::EntrySet;
use super::{Fail, Run};
use crate::codes;
use crate::configuration::StateSet;
use crate::event::Event;
use crate::machine::{StateId, StateKind, TimerWhen, Transition};
use crate::step::{InvokeRef, TimerSet, TransitionTaken};

/// States kept for the message of the microstep limit.
const TRAIL_MAX: usize = 10;

impl<'a> Run<'a> {
    /// Takes the transitions: history and exits, transition actions, entries.
    pub(super) fn microstep(
        &mut self,
        transitions: &[&'a Transition],
        event: &str,
    ) -> Result<(), Fail> {
        self.microsteps += 1;
        if self.microsteps > self.machine.max_microsteps {
            return Err(self.limit_exceeded());
        }
        for transition in transitions {
            self.transitions.push(self.taken(transition, event));
        }
        let mut exits = StateSet::empty(self.machine.states.len());
        for transition in transitions {
            exits.extend(&self.exit_set(transition));
        }
        self.record_history(&exits);
        self.exit_states(&exits)?;
        for transition in transitions {
            self.execute_block(&transition.actions)?;
        }
        // After the exits: a history target of this very transition leads back to what was just left.
        let entries = self.entry_set(transitions);
        self.enter_states(&entries)
    }

    fn limit_exceeded(&self) -> Fail {
        let trail: Vec<&str> = self
            .trail
            .iter()
            .map(|id| self.machine.state(*id).path.as_str())
            .collect();
        Fail {
            code: codes::MICROSTEP_LIMIT,
            message: format!(
                "more than {} microsteps; the last states entered were {}",
                self.machine.max_microsteps,
                trail.join(", ")
            ),
            place: trail.last().copied().unwrap_or_default().to_owned(),
        }
    }

    fn taken(&self, transition: &Transition, event: &str) -> TransitionTaken {
        let path = |id: StateId| self.machine.state(id).path.clone();
        TransitionTaken {
            event: event.to_owned(),
            source: path(transition.source),
            targets: transition.targets.iter().copied().map(path).collect(),
            guard: transition.guard.as_ref().and_then(|guard| guard.name.clone()),
        }
    }

    /// Every history state of an exited state remembers what is active now, before anything is left.
    fn record_history(&mut self, exits: &StateSet) {
        for id in exits.iter() {
            for child in &self.machine.state(id).children {
                if let StateKind::History { deep } = self.machine.state(*child).kind {
                    let remembered = self
                        .configuration
                        .iter()
                        .filter(|active| {
                            if deep {
                                self.machine.is_below(*active, id) && self.is_leaf(*active)
                            } else {
                                self.machine.state(*active).parent == Some(id)
                            }
                        })
                        .map(|active| self.machine.state(active).path.clone())
                        .collect();
                    let key = self.machine.state(*child).path.clone();
                    self.memory.history.insert(key, remembered);
                }
            }
        }
    }

    fn exit_states(&mut self, exits: &StateSet) -> Result<(), Fail> {
        for id in exits.iter().rev() {
            self.execute_block(&self.machine.state(id).exit)?;
            self.cancel_entry(id);
            self.configuration.remove(id);
        }
        Ok(())
    }

    /// Timers and invokes of the state's current entry end: those of this macrostep vanish, older ones are reported.
    fn cancel_entry(&mut self, id: StateId) {
        let state = self.machine.state(id);
        if state.timers.is_empty() && state.invokes.is_empty() {
            return;
        }
        let Some(entry) = self.memory.entries.get(&state.path).copied() else {
            return;
        };
        self.timers
            .retain(|timer| timer.owner.state != state.path);
        self.effects.retain(|effect| {
            effect
                .invoke
                .as_ref()
                .is_none_or(|invoke| invoke.state != state.path)
        });
        if self.entries_before.entries.get(&state.path) == Some(&entry) {
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
            self.begin_entry(id)?;
            if entries.by_default.contains(id)
                && let Some(initial) = &state.initial
            {
                self.execute_block(&initial.actions)?;
            }
            for (parent, default) in &entries.history_defaults {
                if *parent == id {
                    self.execute_block(&default.actions)?;
                }
            }
            if state.kind == StateKind::Final {
                self.final_entered(id)?;
            }
        }
        Ok(())
    }

    fn note_trail(&mut self, id: StateId) {
        if self.trail.len() == TRAIL_MAX {
            self.trail.pop_front();
        }
        self.trail.push_back(id);
    }

    /// Gives the entry its number, sets its timers and starts its invokes.
    fn begin_entry(&mut self, id: StateId) -> Result<(), Fail> {
        let state = self.machine.state(id);
        if state.timers.is_empty() && state.invokes.is_empty() {
            return Ok(());
        }
        let entry = self.memory.entries.entry(state.path.clone()).or_insert(0);
        *entry += 1;
        let owner = InvokeRef {
            state: state.path.clone(),
            entry: *entry,
        };
        for timer in &state.timers {
            let due = match &timer.when {
                TimerWhen::After(delay) => self.now.checked_add(*delay).ok(),
                TimerWhen::At(expr) => Some(self.eval_instant(expr, &state.path)?),
            };
            // A delay beyond the end of time never comes due.
            if let Some(due) = due {
                self.timers.push(TimerSet {
                    owner: owner.clone(),
                    name: timer.name.clone(),
                    due,
                });
            }
        }
        for invoke in &state.invokes {
            self.request_effect(&invoke.effect, &invoke.input, Some(owner.clone()), &state.path)?;
        }
        Ok(())
    }

    /// Reports a final state: to its parent, and on through every parallel state that is complete with it.
    fn final_entered(&mut self, id: StateId) -> Result<(), Fail> {
        let state = self.machine.state(id);
        let output = match &state.output {
            Some(output) => Some(self.eval_value(output, &state.path)?),
            None => None,
        };
        let Some(parent) = state.parent else {
            return Ok(());
        };
        if parent == StateId::ROOT {
            self.complete(output);
            return Ok(());
        }
        self.queue_done(parent, output)?;
        let mut outer = self.machine.state(parent).parent;
        while let Some(current) = outer.filter(|current| self.is_complete_parallel(*current)) {
            if current == StateId::ROOT {
                self.complete(None);
                return Ok(());
            }
            self.queue_done(current, None)?;
            outer = self.machine.state(current).parent;
        }
        Ok(())
    }

    fn complete(&mut self, output: Option<serde_json::Value>) {
        self.done = true;
        self.memory.output = output;
    }

    fn queue_done(&mut self, id: StateId, output: Option<serde_json::Value>) -> Result<(), Fail> {
        let path = &self.machine.state(id).path;
        let event = Event {
            output,
            ..Event::internal(format!("done.state.{path}"), self.actor)
        };
        self.enqueue(event)
    }

    fn is_complete_parallel(&self, id: StateId) -> bool {
        self.machine.state(id).kind == StateKind::Parallel
            && self
                .machine
                .regions(id)
                .into_iter()
                .all(|region| self.is_in_final_state(region))
    }

    fn is_in_final_state(&self, id: StateId) -> bool {
        let state = self.machine.state(id);
        match state.kind {
            StateKind::Compound => state.children.iter().any(|child| {
                self.machine.state(*child).kind == StateKind::Final
                    && self.configuration.contains(*child)
            }),
            StateKind::Parallel => self.is_complete_parallel(id),
            StateKind::Final => self.configuration.contains(id),
            StateKind::Atomic | StateKind::History { .. } => false,
        }
    }

    /// The root is final: exit actions of what is still active run, its timers and invokes end; the leaf stays readable.
    pub(super) fn exit_interpreter(&mut self) -> Result<(), Fail> {
        let active: Vec<StateId> = self.configuration.iter().rev().collect();
        for id in &active {
            self.execute_block(&self.machine.state(*id).exit)?;
            self.cancel_entry(*id);
        }
        self.queue.clear();
        if self.memory.output.is_none()
            && let Some(output) = &self.machine.state(StateId::ROOT).output
        {
            self.memory.output = Some(self.eval_value(output, "")?);
        }
        Ok(())
    }
}
