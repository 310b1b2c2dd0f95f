//! Ends: final states, the done events they raise, and the end of the entity.

use std::sync::Arc;

use serde_json::Value;

use super::run::{Fail, Run};
use crate::event::Event;
use crate::machine::{State, StateId, StateKind};

impl<'a> Run<'a> {
    /// Reports a final state: to its parent, and on through every parallel state that is complete with it.
    pub(super) fn final_entered(&mut self, state: &'a State) -> Result<(), Fail> {
        let output = match &state.output {
            None => None,
            Some(output) => match self.eval_value(output, &state.path) {
                Ok(output) => Some(output),
                Err(fail) => {
                    self.recover(fail)?;
                    None
                }
            },
        };
        let mut outer = state.parent;
        if let Some(parent) = outer.filter(|id| self.machine.state(*id).kind == StateKind::Compound)
        {
            self.report_done(parent, output)?;
            outer = self.machine.state(parent).parent;
        }
        while let Some(parallel) = outer.filter(|id| self.is_complete_parallel(*id)) {
            self.report_done(parallel, None)?;
            outer = self.machine.state(parallel).parent;
        }
        Ok(())
    }

    fn report_done(&mut self, id: StateId, output: Option<Value>) -> Result<(), Fail> {
        if id == StateId::ROOT {
            self.done = true;
            if self.memory.output != output {
                Arc::make_mut(&mut self.memory).output = output;
            }
            return Ok(());
        }
        let path = &self.machine.state(id).path;
        let event = Event {
            output,
            ..Event::internal(format!("done.state.{path}"), self.actor)
        };
        self.enqueue(event)
    }

    /// Whether the configuration is one in which the entity is done.
    pub(super) fn is_at_its_end(&self) -> bool {
        match self.machine.state(StateId::ROOT).kind {
            StateKind::Parallel => self.is_complete_parallel(StateId::ROOT),
            _ => self.is_in_final_state(StateId::ROOT),
        }
    }

    fn is_complete_parallel(&self, id: StateId) -> bool {
        self.machine.state(id).kind == StateKind::Parallel
            && (self.machine.regions(id).into_iter()).all(|region| self.is_in_final_state(region))
    }

    /// History states are no children in this sense: nothing is ever in them.
    fn is_in_final_state(&self, id: StateId) -> bool {
        match self.machine.state(id).kind {
            StateKind::Compound => self
                .machine
                .active_children(&self.configuration, id)
                .any(|child| self.machine.state(child).kind == StateKind::Final),
            StateKind::Parallel => self.is_complete_parallel(id),
            StateKind::Final => self.configuration.contains(id),
            StateKind::Atomic | StateKind::History { .. } => false,
        }
    }

    /// The root is final: exit actions of what is still active run, its timers and invokes end; the states stay
    /// readable in the configuration.
    pub(super) fn exit_interpreter(&mut self) -> Result<(), Fail> {
        let stays = self.configuration.clone();
        for id in stays.iter().rev() {
            self.exit_state(id)?;
        }
        self.configuration = stays;
        self.queue.clear();
        if !self.memory.deferred.is_empty() {
            let memory = Arc::make_mut(&mut self.memory);
            self.dropped = std::mem::take(&mut memory.deferred);
        }
        if self.memory.output.is_none()
            && let Some(output) = &self.machine.state(StateId::ROOT).output
        {
            match self.eval_value(output, "") {
                Ok(output) => Arc::make_mut(&mut self.memory).output = Some(output),
                Err(fail) => {
                    self.recover(fail)?;
                    self.queue.clear();
                }
            }
        }
        Ok(())
    }
}
