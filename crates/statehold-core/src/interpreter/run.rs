//! [`Run`]: one macrostep under way, and the loop that brings it to its end.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::observe::Observer;
use crate::codes::{self, Code};
use crate::configuration::StateSet;
use crate::event::{Actor, Event};
use crate::lookup;
use crate::machine::{Definition, OnExpressionError, StateId};
use crate::outcome::{Blocker, Refusal};
use crate::schema::Record;
use crate::snapshot::{Deferred, EntityInfo, Memory, Snapshot, Status};
use crate::step::{EffectRequest, InvokeRef, Logged, SelfSend, Step, TimerSet, TransitionTaken};

/// Internal events waiting within one macrostep, at most. More than this is a chart that feeds itself.
pub const INTERNAL_QUEUE_MAX: usize = 1_000;

/// Why a step could not be completed. The step leaves no trace.
#[derive(Debug)]
pub(super) struct Fail {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) place: String,
    /// What to queue in place of `error.execution`, where errors are events.
    pub(super) event: Option<Box<Event>>,
}

impl Fail {
    pub(super) fn into_refusal(self) -> Refusal {
        let blocker = Blocker::new(self.code, self.message.clone(), self.place);
        Refusal::step_error(self.code, self.message).blockers(vec![blocker])
    }
}

/// What transitions are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trigger {
    /// The current event.
    Event,
    /// Nothing: eventless transitions.
    Nothing,
}

