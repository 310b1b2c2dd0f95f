//! What callers offer: entities to be created, events to be fired.

use serde_json::{Value, json};
use statehold_core::Actor;

/// An entity to be created.
#[derive(Debug, Clone)]
pub struct NewEntity {
    pub(crate) id: Option<String>,
    pub(crate) event_id: Option<String>,
    pub(crate) input: Value,
    pub(crate) actor: Actor,
}

impl NewEntity {
    /// An entity that begins with these context values.
    #[must_use]
    pub fn input(input: Value) -> Self {
        Self {
            id: None,
            event_id: None,
            input,
            actor: Actor::anonymous(),
        }
    }

    /// Gives it an id; without one it gets a UUIDv7.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Makes repeating the creation safe: the same event id on the same entity id is answered as a duplicate.
    #[must_use]
    pub fn event_id(mut self, id: impl Into<String>) -> Self {
        self.event_id = Some(id.into());
        self
    }

    /// Sets who creates it and owns it.
    #[must_use]
    pub fn actor(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }
}

/// An event to be fired.
#[derive(Debug, Clone)]
pub struct FireEvent {
    pub(crate) kind: String,
    pub(crate) input: Value,
    pub(crate) event_id: Option<String>,
    pub(crate) actor: Actor,
    pub(crate) if_revision: Option<u64>,
}

impl FireEvent {
    /// An event of this type, without input.
    #[must_use]
    pub fn new(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            input: json!({}),
            event_id: None,
            actor: Actor::anonymous(),
            if_revision: None,
        }
    }

    /// Sets the input, an object.
    #[must_use]
    pub fn input(mut self, input: Value) -> Self {
        self.input = input;
        self
    }

    /// Makes repeating the event safe: a second time under the same id, the first result is given again.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.event_id = Some(id.into());
        self
    }

    /// Sets who fires it.
    #[must_use]
    pub fn actor(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// Fires only if the entity is at exactly this revision; a conflict is then not retried.
    #[must_use]
    pub fn if_revision(mut self, revision: u64) -> Self {
        self.if_revision = Some(revision);
        self
    }
}
