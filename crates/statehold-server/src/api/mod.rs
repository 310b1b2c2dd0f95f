//! Handlers, one module per kind of thing. Each reads its request through the door, asks the engine once, and answers.

pub(crate) mod dead_letters;
pub(crate) mod dev;
pub(crate) mod diagram;
pub(crate) mod effects;
pub(crate) mod entities;
pub(crate) mod events;
pub(crate) mod history;
pub(crate) mod machine_view;
pub(crate) mod machines;
pub(crate) mod service;

use axum::response::Response;
use serde::Serialize;

use crate::problem::Problem;

/// What a handler answers.
pub(crate) type Answer = Result<Response, Problem>;

/// A whole list.
#[derive(Debug, Serialize)]
pub(crate) struct Items<T> {
    /// Its rows.
    pub(crate) items: Vec<T>,
}
