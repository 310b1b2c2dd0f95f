//! [`World`]: one entity with everything around it that the chart can see, in memory and on a clock that only moves
//! when told to.
//!
//! It is what the engine does around the interpreter, without store, network and waiting: timers fire in the order of
//! their due times, effects wait until somebody answers them, an answer is judged by the chart's own rules. Nothing
//! here is random, and nothing is lost: whatever an event leads to can be looked at afterwards.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use statehold_core::machine::{OnDead, timer_event};
use statehold_core::retry::{AttemptOutcome, classify};
use statehold_core::{
    Creation, EffectRequest, EntityInfo, Event, InvokeRef, Machine, Observer, Outcome, Refusal,
    Snapshot, Status, Step, TimerSet, effect_error,
};

use crate::coverage::Coverage;

/// Most timers that one advance of the clock fires. A chart that needs more of them feeds itself.
pub const FIRINGS_MAX: usize = 10_000;

/// An effect that was asked for and has not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenEffect {
    /// What was asked for.
    pub request: EffectRequest,
    /// Attempts made so far.
    pub attempts: u32,
    /// Whether one of them may have happened although nobody knows.
    pub doubtful: bool,
}

/// What the outside answers to one attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A reply with this status and JSON body.
    Reply {
        /// HTTP status.
        status: u16,
        /// Its body.
        body: Value,
    },
    /// No answer in time: it may have happened.
    Timeout,
    /// It could not be sent at all.
    Unreachable,
}

/// How an attempt left the effect.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// It will be tried again.
    Retried,
    /// It ended; the chart took the result, or refused it, or was not told (none).
    Ended(Option<Box<Result<Step, Refusal>>>),
    /// It ended as a dead letter and the chart was not told.
    Dead,
}

/// One entity and what surrounds it.
#[derive(Debug, Clone)]
pub struct World {
    machine: Machine,
    now: Timestamp,
    snapshot: Option<Snapshot>,
    timers: Vec<TimerSet>,
    effects: Vec<OpenEffect>,
    aftermath: Vec<Step>,
    coverage: Option<Coverage>,
}

impl World {
    /// Nothing exists yet, and it is this late.
    #[must_use]
    pub fn new(machine: Machine, now: Timestamp) -> Self {
        Self {
            machine,
            now,
            snapshot: None,
            timers: Vec::new(),
            effects: Vec::new(),
            aftermath: Vec::new(),
            coverage: None,
        }
    }

    /// The same, noting which parts of the chart it comes by.
    #[must_use]
    pub fn observed(machine: Machine, now: Timestamp) -> Self {
        Self {
            coverage: Some(Coverage::new(&machine)),
            ..Self::new(machine, now)
        }
    }

    /// What was seen so far, if somebody looks.
    #[must_use]
    pub fn into_coverage(self) -> Option<Coverage> {
        self.coverage
    }

