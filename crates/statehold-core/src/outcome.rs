//! What becomes of an event: the closed list of outcomes, and refusals with their reasons.

use std::fmt;

use serde::Serialize;

use crate::codes::{self, Code};

/// What became of an event. The same list in Rust, HTTP, the command line and the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A transition was taken and is durable.
    Applied,
    /// Stored, to be processed later.
    Accepted,
    /// The same event was applied before; its first result is given again.
    Duplicate,
    /// No transition takes it, and the chart says to ignore that.
    Ignored,
    /// No transition takes it in the current configuration.
    NoTransition,
    /// Every transition that could take it has a guard that said no.
    GuardFailed,
    /// A check before the commit said no.
    CheckFailed,
    /// The actor may not fire it.
    Forbidden,
    /// Others kept changing the entity, until the bounded retries ran out.
    Conflict,
    /// The entity is not at the revision the caller named.
    StaleRevision,
    /// The machine knows no such event.
    UnknownEvent,
    /// There is no such entity.
    UnknownEntity,
    /// The input does not fit its schema, or the request is malformed.
    InvalidInput,
    /// A guard could not be evaluated. Nothing changed.
    GuardError,
    /// The step could not be completed. Nothing changed.
    StepError,
    /// The entity is stopped until an operator resumes it.
    Halted,
    /// It is not known whether the event was stored; repeating it under the same id is safe.
    Unknown,
    /// The store cannot be reached or is full; nothing changed.
    Unavailable,
}

impl Outcome {
    /// The name used in JSON and in rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Ignored => "ignored",
            Self::NoTransition => "no_transition",
            Self::GuardFailed => "guard_failed",
            Self::CheckFailed => "check_failed",
            Self::Forbidden => "forbidden",
            Self::Conflict => "conflict",
            Self::StaleRevision => "stale_revision",
            Self::UnknownEvent => "unknown_event",
            Self::UnknownEntity => "unknown_entity",
            Self::InvalidInput => "invalid_input",
            Self::GuardError => "guard_error",
            Self::StepError => "step_error",
            Self::Halted => "halted",
            Self::Unknown => "unknown",
            Self::Unavailable => "unavailable",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One reason why an event was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocker {
    /// Stable code (`SHnnnn`), or the code the chart's author gave the guard.
    pub code: String,
    /// For people.
    pub message: String,
    /// What refused: path of the state and index of the transition, a field, or the event.
    #[serde(rename = "where")]
    pub place: String,
}

impl Blocker {
    /// A blocker with one of our codes.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>, place: impl Into<String>) -> Self {
        Self {
            code: code.id().to_owned(),
            message: message.into(),
            place: place.into(),
        }
    }
}

/// An event was not applied, and why. Not an error: a machine that says no works as designed.
///
/// [`Outcome::Accepted`] among the refusals of a step means that the event is to be deferred: see
/// [`Machine::defer`](crate::Machine::defer).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// What became of the event; never `Applied`.
    pub outcome: Outcome,
    /// The stable code of the refusal.
    pub code: Code,
    /// One sentence for people.
    pub message: String,
    /// Every reason found.
    pub blockers: Vec<Blocker>,
    /// Events the entity would consider now, whatever their guards say.
    pub accepted_events: Vec<String>,
}

impl Refusal {
    /// A refusal without blockers.
    #[must_use]
    pub fn new(outcome: Outcome, code: Code, message: impl Into<String>) -> Self {
        Self {
            outcome,
            code,
            message: message.into(),
            blockers: Vec::new(),
            accepted_events: Vec::new(),
        }
    }

    /// Adds reasons.
    #[must_use]
    pub fn blockers(mut self, blockers: Vec<Blocker>) -> Self {
        self.blockers = blockers;
        self
    }

    /// Adds what would be considered now.
    #[must_use]
    pub fn accepting(mut self, events: Vec<String>) -> Self {
        self.accepted_events = events;
        self
    }

    /// A step that failed and changed nothing.
    #[must_use]
    pub fn step_error(code: Code, message: impl Into<String>) -> Self {
        let outcome = if code == codes::GUARD_ERROR {
            Outcome::GuardError
        } else {
            Outcome::StepError
        };
        Self::new(outcome, code, message)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.outcome, self.message)?;
        for blocker in &self.blockers {
            write!(f, "; {} ({})", blocker.message, blocker.place)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}
