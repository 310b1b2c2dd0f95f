//! [`Scope`]: what the names of an expression mean while it is evaluated. Everything is borrowed; nothing is converted
//! until an expression reads it.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::schema::Record;

/// What the names of an expression mean.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// `ctx`: the entity's data.
    pub ctx: &'a Map<String, Value>,
    /// Types of `ctx`: they decide what a number or a text in the data is.
    pub ctx_record: &'a Record,
    /// `event`.
    pub event: EventScope<'a>,
    /// `actor` and `has_role`; without one, `actor` has no fields and `has_role` is false.
    pub actor: Option<ActorScope<'a>>,
    /// `entity`.
    pub entity: EntityScope<'a>,
    /// `now`: the one instant of the step.
    pub now: Timestamp,
    /// `in_state(path)`: whether the state with this path is active.
    pub in_state: &'a (dyn Fn(&str) -> bool + Sync),
    /// Further roots, e.g. `input` or `response`.
    pub extra: &'a [(&'a str, &'a Value)],
}

/// `event`: what happened.
#[derive(Debug, Clone, Copy)]
pub struct EventScope<'a> {
    /// `event.type`.
    pub kind: &'a str,
    /// `event.input`.
    pub input: &'a Value,
    /// Types of `event.input`, if they were declared.
    pub input_record: Option<&'a Record>,
    /// `event.output`, for done events.
    pub output: Option<&'a Value>,
    /// `event.error`, for error events.
    pub error: Option<&'a Value>,
    /// `event.attempt`, for results of effects.
    pub attempt: Option<u32>,
}

/// `actor`: who fires the event.
#[derive(Debug, Clone, Copy)]
pub struct ActorScope<'a> {
    /// `actor.id`.
    pub id: &'a str,
    /// `actor.kind`.
    pub kind: &'a str,
    /// `actor.roles`.
    pub roles: &'a [String],
}

/// `entity`: which one it is.
#[derive(Debug, Clone, Copy)]
pub struct EntityScope<'a> {
    /// `entity.id`.
    pub id: &'a str,
    /// `entity.owner`; null if there is none.
    pub owner: Option<&'a str>,
    /// `entity.version`: the machine's.
    pub version: u32,
    /// `entity.revision`.
    pub revision: u64,
}

impl std::fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The context may be sensitive and large: names only.
        f.debug_struct("Scope")
            .field("ctx", &self.ctx.keys().collect::<Vec<_>>())
            .field("event", &self.event.kind)
            .field("entity", &self.entity)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}
