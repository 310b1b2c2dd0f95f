//! The server itself: what it is, whether it lives, whether it can work.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::Answer;
use crate::app::App;
use crate::door::{Caller, NoQuery};

/// What `/v1/status` says.
#[derive(Debug, Serialize)]
struct Status {
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<String>,
    now: Timestamp,
    machines: usize,
    missing_destinations: Vec<String>,
    open: bool,
    dev: bool,
}

/// `GET /v1/status`
pub(crate) async fn status(State(app): State<App>, caller: Caller, _: NoQuery) -> Answer {
    let status = Status {
        version: env!("CARGO_PKG_VERSION"),
        store: app.config.store.clone(),
        now: caller.engine.now(),
        machines: caller.engine.machines().len(),
        missing_destinations: caller.engine.missing_destinations(),
        open: app.config.open,
        dev: app.config.dev.is_some(),
    };
    Ok(Json(status).into_response())
}

/// `GET /healthz`: this process answers.
pub(crate) async fn healthz() -> Answer {
    Ok(Json(json!({ "status": "ok" })).into_response())
}

/// `GET /readyz`: the store answers too.
pub(crate) async fn readyz(State(app): State<App>) -> Answer {
    // The cheapest question that a store cannot answer from memory of its own.
    app.engine.dead_letters(None, None, 1).await?;
    Ok(Json(json!({ "status": "ready" })).into_response())
}
