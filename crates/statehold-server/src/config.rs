//! What an application is made with, beside its engine.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use statehold_engine::OffsetClock;

/// Settings of [`app`](crate::app). Every field has a default.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// Bytes of a request's body, at most. Charts may be this large; an event's input is bound by the engine.
    pub body_bytes_max: usize,
    /// How long a caller may take to send a body.
    pub body_timeout: Duration,
    /// How long the server may take to answer.
    pub request_timeout: Duration,
    /// Requests under way at once; more are refused with 503 before any work is done for them.
    pub requests_max: usize,
    /// Charts being loaded at once; more wait. Loading a large chart keeps one core busy for a while.
    pub chart_loads_max: usize,
    /// Anyone who can connect may do everything, as the actor they say they are. Only requests to a loopback name
    /// are then taken, and none that a browser sends on behalf of another site. If false, a layer around the
    /// application must put a [`statehold_core::Actor`] into the request's extensions; without it the API refuses.
    pub open: bool,
    /// How the store is called on `/v1/status`, e.g. `sqlite:statehold.db`. Must not hold a secret.
    pub store: Option<String>,
    /// Controls that only a development server has.
    pub dev: Option<DevControls>,
}

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            body_bytes_max: 1024 * 1024,
            body_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(60),
            requests_max: 512,
            chart_loads_max: 2,
            open: true,
            store: None,
            dev: None,
        }
    }
}

/// What a development server lets its user do and see.
#[derive(Clone)]
pub struct DevControls {
    /// The engine's clock, which `POST /v1/dev/clock` moves forward.
    pub clock: Arc<OffsetClock>,
    /// Called after each move, e.g. to keep the offset over a restart. May block.
    pub on_advance: Option<OnAdvance>,
    /// Mocks that run beside the server, shown on the first page.
    pub mocks: Vec<MockLink>,
}

/// Is told how far the clock is ahead now. What it answers on failure is shown to the caller.
pub type OnAdvance = Arc<dyn Fn(SignedDuration) -> Result<(), String> + Send + Sync>;

/// A mock that runs beside the server.
#[derive(Debug, Clone)]
pub struct MockLink {
    /// Its name.
    pub name: String,
    /// The destination it stands in for, e.g. `PAYMENTS`.
    pub env: String,
    /// Where it listens, e.g. `http://127.0.0.1:7801`.
    pub url: String,
}

impl fmt::Debug for DevControls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevControls")
            .field("clock", &self.clock)
            .field("mocks", &self.mocks)
            .finish_non_exhaustive()
    }
}
