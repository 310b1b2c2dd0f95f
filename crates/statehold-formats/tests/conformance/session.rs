//! One entity on a simulated clock: what the engine does with the results of steps, in memory.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use statehold_core::machine::StateId;
use statehold_core::{Actor, Creation, Event, InvokeRef, Machine, Outcome, Snapshot, Status, Step};

/// Name of the entity; documents see it as their session.
const ENTITY: &str = "session";

/// Events that may be handled in one go. A suite that needs more has two machines that feed each other.
const EVENTS_MAX: usize = 100_000;

/// An event that waits for its time.
struct Waiting {
    due: Timestamp,
    number: u64,
    event: Event,
    id: Option<String>,
    owner: Option<InvokeRef>,
}

/// An entity, its clock and what waits for it.
pub(crate) struct Session {
    machine: Machine,
    snapshot: Snapshot,
    now: Timestamp,
    waiting: Vec<Waiting>,
    number: u64,
    logged: Vec<String>,
    /// Effects asked for that belong to no state, since the last look.
    asked: Vec<String>,
    /// Invokes of state entries that have not ended.
    invoked: Vec<(String, InvokeRef)>,
}

impl Session {
    /// Creates the entity.
    pub(crate) fn start(machine: Machine) -> Result<Self, String> {
        let now = Timestamp::UNIX_EPOCH;
        let creation = Creation {
            id: ENTITY.to_owned(),
            input: json!({}),
            actor: Actor::anonymous(),
        };
        let step = machine
            .start(creation, now)
            .map_err(|refusal| refusal.to_string())?;
        let mut session = Self {
            machine,
            snapshot: step.snapshot.clone(),
            now,
            waiting: Vec::new(),
            number: 0,
            logged: Vec::new(),
            asked: Vec::new(),
            invoked: Vec::new(),
        };
        session.keep(step);
        Ok(session)
    }

    /// Handles an event that comes now, then whatever is due by now.
    pub(crate) fn send(&mut self, event: &Event) -> Result<(), String> {
        self.step(event)?;
        self.settle()
    }

    /// Handles what is due by now, in order of time and creation.
    pub(crate) fn settle(&mut self) -> Result<(), String> {
        self.run_until(self.now)
    }

    /// Lets time pass.
    pub(crate) fn advance(&mut self, millis: i64) -> Result<(), String> {
        let until = self.now + SignedDuration::from_millis(millis);
        self.run_until(until)?;
        self.now = until;
        Ok(())
    }

    /// Lets time pass until nothing waits or the entity is done.
    pub(crate) fn run_out(&mut self) -> Result<(), String> {
        self.run_until(Timestamp::MAX)
    }

    fn run_until(&mut self, until: Timestamp) -> Result<(), String> {
        for _ in 0..EVENTS_MAX {
            let next = (0..self.waiting.len())
                .filter(|at| self.waiting[*at].due <= until && !self.is_done())
                .min_by_key(|at| (self.waiting[*at].due, self.waiting[*at].number));
            let Some(next) = next else { return Ok(()) };
            let waiting = self.waiting.remove(next);
            self.now = self.now.max(waiting.due);
            self.step(&waiting.event)?;
        }
        Err(format!("more than {EVENTS_MAX} events"))
    }

    fn step(&mut self, event: &Event) -> Result<(), String> {
        match self.machine.step(&self.snapshot, event, self.now) {
            Ok(step) => {
                self.keep(step);
                Ok(())
            }
            Err(refusal) => match refusal.outcome {
                Outcome::NoTransition
                | Outcome::UnknownEvent
                | Outcome::Ignored
                | Outcome::GuardFailed => Ok(()),
                _ => Err(refusal.to_string()),
            },
        }
    }

    fn keep(&mut self, step: Step) {
        let is_kept = |waiting: &Waiting| match (&waiting.id, &waiting.owner) {
            (Some(id), _) => !step.cancelled_sends.contains(id),
            (None, Some(owner)) => !step.left.contains(owner),
            (None, None) => true,
        };
        self.waiting.retain(is_kept);
        for send in step.sends {
            let event = Event::new(send.event).input(send.input);
            self.wait(send.due, event, send.id, None);
        }
        for timer in step.timers {
            let state = self.machine.state_at(&timer.owner.state);
            let defined =
                state.and_then(|state| state.timers.iter().find(|def| def.name == timer.name));
            let kind = defined.map(|def| def.event.clone()).unwrap_or_default();
            let event = Event::timer(kind, timer.owner.clone());
            self.wait(timer.due, event, None, Some(timer.owner));
        }
        self.invoked.retain(|(_, owner)| !step.left.contains(owner));
        for effect in step.effects {
            match effect.invoke {
                Some(owner) => self.invoked.push((effect.name, owner)),
                None => self.asked.push(effect.name),
            }
        }
        self.logged
            .extend(step.logged.into_iter().map(|line| line.label));
        self.snapshot = step.snapshot;
    }

    fn wait(&mut self, due: Timestamp, event: Event, id: Option<String>, owner: Option<InvokeRef>) {
        self.number += 1;
        self.waiting.push(Waiting {
            due,
            number: self.number,
            event,
            id,
            owner,
        });
    }

    /// Whether the root is final.
    pub(crate) fn is_done(&self) -> bool {
        self.snapshot.status == Status::Done
    }

    /// Names of the active states without active children, as the document has them.
    pub(crate) fn leaves(&self) -> Vec<String> {
        let active = self.snapshot.configuration.iter();
        active
            .map(|id| self.machine.state(id))
            .filter(|state| {
                !self
                    .snapshot
                    .configuration
                    .iter()
                    .any(|id| self.machine.is_below(id, state.id))
            })
            .map(|state| statehold_formats::original_name(state).to_owned())
            .collect()
    }

    /// The machine it runs.
    pub(crate) fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The entry of a state whose invoke of this effect runs.
    pub(crate) fn invoke(&self, state: &str, effect: &str) -> Option<InvokeRef> {
        let mut running = self.invoked.iter();
        let found = running.find(|(name, owner)| name == effect && owner.state == state);
        found.map(|(_, owner)| owner.clone())
    }

    /// Takes the names of the effects that were asked for since the last call, invokes aside.
    pub(crate) fn take_asked(&mut self) -> Vec<String> {
        std::mem::take(&mut self.asked)
    }

    /// Takes the labels of what was logged since the last call.
    pub(crate) fn take_logged(&mut self) -> Vec<String> {
        std::mem::take(&mut self.logged)
    }

    /// The configuration as nested objects, a lone leaf as its name.
    pub(crate) fn state_value(&self) -> Value {
        self.value_below(StateId::ROOT)
    }

    fn value_below(&self, id: StateId) -> Value {
        let is_active = |child: &&StateId| self.snapshot.configuration.contains(**child);
        let children: Vec<StateId> = self
            .machine
            .state(id)
            .children
            .iter()
            .filter(is_active)
            .copied()
            .collect();
        let name =
            |id: StateId| statehold_formats::original_name(self.machine.state(id)).to_owned();
        let is_parallel =
            self.machine.state(id).kind == statehold_core::machine::StateKind::Parallel;
        match children.as_slice() {
            [leaf] if !is_parallel && self.machine.state(*leaf).children.is_empty() => {
                name(*leaf).into()
            }
            children => children
                .iter()
                .map(|child| (name(*child), self.value_below(*child)))
                .collect(),
        }
    }
}
