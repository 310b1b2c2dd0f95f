//! Events: fire and explain.

use axum::Json;
use axum::http::header::ETAG;
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::Value;
use statehold_core::{Outcome, Refusal};
use statehold_engine::{EngineError, FireEvent};

use super::{Answer, Items};
use crate::door::{
    Caller, EventId, Fields, FromFields, FromQuery, IfRevision, JsonBody, NoQuery, Params, Query,
    Segments, etag,
};
use crate::problem::Problem;
use crate::status::of_outcome;

/// Body of a fire.
pub(crate) struct FireBody {
    kind: String,
    input: Value,
    id: Option<String>,
}

impl FromFields for FireBody {
    const KNOWN: &'static [&'static str] = &["type", "input", "id"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            kind: fields.text("type")?,
            input: fields.object("input")?,
            id: fields.optional_text("id")?,
        })
    }
}

/// Parameters of a fire: none yet.
pub(crate) struct FireQuery;

impl FromQuery for FireQuery {
    const KNOWN: &'static [&'static str] = &[];
    const LATER: &'static [&'static str] = &["wait", "queued"];

    fn from_query(_: &Params) -> Result<Self, Problem> {
        Ok(Self)
    }
}

/// `POST /v1/machines/{machine}/entities/{id}/events`
pub(crate) async fn fire(
    caller: Caller,
    Segments((machine, id)): Segments<(String, String)>,
    event_id: EventId,
    IfRevision(if_revision): IfRevision,
    _: Query<FireQuery>,
    JsonBody(body): JsonBody<FireBody>,
) -> Answer {
    let mut event = FireEvent::new(body.kind.clone())
        .input(body.input)
        .actor(caller.actor);
    if let Some(event_id) = event_id.or_body(body.id)? {
        event = event.id(event_id);
    }
    if let Some(revision) = if_revision {
        event = event.if_revision(revision);
    }
    match caller.engine.fire(&machine, &id, event).await {
        Ok(fired) => {
            let status = of_outcome(fired.outcome);
            let etag = [(ETAG, etag(fired.entity.revision))];
            Ok((status, etag, Json(fired)).into_response())
        }
        Err(EngineError::Refused(refusal)) if refusal.outcome == Outcome::Ignored => {
            Ok(Json(Ignored::new(machine, id, body.kind, *refusal)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// An event that no transition takes, on a machine that says to ignore those. Nothing changed.
#[derive(Debug, Serialize)]
struct Ignored {
    outcome: Outcome,
    machine: String,
    id: String,
    event: String,
    detail: String,
    accepted_events: Vec<String>,
}

impl Ignored {
    fn new(machine: String, id: String, event: String, refusal: Refusal) -> Self {
        Self {
            outcome: refusal.outcome,
            machine,
            id,
            event,
            detail: refusal.message,
            accepted_events: refusal.accepted_events,
        }
    }
}

/// Body of a question.
pub(crate) struct ExplainBody {
    kind: Option<String>,
    input: Value,
}

impl FromFields for ExplainBody {
    const KNOWN: &'static [&'static str] = &["type", "input"];
    const MAY_BE_ABSENT: bool = true;

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            kind: fields.optional_text("type")?,
            input: fields.object("input")?,
        })
    }
}

/// `POST /v1/machines/{machine}/entities/{id}/explain`
pub(crate) async fn explain(
    caller: Caller,
    Segments((machine, id)): Segments<(String, String)>,
    _: NoQuery,
    JsonBody(body): JsonBody<ExplainBody>,
) -> Answer {
    let engine = &caller.engine;
    let Some(kind) = body.kind else {
        let items = engine.explain_all(&machine, &id, &caller.actor).await?;
        return Ok(Json(Items { items }).into_response());
    };
    let event = FireEvent::new(kind).input(body.input).actor(caller.actor);
    Ok(Json(engine.explain(&machine, &id, event).await?).into_response())
}
