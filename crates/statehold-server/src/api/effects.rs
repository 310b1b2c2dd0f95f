//! Effects of all entities.

use axum::Json;
use axum::response::IntoResponse;

use super::Answer;
use crate::door::{Caller, FromQuery, NoQuery, Params, Query, Segments};
use crate::problem::Problem;

/// Which effects to list.
pub(crate) struct EffectsQuery {
    status: Option<String>,
    machine: Option<String>,
    cursor: Option<String>,
    limit: u32,
}

impl FromQuery for EffectsQuery {
    const KNOWN: &'static [&'static str] = &["status", "machine", "limit", "cursor"];

    fn from_query(params: &Params) -> Result<Self, Problem> {
        Ok(Self {
            status: params.owned("status"),
            machine: params.owned("machine"),
            cursor: params.owned("cursor"),
            limit: params.limit()?,
        })
    }
}

/// `GET /v1/effects`
pub(crate) async fn list(caller: Caller, Query(query): Query<EffectsQuery>) -> Answer {
    let (machine, status) = (query.machine.as_deref(), query.status.as_deref());
    if let Some(machine) = machine {
        caller.engine.machine(machine, None)?;
    }
    let page = caller
        .engine
        .effects(machine, status, query.cursor.as_deref(), query.limit);
    Ok(Json(page.await?).into_response())
}

/// `GET /v1/effects/{id}`
pub(crate) async fn show(caller: Caller, Segments(id): Segments<String>, _: NoQuery) -> Answer {
    Ok(Json(caller.engine.effect(&id).await?).into_response())
}
