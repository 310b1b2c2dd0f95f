//! The interpreter: one macrostep at a time, as a pure function.
//!
//! It follows the algorithm of the SCXML recommendation (appendix D) under that text's own names, with these
//! deliberate differences: a region's event climbs to the parallel state only if no region takes it; the domain of a
//! transition may be a parallel state; a transition to its own source or below does not leave the source unless it
//! says `reenter`; done events climb through nested parallel states. Timers and effects are values in the result.
//!
//! It must not: read a clock, make an id, depend on map order, or keep anything of a step that failed.

mod content;
mod defer;
mod done;
mod door;
mod freeze;
mod history;
mod invariants;
mod microstep;
mod observe;
mod place;
mod refuse;
mod reply;
mod run;
mod select;
mod sets;
mod timers;
mod values;
mod view;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

pub use content::{ACTIONS_MAX, REQUESTS_MAX};
pub use defer::{DEFERRED_BYTES_MAX, DEFERRED_MAX};
pub use door::is_reserved;
pub use observe::Observer;
pub use reply::effect_error;
pub use run::INTERNAL_QUEUE_MAX;

use crate::codes;
use crate::configuration::StateSet;
use crate::event::{Actor, Event, Origin};
use crate::machine::Machine;
use crate::outcome::{Blocker, Outcome, Refusal};
use crate::snapshot::{EntityInfo, Memory, Snapshot, Status};
use crate::step::Step;
use run::{Fail, Run, Trigger};

/// What an entity begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct Creation {
    /// Its id.
    pub id: String,
    /// First values of its context, an object; defaults fill the rest.
    pub input: Value,
    /// Who creates it, and owns it from then on.
    pub actor: Actor,
}

impl From<Value> for Creation {
    /// An entity without a name, created by nobody in particular: for tries and tests.
    fn from(input: Value) -> Self {
        Self {
            id: String::new(),
            input,
            actor: Actor::anonymous(),
        }
    }
}

/// Type of the event that a creation's actions and guards see.
pub const CREATE_EVENT: &str = "create";

impl Machine {
    /// Creates an entity: enters the initial states and runs to the first stable configuration.
    ///
    /// ```
    /// use serde_json::json;
    /// use statehold_core::Machine;
    ///
    /// let machine = Machine::from_yaml(
    ///     "{ statehold: 1, machine: m, version: 1, context: { n: integer }, initial: a, states: { a: { type: final } } }",
    /// )
    /// .unwrap();
    /// let now = jiff::Timestamp::UNIX_EPOCH;
    /// assert_eq!(machine.start(json!({ "n": 1 }), now).unwrap().to, "a");
    /// assert!(machine.start(json!({ "n": "one" }), now).is_err());
    /// ```
    ///
    /// # Errors
    /// A refusal: the input does not fit the context's schema, or the step failed. Nothing exists then.
    pub fn start(&self, creation: impl Into<Creation>, now: Timestamp) -> Result<Step, Refusal> {
        self.start_observed(creation.into(), now, None)
    }

    /// As [`Machine::start`], with somebody who is told what the step looks at.
    ///
    /// # Errors
    /// As [`Machine::start`].
    pub fn start_observed(
        &self,
        creation: Creation,
        now: Timestamp,
        observer: Option<&dyn Observer>,
    ) -> Result<Step, Refusal> {
        let context = self.initial_context(creation.input)?;
        let event = Event {
            input: Value::Object(context.clone()),
            origin: Origin::Create,
            ..Event::new(CREATE_EVENT).actor(creation.actor)
        };
        let before = Snapshot {
            entity: EntityInfo {
                id: creation.id.into(),
                owner: Some(event.actor.id.as_str().into()),
                revision: 0,
            },
            configuration: StateSet::empty(self.states.len()),
            context: Arc::new(context),
            memory: Arc::new(Memory {
                owner: Some(event.actor.id.clone()),
                ..Memory::default()
            }),
            status: Status::Active,
        };
        let mut run = Run::new(self, &before, &event, now);
        run.observer = observer;
        run.enter_root()
            .and_then(|()| run.run_to_completion())
            .and_then(|()| run.check_end())
            .map_err(Fail::into_refusal)?;
        let mut step = run.finish(&before);
        step.snapshot.entity.revision = 0;
        step.patch = (*step.snapshot.context).clone();
        Ok(step)
    }

    /// Offers an event to an entity: one macrostep.
    ///
    /// Permission and input schema are not looked at here: see [`Machine::authorize`] and [`Machine::check_input`].
    ///
    /// ```
    /// use serde_json::json;
    /// use statehold_core::{Event, Machine, Outcome};
    ///
    /// let machine = Machine::from_yaml(
    ///     "{ statehold: 1, machine: m, version: 1, initial: a, states: { a: { on: { go: b } }, b: { type: final } } }",
    /// )
    /// .unwrap();
    /// let now = jiff::Timestamp::UNIX_EPOCH;
    /// let before = machine.start(json!({}), now).unwrap().snapshot;
    /// let step = machine.step(&before, &Event::new("go"), now).unwrap();
    /// assert_eq!((step.from.as_str(), step.to.as_str()), ("a", "b"));
    /// let refusal = machine.step(&step.snapshot, &Event::new("go"), now).unwrap_err();
    /// assert_eq!(refusal.outcome, Outcome::NoTransition);
    /// ```
    ///
    /// # Errors
    /// A refusal; the entity stays exactly as it was.
    pub fn step(
        &self,
        snapshot: &Snapshot,
        event: &Event,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        self.step_observed(snapshot, event, now, None)
    }

    /// As [`Machine::step`], with somebody who is told what the step looks at.
    ///
    /// # Errors
    /// As [`Machine::step`].
    pub fn step_observed(
        &self,
        snapshot: &Snapshot,
        event: &Event,
        now: Timestamp,
        observer: Option<&dyn Observer>,
    ) -> Result<Step, Refusal> {
        if let Some(refusal) = self.refuse_early(snapshot, event) {
            return Err(refusal);
        }
        let mut run = Run::new(self, snapshot, event, now);
        run.observer = observer;
        let is_taken = run.take(Trigger::Event).map_err(Fail::into_refusal)?;
        // Guards that failed may have raised an error that something takes.
        if is_taken || !run.queue.is_empty() {
            run.run_to_completion()
                .and_then(|()| run.check_end())
                .map_err(Fail::into_refusal)?;
        }
        if run.transitions.is_empty() {
            return Err(self.refuse_unhandled(snapshot, event, run.refused));
        }
        run.set_again(event);
        Ok(run.finish(snapshot))
    }

    fn initial_context(&self, input: Value) -> Result<Map<String, Value>, Refusal> {
        let Value::Object(mut context) = input else {
            return Err(Refusal::new(
                Outcome::InvalidInput,
                codes::INVALID_INPUT,
                "the input of a creation must be an object",
            ));
        };
        self.context.fill_defaults(&mut context);
        let violations = self.context.validate(&context);
        if violations.is_empty() {
            return Ok(context);
        }
        Err(Refusal::new(
            Outcome::InvalidInput,
            codes::INVALID_INPUT,
            format!(
                "the input does not fit the context of machine `{}`",
                self.name
            ),
        )
        .blockers(
            violations
                .into_iter()
                .map(|v| Blocker::new(codes::INVALID_INPUT, v.message, v.pointer))
                .collect(),
        ))
    }
}
