//! The interpreter: one macrostep at a time, as a pure function.
//!
//! It follows the algorithm of the SCXML recommendation (appendix D) under that text's own names, with these
//! deliberate differences: a region's event climbs to the parallel state only if no region takes it; the domain of a
//! transition may be a parallel state; a transition to its own source or below does not leave the source unless it
//! says `reenter`; done events climb through nested parallel states. Timers and effects are values in the result.
//!
//! It must not: read a clock, make an id, depend on map order, or keep anything of a step that failed.

mod content;
mod freeze;
mod microstep;
mod reply;
mod select;
mod sets;
mod view;

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

pub use reply::effect_error;
pub use select::is_reserved;

use crate::codes::{self, Code};
use crate::configuration::StateSet;
use crate::event::{Actor, Event, Origin};
use crate::machine::{Definition, Machine, StateId, StateKind, Unhandled};
use crate::outcome::{Blocker, Outcome, Refusal};
use crate::snapshot::{EntityInfo, Memory, Snapshot, Status};
use crate::step::{EffectRequest, InvokeRef, Step, TimerSet, TransitionTaken};

/// Internal events waiting within one macrostep, at most. More than this is a chart that feeds itself.
pub const INTERNAL_QUEUE_MAX: usize = 1_000;

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
    /// # Errors
    /// A refusal: the input does not fit the context's schema, or the step failed. Nothing exists then.
    pub fn start(&self, creation: impl Into<Creation>, now: Timestamp) -> Result<Step, Refusal> {
        let creation = creation.into();
        let context = self.initial_context(creation.input)?;
        let event = Event {
            input: Value::Object(context.clone()),
            origin: Origin::Create,
            ..Event::new(CREATE_EVENT).actor(creation.actor)
        };
        let before = Snapshot {
            entity: EntityInfo {
                id: creation.id,
                owner: Some(event.actor.id.clone()),
                revision: 0,
            },
            configuration: StateSet::empty(self.states.len()),
            context: Arc::new(context),
            memory: Memory {
                owner: Some(event.actor.id.clone()),
                ..Memory::default()
            },
            status: Status::Active,
        };
        let mut run = Run::new(self, &before, &event, now);
        run.enter_root()
            .and_then(|()| run.run_to_completion())
            .and_then(|()| run.check_context())
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
    /// # Errors
    /// A refusal; the entity stays exactly as it was.
    pub fn step(
        &self,
        snapshot: &Snapshot,
        event: &Event,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        if let Some(refusal) = self.refuse_early(snapshot, event) {
            return Err(refusal);
        }
        let mut run = Run::new(self, snapshot, event, now);
        let taken = run.take_event(event).map_err(Fail::into_refusal)?;
        if !taken {
            return Err(self.refuse_unhandled(snapshot, event, run.refused));
        }
        run.run_to_completion()
            .and_then(|()| run.check_context())
            .map_err(Fail::into_refusal)?;
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
            format!("the input does not fit the context of machine `{}`", self.name),
        )
        .blockers(
            violations
                .into_iter()
                .map(|v| Blocker::new(codes::INVALID_INPUT, v.message, v.pointer))
                .collect(),
        ))
    }

    /// Refusals that need no selection: the entity is done, or the event belongs to a state entry that is over.
    fn refuse_early(&self, snapshot: &Snapshot, event: &Event) -> Option<Refusal> {
        if let Origin::Timer(owner) | Origin::Effect(Some(owner)) = &event.origin
            && !self.is_current(snapshot, owner)
        {
            return Some(Refusal::new(
                Outcome::Ignored,
                codes::NO_TRANSITION,
                format!("`{}` belongs to an entry of `{}` that is over", event.kind, owner.state),
            ));
        }
        (snapshot.status == Status::Done).then(|| {
            Refusal::new(
                Outcome::NoTransition,
                codes::NO_TRANSITION,
                format!("the entity is done (in `{}`) and takes no events", self.encode(&snapshot.configuration)),
            )
        })
    }

    /// Whether this entry of a state is the one the entity is in.
    #[must_use]
    pub fn is_current(&self, snapshot: &Snapshot, owner: &InvokeRef) -> bool {
        self.state_at(&owner.state)
            .is_some_and(|state| snapshot.configuration.contains(state.id))
            && snapshot.memory.entries.get(&owner.state) == Some(&owner.entry)
            && snapshot.status == Status::Active
    }

    fn refuse_unhandled(
        &self,
        snapshot: &Snapshot,
        event: &Event,
        blockers: Vec<Blocker>,
    ) -> Refusal {
        let state = self.encode(&snapshot.configuration);
        let accepted = self.accepted_events(snapshot);
        let unhandled = self
            .event(&event.kind)
            .and_then(|def| def.unhandled)
            .unwrap_or(self.unhandled);
        let kind = &event.kind;
        let refusal = if !self.knows_event(kind) && event.origin == Origin::External {
            Refusal::new(
                Outcome::UnknownEvent,
                codes::UNKNOWN_EVENT,
                format!("machine `{}` knows no event `{kind}`", self.name),
            )
        } else if !blockers.is_empty() {
            Refusal::new(
                Outcome::GuardFailed,
                codes::GUARD_FAILED,
                format!("`{kind}` is refused in state `{state}`"),
            )
        } else if unhandled == Unhandled::Ignore {
            Refusal::new(
                Outcome::Ignored,
                codes::NO_TRANSITION,
                format!("`{kind}` is ignored in state `{state}`"),
            )
        } else {
            Refusal::new(
                Outcome::NoTransition,
                codes::NO_TRANSITION,
                format!("`{kind}` is not accepted in state `{state}`"),
            )
        };
        refusal.blockers(blockers).accepting(accepted)
    }
}

