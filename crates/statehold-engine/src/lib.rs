//! The engine: it loads an entity, lets the core decide, makes the decision durable, and does what was decided.
//!
//! - [`Engine::fire`] is the path of every event: a caller's, a timer's and an effect's result alike.
//! - [`Engine::run_workers`] fires due timers and sends due effects until it is told to stop.
//! - Operators work through [`Engine::retry_dead_letter`] and [`Engine::discard_dead_letter`].
//!
//! What this crate does not know: SQL, HTTP status codes of our own API, files, environment variables. It decides
//! nothing that the core could decide. It reaches time through [`Clock`], rows through
//! [`Store`](statehold_store::Store) and the outside world through [`Transport`].

mod clock;
mod config;
mod door;
mod draft;
mod engine;
mod error;
mod explain;
mod fire;
mod ids;
mod offer;
mod operate;
mod query;
mod recall;
mod registry;
mod rows;
mod shutdown;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
mod views;
mod workers;

pub use clock::{Clock, OffsetClock, SystemClock};
pub use config::{Destinations, DestinationsError, EngineConfig};
pub use door::{EVENT_BYTES_MAX, ID_BYTES_MAX, MAIN_TENANT};
pub use engine::{Engine, EngineBuilder};
pub use error::{EngineError, code_of_unfit};
pub use explain::Explained;
pub use offer::{FireEvent, NewEntity};
pub use query::{HISTORY_MAX, PAGE_MAX};
pub use registry::Publication;
pub use shutdown::{Shutdown, ShutdownHandle};
pub use transport::{HttpTransport, Outgoing, REPLY_BYTES_MAX, Reply, SendError, Transport};
pub use views::{
    AttemptView, DeferredView, EffectDetails, EffectView, EntityView, Fired, FiredEffect, LogView,
    OperatorView, Paged, RefusalView, TimerView,
};