    /// The chart.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// How late it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The entity, once there is one.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_ref()
    }

    /// Timers that run, the next one to fire first.
    #[must_use]
    pub fn timers(&self) -> &[TimerSet] {
        &self.timers
    }

    /// Effects that have not ended, the oldest first.
    #[must_use]
    pub fn effects(&self) -> &[OpenEffect] {
        &self.effects
    }

    /// Puts an entity there that did not come about through events, as [`Machine::place`] says.
    ///
    /// # Errors
    /// The refusal; nothing changed.
    pub fn place(
        &mut self,
        state: &str,
        context: Map<String, Value>,
        entity: EntityInfo,
    ) -> Result<Step, Refusal> {
        let step = self.machine.place(state, context, entity, self.now)?;
        self.timers.clear();
        self.effects.clear();
        self.absorb(&step);
        Ok(step)
    }

    /// Creates the entity.
    ///
    /// # Errors
    /// The refusal; nothing changed.
    pub fn create(&mut self, creation: Creation) -> Result<Step, Refusal> {
        let step = self
            .machine
            .start_observed(creation, self.now, self.observer())?;
        self.absorb(&step);
        Ok(step)
    }

    /// Offers an event from outside, as the engine would: permission, input schema, step.
    ///
    /// # Errors
    /// The refusal; nothing changed.
    pub fn fire(&mut self, mut event: Event) -> Result<Step, Refusal> {
        let admitted = self.admit(&mut event);
        if let Some(coverage) = &self.coverage {
            coverage.note_door(&event, admitted.as_ref().err());
        }
        let outcome = admitted.and_then(|()| self.offer(&event));
        match outcome {
            Err(refusal) if refusal.outcome == Outcome::Accepted => {
                Err(self.defer(&event, refusal))
            }
            outcome => outcome,
        }
    }

    /// Keeps an event that is to be offered again later. What the caller is told: that it was, or that there is no room.
    fn defer(&mut self, event: &Event, accepted: Refusal) -> Refusal {
        let Some(snapshot) = &self.snapshot else {
            return accepted;
        };
        let id = format!("deferred {}", snapshot.memory.deferred.len());
        match self.machine.defer(snapshot, event, &id) {
            Ok(step) => {
                self.snapshot = Some(step.snapshot);
                accepted
            }
            Err(refusal) => refusal,
        }
    }

    fn admit(&self, event: &mut Event) -> Result<(), Refusal> {
        self.machine.authorize(self.entity()?, event, self.now)?;
        if self.machine.knows_event(&event.kind) {
            self.machine.check_input(event)?;
        }
        Ok(())
    }

    fn observer(&self) -> Option<&dyn Observer> {
        self.coverage
            .as_ref()
            .map(|coverage| coverage as &dyn Observer)
    }

    /// Moves the clock on and fires what falls due until then, in order. The steps that timers led to, with the name of
    /// their event; a firing that the chart refuses is kept as its refusal.
    pub fn advance(&mut self, by: Duration) -> Vec<(String, Result<Step, Refusal>)> {
        let until = self.now.checked_add(by).unwrap_or(Timestamp::MAX);
        let mut fired = Vec::new();
        while fired.len() < FIRINGS_MAX
            && let Some(timer) = self.timers.first().filter(|timer| timer.due <= until)
        {
            self.now = self.now.max(timer.due);
            let timer = self.timers.remove(0);
            fired.push(self.fire_timer(timer));
        }
        self.now = until;
        fired
    }

    fn fire_timer(&mut self, timer: TimerSet) -> (String, Result<Step, Refusal>) {
        let kind = timer_event(&timer.owner.state, &timer.name);
        let event = Event::timer(kind.as_str(), timer.owner.clone());
        let outcome = self.offer(&event);
        // A no to one firing of a recurring timer is not the end of all of them.
        if outcome.is_err()
            && let Some(due) = (self.snapshot.as_ref())
                .and_then(|snapshot| self.machine.next_firing(snapshot, &event, self.now))
        {
            self.timers.push(TimerSet { due, ..timer });
            self.timers.sort_by_key(|timer| timer.due);
        }
        (kind, outcome)
    }

    /// When the next timer fires.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.timers.first().map(|timer| timer.due)
    }

    /// The oldest open effect of this name.
    #[must_use]
    pub fn open_effect(&self, name: &str) -> Option<&OpenEffect> {
        self.effects.iter().find(|open| open.request.name == name)
    }

    /// One attempt at the oldest open effect of this name is answered. None if there is no such effect.
    pub fn answer(&mut self, name: &str, answer: &Answer) -> Option<Answered> {
        let at = (self.effects.iter()).position(|open| open.request.name == name)?;
        let def = self.machine.effects.get(name)?;
        let judged = judge(&self.machine, name, answer);
        let open = &mut self.effects[at];
        open.attempts += 1;
        open.doubtful |= judged.outcome == AttemptOutcome::Unknown;
        let (made, doubtful) = (open.attempts, open.doubtful);
        let (on_dead, reports) = (def.on_dead, def.reports);
        let is_retried = def.retry.on.covers(judged.outcome, judged.status)
            && made < def.retry.attempts
            && !matches!(judged.outcome, AttemptOutcome::Ok | AttemptOutcome::Refused);
        if is_retried {
            return Some(Answered::Retried);
        }
        let open = self.effects.remove(at);
        if let Some(coverage) = &self.coverage {
            coverage.note_answer(name, judged.outcome == AttemptOutcome::Ok);
        }
        let is_told = match (judged.outcome, on_dead) {
            (AttemptOutcome::Ok | AttemptOutcome::Refused, _) => true,
            (_, Some(OnDead::Raise)) => true,
            (_, Some(OnDead::Continue)) => false,
            (_, None) => !doubtful,
        };
        if !is_told {
            return Some(Answered::Dead);
        }
        if !reports {
            return Some(Answered::Ended(None));
        }
        let event = judged.event(name, open.request.invoke, made);
        Some(Answered::Ended(Some(Box::new(self.offer(&event)))))
    }

    /// Answers the same thing until the effect has ended. None if there is no such effect.
    pub fn exhaust(&mut self, name: &str, answer: &Answer) -> Option<Answered> {
        loop {
            match self.answer(name, answer)? {
                Answered::Retried => {}
                ended => return Some(ended),
            }
        }
    }

    fn entity(&self) -> Result<&Snapshot, Refusal> {
        self.snapshot.as_ref().ok_or_else(|| {
            Refusal::new(
                Outcome::UnknownEntity,
                statehold_core::codes::UNKNOWN_ENTITY,
                "there is no entity yet",
            )
        })
    }

    fn offer(&mut self, event: &Event) -> Result<Step, Refusal> {
        let step = self
            .machine
            .step_observed(self.entity()?, event, self.now, self.observer())?;
        self.absorb(&step);
        if step.moved() {
            self.recall();
        }
        Ok(step)
    }

    /// Offers what was deferred, the oldest first, until nothing of it is taken any more.
    fn recall(&mut self) {
        let mut at = 0;
        while let Some(snapshot) = &self.snapshot
            && let Some(outcome) = self.machine.recall(snapshot, at, self.now)
        {
            match outcome {
                Ok(step) => {
                    self.absorb(&step);
                    at = if step.moved() { 0 } else { at };
                    self.aftermath.push(step);
                }
                Err(_) => at += 1,
            }
        }
    }

    /// The steps of deferred events that were taken since this was last asked, in order.
    pub fn take_aftermath(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.aftermath)
    }

    /// Makes a step true.
    fn absorb(&mut self, step: &Step) {
        if let Some(coverage) = &self.coverage {
            coverage.note_step(step);
        }
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
        self.effects
            .extend(step.effects.iter().map(|request| OpenEffect {
                request: request.clone(),
                attempts: 0,
                doubtful: false,
            }));
        self.snapshot = Some(step.snapshot.clone());
    }
}

