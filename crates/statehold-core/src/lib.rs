//! Charts, expressions and the statechart interpreter: everything of Statehold that decides, as pure functions.
//!
//! A chart file becomes a [`Machine`] ([`Machine::load`]); a machine and an input become a first [`Step`]
//! ([`Machine::start`]); a machine, a [`Snapshot`] and an [`Event`] become the next [`Step`] or a [`Refusal`]
//! ([`Machine::step`]). The same input gives the same bytes, always.
//!
//! What this crate does not know: clocks, randomness, files, networks, databases, environment variables, threads
//! that outlive a call, and logging. Time comes in as an argument; ids are never made here.

pub mod codes;
mod configuration;
pub mod cron;
pub mod delay;
pub mod diagnostic;
mod event;
pub mod expr;
mod fingerprint;
mod interpreter;
pub mod json;
mod load;
mod lookup;
pub mod machine;
mod outcome;
mod request;
pub mod retry;
pub mod schema;
mod snapshot;
pub mod source;
mod step;
pub mod zone;

pub use configuration::{ConfigurationError, StateSet};
pub use event::{Actor, Event, Origin};
pub use interpreter::{
    ACTIONS_MAX, CREATE_EVENT, Creation, DEFERRED_BYTES_MAX, DEFERRED_MAX, INTERNAL_QUEUE_MAX,
    Observer, REQUESTS_MAX, effect_error, is_reserved,
};
pub use load::{ChartError, Loaded, chart_schema};
pub use machine::Machine;
pub use outcome::{Blocker, Outcome, Refusal};
pub use request::{
    FrozenHeader, FrozenRequest, HandlerRequest, HttpRequest, MASK, idempotency_key,
};
pub use snapshot::{Deferred, EntityInfo, Memory, Snapshot, Status};
pub use step::{EffectRequest, InvokeRef, Logged, SelfSend, Step, TimerSet, TransitionTaken};
