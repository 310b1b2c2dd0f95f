//! Scenario files: what an author says happens to an entity, and what must come of it.
//!
//! A file is read whole, with every problem at its place; names of states, events and effects are looked at only when
//! a scenario runs, because a scenario about a chart that has changed is a failed test and not a broken file.

mod cases;
mod expect;
mod keys;
mod load;
mod steps;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};
use statehold_core::diagnostic::Span;
use statehold_core::{Actor, Outcome, Status};

use crate::world::Answer;

/// Most scenarios of one file, cases counted.
pub const SCENARIOS_MAX: usize = 10_000;

/// Most steps of one scenario.
pub const STEPS_MAX: usize = 1_000;

/// A scenario file that could be read.
#[derive(Debug, Clone)]
pub struct ScenarioFile {
    /// Its name, as the caller gave it.
    pub name: String,
    /// Its text, which the spans refer to.
    pub text: String,
    /// The chart file it names, relative to it; none means the one of the same name beside it.
    pub chart: Option<String>,
    /// Its scenarios, each case as one of its own.
    pub scenarios: Vec<Scenario>,
}

/// One story about one entity.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it shows.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// The instant at which it begins.
    pub now: Timestamp,
    /// How the entity comes about before the first step, if it does.
    pub begin: Begin,
    /// What happens, in order.
    pub steps: Vec<ScenarioStep>,
}

/// How an entity comes about.
#[derive(Debug, Clone)]
pub enum Begin {
    /// A step creates it.
    Nothing,
    /// It is created with this input.
    Create {
        /// Input of the creation.
        input: Value,
        /// Who creates it.
        actor: Actor,
        /// Where that is said.
        span: Span,
    },
    /// It stands in a state, whatever led there.
    Given {
        /// The state column.
        state: String,
        /// Fields of its context.
        context: Map<String, Value>,
        /// Its id.
        id: Option<String>,
        /// Who owns it.
        owner: Option<String>,
        /// Where that is said.
        span: Span,
    },
}

/// One thing that happens, and what must hold afterwards.
#[derive(Debug, Clone)]
pub struct ScenarioStep {
    /// What happens.
    pub happens: Happens,
    /// What must hold afterwards.
    pub expect: Expect,
    /// Where it stands.
    pub span: Span,
}

/// What happens in one step.
#[derive(Debug, Clone)]
pub enum Happens {
    /// The entity is created.
    Create {
        /// Input of the creation.
        input: Value,
        /// Who creates it.
        actor: Actor,
    },
    /// An event is fired.
    Fire {
        /// Its type.
        event: String,
        /// Its input.
        input: Value,
        /// Who fires it.
        actor: Actor,
    },
    /// The oldest open effect of a name is answered.
    Answer {
        /// Its name.
        effect: String,
        /// What the service says.
        answer: Answer,
        /// Every attempt is answered so until the effect has ended.
        until_ended: bool,
    },
    /// The clock moves on.
    Advance(Duration),
    /// Nothing: only expectations.
    Look,
}

/// What must hold after a step. What is absent is not looked at.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    /// What became of the event; where nothing is said, it must not be refused.
    pub outcome: Option<(Outcome, Span)>,
    /// The state column.
    pub state: Option<(String, Span)>,
    /// Paths of states that are active.
    pub active: Vec<(String, Span)>,
    /// Active or done.
    pub status: Option<(Status, Span)>,
    /// Fields the context has, with their values.
    pub context: Option<(Map<String, Value>, Span)>,
    /// Output of the entity.
    pub output: Option<(Value, Span)>,
    /// Effects the step asks for, all of them in order.
    pub effects: Option<(Vec<ExpectedEffect>, Span)>,
    /// Names of all effects that wait for an answer, the oldest first.
    pub open: Option<(Vec<String>, Span)>,
    /// Timers that run, in order of their due times where those are said.
    pub timers: Option<(Vec<ExpectedTimer>, Span)>,
    /// Code of the refusal or of one of its reasons.
    pub code: Option<(String, Span)>,
    /// Text that one of the reasons holds.
    pub reason: Option<(String, Span)>,
    /// Events the state waits for.
    pub accepts: Option<(Vec<String>, Span)>,
}

/// A timer that must run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedTimer {
    /// Its name within its state.
    pub name: String,
    /// When it is due, if that matters.
    pub due: Option<Timestamp>,
}

/// An effect that must have been asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedEffect {
    /// Its name in the chart.
    pub name: String,
    /// Request method, if it matters.
    pub method: Option<String>,
    /// Name of the destination, if it matters.
    pub destination: Option<String>,
    /// The rest of the address, if it matters.
    pub path: Option<String>,
    /// What the body must hold, if it matters.
    pub body: Option<Value>,
    /// Name of the handler, if it matters.
    pub handler: Option<String>,
    /// What the handler's input must hold, if it matters.
    pub input: Option<Value>,
}
