//! Entities that stand in a state without having come there: for trials, tests and supervised overrides.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::run::Run;
use crate::codes;
use crate::event::{Event, Origin};
use crate::machine::Machine;
use crate::outcome::{Blocker, Outcome, Refusal};
use crate::snapshot::{EntityInfo, Memory, Snapshot, Status};
use crate::step::Step;

impl Machine {
    /// An entity that stands in a state, whatever led there, as if all its active states had just been entered for the
    /// first time: their timers run from `now`. Entry actions are not run, and an effect tied to a state is asked for
    /// only if its arguments do not need the event that would have led there. `state` is a state column.
    ///
    /// # Errors
    /// `invalid_input`: there is no such configuration, or the context does not fit its schema.
    pub fn place(
        &self,
        state: &str,
        context: Map<String, Value>,
        entity: EntityInfo,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        let mut before = self.stand(state, context, entity)?;
        let event = Event {
            origin: Origin::Create,
            ..Event::new(super::CREATE_EVENT)
        };
        let mut run = Run::new(self, &before, &event, now);
        let is_done = run.is_at_its_end();
        if !is_done {
            for id in before.configuration.iter() {
                run.begin_placed(self.state(id))
                    .map_err(super::run::Fail::into_refusal)?;
            }
        }
        let (memory, timers, effects) = (run.memory, run.timers, run.effects);
        before.memory = memory;
        if is_done {
            before.status = Status::Done;
        }
        let mut step = Step::still(before, state.to_owned());
        (step.timers, step.effects) = (timers, effects);
        Ok(step)
    }

    fn stand(
        &self,
        state: &str,
        mut context: Map<String, Value>,
        entity: EntityInfo,
    ) -> Result<Snapshot, Refusal> {
        let refuse =
            |message: String| Refusal::new(Outcome::InvalidInput, codes::INVALID_INPUT, message);
        let configuration = self.decode(state).map_err(|error| {
            let paths = self.states.iter().skip(1).map(|state| state.path.as_str());
            refuse(match crate::source::nearest(state, paths) {
                Some(near) => format!("{error}; did you mean `{near}`?"),
                None => error.to_string(),
            })
        })?;
        self.context.fill_defaults(&mut context);
        let violations = self.context.validate(&context);
        if !violations.is_empty() {
            let message = format!("the context does not fit machine `{}`", self.name);
            let blocker = |v: crate::schema::Violation| {
                Blocker::new(codes::INVALID_INPUT, v.message, v.pointer)
            };
            return Err(refuse(message).blockers(violations.into_iter().map(blocker).collect()));
        }
        Ok(Snapshot {
            status: Status::Active,
            memory: Arc::new(Memory {
                owner: entity.owner.as_deref().map(str::to_owned),
                ..Memory::default()
            }),
            entity,
            configuration,
            context: Arc::new(context),
        })
    }
}
