//! API mocks: outside services that succeed, fail, dawdle, hang up and forget, as a file says.
//!
//! A [`MockSpec`] is read from a `NAME.mock.yaml` file; a [`Mock`] answers calls by it, on a socket
//! ([`Mock::serve`]) or in process ([`Mock::router`]), and records them. While it runs, replies can be
//! replaced and the record read, from Rust and over HTTP under `/__mock`.
//!
//! Whether a service has *acted* (charged the card) is kept apart from what its client hears: replies
//! that come after the act and are lost are what a reliable caller must survive. So every call is
//! recorded as effective or not, and counted per Idempotency-Key.
//!
//! ```
//! use std::future::pending;
//!
//! use axum::http::StatusCode;
//! use statehold_mock::{Mock, MockSpec, Reply};
//! use tokio::net::TcpListener;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let text = "mock: payments\nroutes:\n- POST /charges: { replies: [{ status: 200 }] }";
//! let spec = MockSpec::load("payments.mock.yaml", text).map_err(|problems| format!("{problems:?}"))?;
//! let mock = Mock::new(spec);
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! tokio::spawn(mock.clone().serve(listener, pending()));
//! // Let the code under test call it, wait for that, look, and break the service.
//! mock.wait_for_calls(0).await;
//! assert!(mock.calls().is_empty());
//! mock.set_replies("POST /charges", Reply::status(StatusCode::SERVICE_UNAVAILABLE))?;
//! # Ok(())
//! # }
//! ```
//!
//! What this crate does not know: charts, the engine, the store, files and the environment. It is for
//! tests and development on loopback: it asks no one who they are. Everything it keeps is bounded.

mod asked;
mod control;
mod keys;
mod load;
mod load_reply;
mod mask;
mod mock;
mod path;
mod perform;
mod problem;
mod record;
mod reply;
mod serve;
mod spec;
mod state;
mod template;

pub use keys::{KEY_BYTES_MAX, KEYS_MAX};
pub use mock::{Mock, REQUEST_BYTES_MAX, UnknownRoute};
pub use path::PathPattern;
pub use record::{Answered, BODY_BYTES_MAX, CALLS_MAX, Call};
pub use reply::{DELAY_MAX, Ending, HOLD_MAX, Reply};
pub use spec::{MockSpec, Per, REPLIES_MAX, ROUTES_MAX, Replies, Route};
