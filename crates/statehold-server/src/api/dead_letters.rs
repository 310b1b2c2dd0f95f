//! Dead letters: effects that will not be tried again without a person.

use axum::Json;
use axum::response::IntoResponse;
use statehold_core::codes;

use super::Answer;
use crate::door::{
    Caller, Fields, FromFields, FromQuery, JsonBody, NoQuery, Params, Query, Segments,
};
use crate::problem::Problem;

/// Which dead letters to list.
pub(crate) struct DeadLettersQuery {
    machine: Option<String>,
    cursor: Option<String>,
    limit: u32,
}

impl FromQuery for DeadLettersQuery {
    const KNOWN: &'static [&'static str] = &["machine", "limit", "cursor"];

    fn from_query(params: &Params) -> Result<Self, Problem> {
        Ok(Self {
            machine: params.owned("machine"),
            cursor: params.owned("cursor"),
            limit: params.limit()?,
        })
    }
}

/// Why an operator does what they do.
pub(crate) struct ReasonBody {
    reason: String,
}

impl FromFields for ReasonBody {
    const KNOWN: &'static [&'static str] = &["reason"];
    const MAY_BE_ABSENT: bool = true;

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            // The engine refuses an empty one, in better words than a missing field would get.
            reason: fields.optional_text("reason")?.unwrap_or_default(),
        })
    }
}

/// `GET /v1/dead-letters`
pub(crate) async fn list(caller: Caller, Query(query): Query<DeadLettersQuery>) -> Answer {
    let machine = query.machine.as_deref();
    if let Some(machine) = machine {
        caller.engine.machine(machine, None)?;
    }
    let page = caller
        .engine
        .dead_letters(machine, query.cursor.as_deref(), query.limit)
        .await?;
    Ok(Json(page).into_response())
}

/// `GET /v1/dead-letters/{id}`
pub(crate) async fn show(caller: Caller, Segments(id): Segments<String>, _: NoQuery) -> Answer {
    let details = caller.engine.effect(&id).await?;
    if details.effect.status == "dead" {
        return Ok(Json(details).into_response());
    }
    Err(Problem::new(
        codes::NOT_DEAD,
        format!(
            "effect `{id}` is not a dead letter but {}; see /v1/effects/{id}",
            details.effect.status
        ),
    ))
}

/// `POST /v1/dead-letters/{id}/retry`
pub(crate) async fn retry(
    caller: Caller,
    Segments(id): Segments<String>,
    _: NoQuery,
    JsonBody(body): JsonBody<ReasonBody>,
) -> Answer {
    let effect = caller
        .engine
        .retry_dead_letter(&id, &caller.actor, &body.reason)
        .await?;
    Ok(Json(effect).into_response())
}

/// `POST /v1/dead-letters/{id}/discard`
pub(crate) async fn discard(
    caller: Caller,
    Segments(id): Segments<String>,
    _: NoQuery,
    JsonBody(body): JsonBody<ReasonBody>,
) -> Answer {
    let effect = caller
        .engine
        .discard_dead_letter(&id, &caller.actor, &body.reason)
        .await?;
    Ok(Json(effect).into_response())
}