/// One macrostep under way.
pub(super) struct Run<'a> {
    pub(super) machine: &'a Definition,
    pub(super) now: Timestamp,
    pub(super) entity: &'a EntityInfo,
    pub(super) actor: &'a Actor,
    pub(super) configuration: StateSet,
    pub(super) context: Arc<Map<String, Value>>,
    pub(super) memory: Arc<Memory>,
    /// Memory before the macrostep: tells entries that began within it.
    pub(super) memory_before: &'a Memory,
    pub(super) done: bool,
    /// The event that expressions see: the last one offered.
    pub(super) event: Cow<'a, Event>,
    /// Schema of its input.
    pub(super) input_record: Option<&'a Record>,
    pub(super) queue: VecDeque<Event>,
    /// Names of context fields written so far.
    pub(super) assigned: Vec<&'a str>,
    pub(super) transitions: Vec<TransitionTaken>,
    pub(super) effects: Vec<EffectRequest>,
    pub(super) effects_asked: usize,
    pub(super) timers: Vec<TimerSet>,
    pub(super) left: Vec<InvokeRef>,
    pub(super) cancelled_sends: Vec<String>,
    pub(super) sends: Vec<SelfSend>,
    pub(super) logged: Vec<Logged>,
    /// Guards that said no to the event from outside.
    pub(super) refused: Vec<Blocker>,
    pub(super) microsteps: u32,
    /// Internal events that no transition took.
    pub(super) untaken: u32,
    pub(super) actions: u32,
    /// Last states entered, for the message of the microstep limit.
    pub(super) trail: VecDeque<StateId>,
    /// Names of invariants that do not hold and are not enforced.
    pub(super) violated: Vec<String>,
    /// Deferred events that came to nothing because the entity is done.
    pub(super) dropped: Vec<Deferred>,
    /// Whoever wants to know what the step looks at.
    pub(super) observer: Option<&'a dyn Observer>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        machine: &'a Definition,
        before: &'a Snapshot,
        event: &'a Event,
        now: Timestamp,
    ) -> Self {
        Self {
            machine,
            now,
            entity: &before.entity,
            actor: &event.actor,
            configuration: before.configuration.clone(),
            context: Arc::clone(&before.context),
            memory: Arc::clone(&before.memory),
            memory_before: &before.memory,
            done: false,
            event: Cow::Borrowed(event),
            input_record: machine.input_record(&event.kind),
            queue: VecDeque::new(),
            assigned: Vec::new(),
            transitions: Vec::new(),
            effects: Vec::new(),
            effects_asked: 0,
            timers: Vec::new(),
            left: Vec::new(),
            cancelled_sends: Vec::new(),
            sends: Vec::new(),
            logged: Vec::new(),
            refused: Vec::new(),
            microsteps: 0,
            untaken: 0,
            actions: 0,
            trail: VecDeque::new(),
            violated: Vec::new(),
            dropped: Vec::new(),
            observer: None,
        }
    }

    /// Takes the transitions that the trigger enables. False if there are none.
    pub(super) fn take(&mut self, trigger: Trigger) -> Result<bool, Fail> {
        let selected = self.select_transitions(trigger)?;
        if selected.is_empty() {
            return Ok(false);
        }
        self.microstep(&selected, trigger)?;
        Ok(true)
    }

    /// Eventless transitions first, then internal events in order, until nothing is left or the root is final.
    pub(super) fn run_to_completion(&mut self) -> Result<(), Fail> {
        while !self.done {
            if self.take(Trigger::Nothing)? {
                continue;
            }
            let Some(event) = self.queue.pop_front() else {
                return Ok(());
            };
            self.input_record = self.machine.input_record(&event.kind);
            self.event = Cow::Owned(event);
            if !self.take(Trigger::Event)? {
                // A guard that always fails would otherwise report itself for ever.
                self.untaken += 1;
                self.check_limit()?;
            }
        }
        self.exit_interpreter()
    }

    /// What has to be true when the macrostep is over, checked once.
    pub(super) fn check_end(&mut self) -> Result<(), Fail> {
        self.check_context()?;
        self.check_invariants()
    }

    fn check_context(&self) -> Result<(), Fail> {
        if self.assigned.is_empty() {
            return Ok(());
        }
        match self
            .machine
            .context
            .validate(&self.context)
            .into_iter()
            .next()
        {
            None => Ok(()),
            Some(violation) => Err(Fail {
                code: codes::CONTEXT_INVALID,
                message: format!(
                    "after the step the context would not fit its schema: {} {}",
                    violation.pointer, violation.message
                ),
                place: violation.pointer,
                event: None,
            }),
        }
    }

    /// Puts an internal event into the queue.
    pub(super) fn enqueue(&mut self, event: Event) -> Result<(), Fail> {
        if self.queue.len() >= INTERNAL_QUEUE_MAX {
            return Err(Fail {
                code: codes::MICROSTEP_LIMIT,
                message: format!("more than {INTERNAL_QUEUE_MAX} internal events wait"),
                place: event.kind,
                event: None,
            });
        }
        self.queue.push_back(event);
        Ok(())
    }

    /// Under `onExpressionError: raise` what failed becomes an internal event; under `reject`, and for limits in any
    /// case, it ends the step.
    pub(super) fn recover(&mut self, fail: Fail) -> Result<(), Fail> {
        let is_fatal = self.machine.on_expression_error == OnExpressionError::Reject
            || !matches!(fail.code, codes::STEP_ERROR | codes::GUARD_ERROR);
        if is_fatal {
            return Err(fail);
        }
        if let Some(event) = fail.event {
            return self.enqueue(*event);
        }
        let error = serde_json::json!({ "kind": "execution", "message": fail.message });
        self.enqueue(Event {
            error: Some(error),
            ..Event::internal("error.execution", self.actor)
        })
    }

    pub(super) fn finish(self, before: &Snapshot) -> Step {
        let patch = self
            .assigned
            .iter()
            .filter(|field| {
                lookup::field(&self.context, field) != lookup::field(&before.context, field)
            })
            .map(|field| {
                let value = lookup::field(&self.context, field)
                    .cloned()
                    .unwrap_or(Value::Null);
                ((*field).to_owned(), value)
            })
            .collect();
        let from = self.machine.encode(&before.configuration);
        let to = if self.configuration == before.configuration {
            from.clone()
        } else {
            self.machine.encode(&self.configuration)
        };
        Step {
            snapshot: Snapshot {
                entity: EntityInfo {
                    revision: before.entity.revision + 1,
                    ..self.entity.clone()
                },
                configuration: self.configuration,
                context: self.context,
                memory: self.memory,
                status: if self.done {
                    Status::Done
                } else {
                    Status::Active
                },
            },
            from,
            to,
            transitions: self.transitions,
            patch,
            effects: self.effects,
            timers: self.timers,
            left: self.left,
            cancelled_sends: self.cancelled_sends,
            sends: self.sends,
            logged: self.logged,
            microsteps: self.microsteps,
            violated: self.violated,
            dropped: self.dropped,
        }
    }
}
