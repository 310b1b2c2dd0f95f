//! [`World`]: one entity with everything around it that the chart can see, in memory and on a clock that only moves
//! when told to.
//!
//! It is what the engine does around the interpreter, without store, network and waiting: timers fire in the order of
//! their due times, effects wait until somebody answers them, an answer is judged by the chart's own rules. Nothing
//! here is random, so the same calls give the same world.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use statehold_core::machine::{OnDead, TimerWhen, timer_event};
use statehold_core::retry::{AttemptOutcome, classify};
use statehold_core::{
    EffectRequest, Event, InvokeRef, Machine, Refusal, Snapshot, Status, Step, TimerSet,
    effect_error,
};

/// Most timers that one move of the clock fires. A chart that needs more of them feeds itself.
const FIRINGS_MAX: usize = 10_000;

/// An effect that was asked for and has not ended.
#[derive(Debug, Clone)]
pub(super) struct OpenEffect {
    /// What was asked for.
    pub(super) request: EffectRequest,
    /// Attempts made so far.
    pub(super) attempts: u32,
    /// Whether one of them may have happened although nobody knows.
    doubtful: bool,
}

/// What the outside answers to one attempt.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// A reply with this status and JSON body.
    Reply { status: u16, body: Value },
    /// No answer in time: it may have happened.
    Timeout,
}

/// How an effect ended.
#[derive(Debug)]
pub(super) enum Answered {
    /// The chart was told, and took the result or refused it.
    Told(Box<Result<Step, Refusal>>),
    /// The chart does not want to know.
    Untold,
    /// It is a dead letter and the chart was not told.
    Dead,
}

/// One entity and what surrounds it.
#[derive(Debug, Clone)]
pub(super) struct World {
    machine: Machine,
    now: Timestamp,
    snapshot: Snapshot,
    timers: Vec<TimerSet>,
    effects: Vec<OpenEffect>,
}

impl World {
    /// The world after a creation.
    pub(super) fn created(machine: Machine, step: &Step, now: Timestamp) -> Self {
        let mut world = Self {
            machine,
            now,
            snapshot: step.snapshot.clone(),
            timers: Vec::new(),
            effects: Vec::new(),
        };
        world.absorb(step);
        world
    }

    /// A world in which an entity stands in a state without having come there: its timers of a fixed length count from
    /// now, its effects were not asked for.
    pub(super) fn placed(machine: Machine, snapshot: Snapshot, now: Timestamp) -> Self {
        let mut timers = Vec::new();
        for id in snapshot.configuration.iter() {
            let state = machine.state(id);
            let entry = snapshot.memory.entries.get(&state.path).copied();
            for timer in &state.timers {
                let TimerWhen::After(length) = timer.when else {
                    continue;
                };
                timers.push(TimerSet {
                    owner: InvokeRef {
                        state: state.path.clone(),
                        entry: entry.unwrap_or(1),
                    },
                    name: timer.name.clone(),
                    due: now.checked_add(length).unwrap_or(Timestamp::MAX),
                });
            }
        }
        timers.sort_by_key(|timer| timer.due);
        Self {
            machine,
            now,
            snapshot,
            timers,
            effects: Vec::new(),
        }
    }

    /// The chart.
    pub(super) fn machine(&self) -> &Machine {
        &self.machine
    }

    /// How late it is.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// The entity.
    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Timers that run, the next one to fire first.
    pub(super) fn timers(&self) -> &[TimerSet] {
        &self.timers
    }

    /// Effects that have not ended, the oldest first.
    pub(super) fn effects(&self) -> &[OpenEffect] {
        &self.effects
    }

    /// Offers an event from outside, as the engine would: permission, input schema, step.
    pub(super) fn fire(&mut self, mut event: Event) -> Result<Step, Refusal> {
        self.machine.authorize(&self.snapshot, &event, self.now)?;
        if self.machine.knows_event(&event.kind) {
            self.machine.check_input(&mut event)?;
        }
        self.offer(&event)
    }

    /// Moves the clock on and fires what falls due until then, in order: the names of the timers' events, and what
    /// became of them.
    pub(super) fn advance(&mut self, until: Timestamp) -> Vec<(String, Result<Step, Refusal>)> {
        let mut fired = Vec::new();
        while fired.len() < FIRINGS_MAX
            && self.timers.first().is_some_and(|timer| timer.due <= until)
        {
            let timer = self.timers.remove(0);
            self.now = self.now.max(timer.due);
            let kind = timer_event(&timer.owner.state, &timer.name);
            let event = Event::timer(kind.as_str(), timer.owner);
            fired.push((kind, self.offer(&event)));
        }
        self.now = self.now.max(until);
        fired
    }

