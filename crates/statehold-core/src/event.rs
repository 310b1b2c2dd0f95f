//! Events and who fires them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::step::InvokeRef;

/// Who fires an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Their id.
    pub id: String,
    /// `user`, `service` or `system`.
    #[serde(default = "default_kind")]
    pub kind: String,
    /// Roles they hold.
    #[serde(default)]
    pub roles: Vec<String>,
}

fn default_kind() -> String {
    "user".to_owned()
}

impl Actor {
    /// The engine itself: fires timers and results.
    #[must_use]
    pub fn system() -> Self {
        Self {
            id: "statehold".to_owned(),
            kind: "system".to_owned(),
            roles: Vec::new(),
        }
    }

    /// A caller that did not say who they are.
    #[must_use]
    pub fn anonymous() -> Self {
        Self {
            id: "anonymous".to_owned(),
            kind: "user".to_owned(),
            roles: Vec::new(),
        }
    }
}

/// Something that happened, offered to a machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Type, e.g. `pay`.
    pub kind: String,
    /// Input; an object, empty if none was given.
    pub input: Value,
    /// For `done.*`: the output.
    pub output: Option<Value>,
    /// For `error.*`: what went wrong, `{kind, status, body}`.
    pub error: Option<Value>,
    /// For results of effects: how many attempts were made.
    pub attempt: Option<u32>,
    /// Who fires it.
    pub actor: Actor,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where an event comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A caller.
    External,
    /// The creation of the entity.
    Create,
    /// The step itself (`raise`, done events, `error.execution`).
    Internal,
    /// A timer of this state entry.
    Timer(InvokeRef),
    /// The end of an effect; of an invoke of this state entry if there is one.
    Effect(Option<InvokeRef>),
}

impl Event {
    /// An event of this type from outside, without input, fired by nobody in particular.
    #[must_use]
    pub fn new(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            input: Value::Object(Map::new()),
            output: None,
            error: None,
            attempt: None,
            actor: Actor::anonymous(),
            origin: Origin::External,
        }
    }

    /// Sets the input.
    #[must_use]
    pub fn input(mut self, input: Value) -> Self {
        self.input = input;
        self
    }

    /// Sets who fires it.
    #[must_use]
    pub fn actor(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// An event raised inside a step.
    #[must_use]
    pub(crate) fn internal(kind: impl Into<String>, actor: &Actor) -> Self {
        Self {
            origin: Origin::Internal,
            ..Self::new(kind).actor(actor.clone())
        }
    }

    /// The event of a timer.
    #[must_use]
    pub fn timer(kind: impl Into<String>, entry: InvokeRef) -> Self {
        Self {
            origin: Origin::Timer(entry),
            ..Self::new(kind).actor(Actor::system())
        }
    }

    /// `done.effect.NAME`: the world said yes.
    #[must_use]
    pub fn effect_done(name: &str, invoke: Option<InvokeRef>, output: Value, attempt: u32) -> Self {
        Self {
            output: Some(output),
            attempt: Some(attempt),
            origin: Origin::Effect(invoke),
            ..Self::new(format!("done.effect.{name}")).actor(Actor::system())
        }
    }

    /// `error.effect.NAME`: the world said no, or retries ended.
    #[must_use]
    pub fn effect_error(name: &str, invoke: Option<InvokeRef>, error: Value, attempt: u32) -> Self {
        Self {
            error: Some(error),
            attempt: Some(attempt),
            origin: Origin::Effect(invoke),
            ..Self::new(format!("error.effect.{name}")).actor(Actor::system())
        }
    }

    /// Whether it was raised inside a step.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        self.origin == Origin::Internal
    }
}
