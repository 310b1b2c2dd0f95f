//! The HTTP API of Statehold: routes, problem responses, the OpenAPI document and its pages.
//!
//! [`app`] makes a router over an [`Engine`](statehold_engine::Engine); [`serve`] runs it on a listener until it is
//! told to stop. A request passes these doors in this order, and is refused at the first that does not fit: number of
//! requests under way, `Host` and `Origin`, route, who is calling, headers, query, body. Only then the engine is asked.
//!
//! ```
//! use std::sync::Arc;
//! use statehold_engine::{Engine, Shutdown};
//! use statehold_server::{AppConfig, Served, app, serve};
//! use statehold_store::MemoryStore;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let engine = Engine::builder(Arc::new(MemoryStore::new())).open().await.unwrap();
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
//! let (stop, shutdown) = Shutdown::channel();
//! let server = tokio::spawn(serve(listener, app(engine, AppConfig::default()), shutdown));
//! stop.give();
//! assert_eq!(server.await.unwrap(), Served { cut_off: 0 });
//! # });
//! ```
//!
//! What this crate does not know: SQL, files, environment variables, and how a chart decides. It makes no decision
//! about an entity; it says in HTTP what the engine decided. It alone knows the API's status codes and JSON.

mod api;
mod app;
mod config;
mod door;
mod envelope;
mod html;
mod loopback;
mod openapi;
mod problem;
mod routes;
mod serve;
mod status;

pub use app::app;
pub use config::{AppConfig, DevControls, MockLink, OnAdvance};
pub use openapi::document;
pub use routes::{Scope, route_list};
pub use serve::{ServeConfig, Served, serve, serve_with};
pub use status::{of_code, of_outcome};