    /// This much later.
    pub(super) fn later(&self, by: Duration) -> Timestamp {
        self.now.checked_add(by).unwrap_or(Timestamp::MAX)
    }

    /// Answers the oldest open effect of this name the same way until it has ended. None if there is no such effect.
    pub(super) fn exhaust(&mut self, name: &str, answer: &Answer) -> Option<Answered> {
        let at = (self.effects.iter()).position(|open| open.request.name == name)?;
        let def = self.machine.effects.get(name)?;
        let judged = judge(&self.machine, name, answer);
        let open = &mut self.effects[at];
        let mut is_retried = true;
        while is_retried {
            open.attempts += 1;
            open.doubtful |= judged.outcome == AttemptOutcome::Unknown;
            is_retried = def.retry.on.covers(judged.outcome, judged.status)
                && open.attempts < def.retry.attempts;
        }
        let is_told = match (judged.outcome, def.on_dead) {
            (AttemptOutcome::Ok | AttemptOutcome::Refused, _) | (_, Some(OnDead::Raise)) => true,
            (_, Some(OnDead::Continue)) => false,
            (_, None) => !open.doubtful,
        };
        let reports = def.reports;
        let open = self.effects.remove(at);
        if !is_told {
            return Some(Answered::Dead);
        }
        if !reports {
            return Some(Answered::Untold);
        }
        let event = judged.event(name, open.request.invoke, open.attempts);
        Some(Answered::Told(Box::new(self.offer(&event))))
    }

    fn offer(&mut self, event: &Event) -> Result<Step, Refusal> {
        let step = self.machine.step(&self.snapshot, event, self.now)?;
        self.absorb(&step);
        Ok(step)
    }

    /// Makes a step true.
    fn absorb(&mut self, step: &Step) {
        let is_over = |owner: &InvokeRef| step.left.contains(owner);
        self.timers.retain(|timer| !is_over(&timer.owner));
        self.effects
            .retain(|open| !open.request.invoke.as_ref().is_some_and(is_over));
        if step.snapshot.status == Status::Done {
            self.timers.clear();
        }
        self.timers.extend(step.timers.iter().cloned());
        // Stable: of two timers due at the same instant the one set first fires first.
        self.timers.sort_by_key(|timer| timer.due);
        let asked = step.effects.iter().map(|request| OpenEffect {
            request: request.clone(),
            attempts: 0,
            doubtful: false,
        });
        self.effects.extend(asked);
        self.snapshot = step.snapshot.clone();
        self.snapshot.entity.revision += u64::from(!step.from.is_empty());
    }
}

/// What an answer means.
struct Judged {
    outcome: AttemptOutcome,
    status: Option<u16>,
    body: Value,
}

impl Judged {
    fn event(self, name: &str, invoke: Option<InvokeRef>, attempts: u32) -> Event {
        if self.outcome == AttemptOutcome::Ok {
            let output = json!({ "status": self.status, "body": self.body });
            return Event::effect_done(name, invoke, output, attempts);
        }
        let kind = match self.outcome {
            AttemptOutcome::Refused => "refused",
            AttemptOutcome::Throttled { .. } => "throttled",
            AttemptOutcome::Unknown if self.status.is_none() => "timeout",
            AttemptOutcome::Unknown => "unknown",
            _ => "transient",
        };
        let error = effect_error(kind, self.status, &self.body, "answered by hand");
        Event::effect_error(name, invoke, error, attempts)
    }
}

fn judge(machine: &Machine, name: &str, answer: &Answer) -> Judged {
    let Answer::Reply { status, body } = answer else {
        return Judged {
            outcome: AttemptOutcome::Unknown,
            status: None,
            body: Value::Null,
        };
    };
    let outcome = match machine.effects.get(name) {
        None => AttemptOutcome::Abandoned,
        Some(def) => match machine.judge_reply(def, &json!({ "status": status, "body": body })) {
            Ok(Some(outcome)) => outcome,
            Ok(None) => classify(*status, None, &def.retry.on),
            // What the reply means is not known, so it may have happened.
            Err(_) => AttemptOutcome::Unknown,
        },
    };
    Judged {
        outcome,
        status: Some(*status),
        body: body.clone(),
    }
}
