//! What happened to an entity: its log, effects, timers and refused events.

use axum::Json;
use axum::response::IntoResponse;
use serde::Serialize;
use statehold_engine::LogView;

use super::{Answer, Items};
use crate::door::{Caller, FromQuery, NoQuery, Params, Query, Segments};
use crate::problem::Problem;

/// Where to begin in the log, and how much of it to give.
pub(crate) struct LogQuery {
    from: u64,
    limit: u32,
}

impl FromQuery for LogQuery {
    const KNOWN: &'static [&'static str] = &["from", "limit"];

    fn from_query(params: &Params) -> Result<Self, Problem> {
        Ok(Self {
            from: params.number("from")?.unwrap_or(0),
            limit: params.limit()?,
        })
    }
}

/// A part of a log.
#[derive(Debug, Serialize)]
struct LogPage {
    items: Vec<LogView>,
    /// Give this as `from` to go on; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_from: Option<u64>,
}

/// `GET /v1/machines/{machine}/entities/{id}/log`
pub(crate) async fn log(
    caller: Caller,
    Segments((machine, id)): Segments<(String, String)>,
    Query(query): Query<LogQuery>,
) -> Answer {
    // One more than asked for tells whether there is more.
    let ahead = query.limit.saturating_add(1);
    let mut items = caller.engine.log(&machine, &id, query.from, ahead).await?;
    let limit = query.limit as usize;
    let next_from = items.get(limit).map(|row| row.seq);
    items.truncate(limit);
    Ok(Json(LogPage { items, next_from }).into_response())
}

/// `GET /v1/machines/{machine}/entities/{id}/effects`
pub(crate) async fn effects(
    caller: Caller,
    Segments((machine, id)): Segments<(String, String)>,
    _: NoQuery,
) -> Answer {
    let items = caller.engine.entity_effects(&machine, &id).await?;
    Ok(Json(Items { items }).into_response())
}

/// `GET /v1/machines/{machine}/entities/{id}/timers`
pub(crate) async fn timers(
    caller: Caller,
    Segments((machine, id)): Segments<(String, String)>,
    _: NoQuery,
) -> Answer {
    let items = caller.engine.timers(&machine, &id).await?;
    Ok(Json(Items { items }).into_response())
}

/// `GET /v1/machines/{machine}/entities/{id}/attempts`
pub(crate) async fn attempts(
    caller: Caller,
    Segments((machine, id)): Segments<(String, String)>,
    _: NoQuery,
) -> Answer {
    let items = caller.engine.refusals(&machine, &id).await?;
    Ok(Json(Items { items }).into_response())
}
