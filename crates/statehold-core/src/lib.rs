//! Charts, expressions and the statechart interpreter: everything of Statehold that decides, as pure functions.
//!
//! A chart file becomes a [`Machine`] ([`Machine::load`]); a machine and an input become a first [`Step`]
//! ([`Machine::start`]); a machine, a [`Snapshot`] and an [`Event`] become the next [`Step`] or a [`Refusal`]
//! ([`Machine::step`]). The same input gives the same bytes, always.
//!
//! ```
//! use serde_json::json;
//! use statehold_core::{Event, Machine, Outcome};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let chart = "
//! statehold: 1
//! machine: order
//! version: 1
//! context: { total: integer }
//! initial: draft
//! states:
//!   draft:
//!     on: { submit: { target: open, guard: { if: ctx.total > 0, reason: The order is empty } } }
//!   open:
//!     entry: [ { effect: tell } ]
//!     after: { 48h: expired }
//!     on: { pay: paid }
//!   paid: { type: final }
//!   expired: { type: final }
//! effects:
//!   tell: { http: { method: POST, url: \"${env.MAILER}/orders\", body: { total: \"${ctx.total}\" } } }
//! ";
//! let machine = Machine::load("order.chart.yaml", chart)?.machine;
//! let now = "2026-01-01T00:00:00Z".parse()?;
//!
//! // An entity begins with its first data, and stands in its first state.
//! let draft = machine.start(json!({ "total": 1200 }), now)?;
//! assert_eq!(draft.to, "draft");
//!
//! // A step is a value: the next snapshot, and what is to be written and done because of it.
//! let open = machine.step(&draft.snapshot, &Event::new("submit"), now)?;
//! assert_eq!((open.from.as_str(), open.to.as_str()), ("draft", "open"));
//! assert_eq!(open.effects[0].name, "tell");
//! assert_eq!(open.timers[0].due.to_string(), "2026-01-03T00:00:00Z");
//!
//! // What the chart does not allow is refused, with the reason and what would be accepted.
//! let empty = machine.start(json!({ "total": 0 }), now)?;
//! let refusal = machine.step(&empty.snapshot, &Event::new("submit"), now).unwrap_err();
//! assert_eq!(refusal.outcome, Outcome::GuardFailed);
//! assert_eq!(refusal.blockers[0].message, "The order is empty");
//! assert_eq!(refusal.accepted_events, ["submit"]);
//!
//! // Asking changes nothing: the snapshot is as it was.
//! assert_eq!(machine.accepted_events(&open.snapshot), ["pay"]);
//! # Ok(())
//! # }
//! ```
//!
//! The programs in `examples/` show more: `turnstile` is the smallest use, `order` what an engine does around it. How
//! charts are written is said in `docs/chart.md`.
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