/// Why a step could not be completed. The step leaves no trace.
#[derive(Debug)]
struct Fail {
    code: Code,
    message: String,
    place: String,
}

impl Fail {
    fn into_refusal(self) -> Refusal {
        let blocker = Blocker::new(self.code, self.message.clone(), self.place);
        Refusal::step_error(self.code, self.message).blockers(vec![blocker])
    }
}

/// One macrostep under way.
struct Run<'a> {
    machine: &'a Definition,
    now: Timestamp,
    entity: &'a EntityInfo,
    actor: &'a Actor,
    configuration: StateSet,
    context: Arc<Map<String, Value>>,
    memory: Memory,
    /// Entry numbers before the macrostep: tells entries that began within it.
    entries_before: &'a Memory,
    done: bool,
    /// The event that expressions see: the last one taken.
    event: Event,
    queue: VecDeque<Event>,
    assigned: Vec<String>,
    transitions: Vec<TransitionTaken>,
    effects: Vec<EffectRequest>,
    effects_asked: usize,
    timers: Vec<TimerSet>,
    left: Vec<InvokeRef>,
    refused: Vec<Blocker>,
    microsteps: u32,
    /// Last states entered, for the message of the microstep limit.
    trail: VecDeque<StateId>,
}

impl<'a> Run<'a> {
    fn new(machine: &'a Definition, before: &'a Snapshot, event: &'a Event, now: Timestamp) -> Self {
        Self {
            machine,
            now,
            entity: &before.entity,
            actor: &event.actor,
            configuration: before.configuration.clone(),
            context: Arc::clone(&before.context),
            memory: before.memory.clone(),
            entries_before: &before.memory,
            done: false,
            event: event.clone(),
            queue: VecDeque::new(),
            assigned: Vec::new(),
            transitions: Vec::new(),
            effects: Vec::new(),
            effects_asked: 0,
            timers: Vec::new(),
            left: Vec::new(),
            refused: Vec::new(),
            microsteps: 0,
            trail: VecDeque::new(),
        }
    }

    /// Takes the transitions of an event. False if there are none.
    fn take_event(&mut self, event: &Event) -> Result<bool, Fail> {
        self.event = event.clone();
        let selected = self.select_transitions(Some(event))?;
        if selected.is_empty() {
            return Ok(false);
        }
        self.microstep(&selected, &event.kind)?;
        Ok(true)
    }

    /// Eventless transitions first, then internal events in order, until nothing is left or the root is final.
    fn run_to_completion(&mut self) -> Result<(), Fail> {
        while !self.done {
            let eventless = self.select_transitions(None)?;
            if !eventless.is_empty() {
                self.microstep(&eventless, "")?;
            } else if let Some(event) = self.queue.pop_front() {
                self.take_event(&event)?;
            } else {
                return Ok(());
            }
        }
        self.exit_interpreter()
    }

    /// The context is checked once, when the macrostep is over.
    fn check_context(&self) -> Result<(), Fail> {
        if self.assigned.is_empty() {
            return Ok(());
        }
        match self.machine.context.validate(&self.context).into_iter().next() {
            None => Ok(()),
            Some(violation) => Err(Fail {
                code: codes::CONTEXT_INVALID,
                message: format!(
                    "after the step the context would not fit its schema: {} {}",
                    violation.pointer, violation.message
                ),
                place: violation.pointer,
            }),
        }
    }

    fn finish(self, before: &Snapshot) -> Step {
        let patch = self
            .assigned
            .iter()
            .filter(|field| self.context.get(*field) != before.context.get(*field))
            .map(|field| {
                let value = self.context.get(field).cloned().unwrap_or(Value::Null);
                (field.clone(), value)
            })
            .collect();
        let from = self.machine.encode(&before.configuration);
        let to = self.machine.encode(&self.configuration);
        Step {
            snapshot: Snapshot {
                entity: EntityInfo {
                    revision: before.entity.revision + 1,
                    ..self.entity.clone()
                },
                configuration: self.configuration,
                context: self.context,
                memory: self.memory,
                status: if self.done { Status::Done } else { Status::Active },
            },
            from,
            to,
            transitions: self.transitions,
            patch,
            effects: self.effects,
            timers: self.timers,
            left: self.left,
            microsteps: self.microsteps,
        }
    }

    fn is_leaf(&self, id: StateId) -> bool {
        matches!(
            self.machine.state(id).kind,
            StateKind::Atomic | StateKind::Final
        )
    }
}