/// What an answer means.
struct Judged {
    outcome: AttemptOutcome,
    status: Option<u16>,
    kind: &'static str,
    body: Value,
}

impl Judged {
    fn event(self, name: &str, invoke: Option<InvokeRef>, made: u32) -> Event {
        if self.outcome == AttemptOutcome::Ok {
            let output = json!({ "status": self.status, "body": self.body });
            return Event::effect_done(name, invoke, output, made);
        }
        let message = format!("answered in a test: {}", self.kind);
        let error = effect_error(self.kind, self.status, &self.body, &message);
        Event::effect_error(name, invoke, error, made)
    }
}

fn judge(machine: &Machine, name: &str, answer: &Answer) -> Judged {
    let silent = |outcome, kind| Judged {
        outcome,
        status: None,
        kind,
        body: Value::Null,
    };
    let (status, body) = match answer {
        Answer::Timeout => return silent(AttemptOutcome::Unknown, "timeout"),
        Answer::Unreachable => return silent(AttemptOutcome::Transient, "transient"),
        Answer::Reply { status, body } => (*status, body.clone()),
    };
    let outcome = match machine.effects.get(name) {
        None => AttemptOutcome::Abandoned,
        Some(def) => {
            let response = json!({ "status": status, "body": body });
            match machine.judge_reply(def, &response) {
                Ok(Some(outcome)) => outcome,
                Ok(None) => classify(status, None, &def.retry.on),
                // What the reply means is not known, so it may have happened.
                Err(_) => AttemptOutcome::Unknown,
            }
        }
    };
    Judged {
        outcome,
        status: Some(status),
        kind: kind_of(outcome),
        body,
    }
}

/// For `event.error.kind`, as the engine says it.
fn kind_of(outcome: AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Ok => "ok",
        AttemptOutcome::Refused => "refused",
        AttemptOutcome::Throttled { .. } => "throttled",
        AttemptOutcome::Unknown => "unknown",
        AttemptOutcome::Transient | AttemptOutcome::Abandoned => "transient",
    }
}
