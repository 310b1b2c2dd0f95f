//! Entities: create, list, get.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{ETAG, LOCATION};
use axum::response::IntoResponse;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use statehold_core::{Outcome, codes};
use statehold_engine::{Engine, NewEntity};

use super::Answer;
use crate::door::{
    Caller, EventId, Fields, FromFields, FromQuery, IfNoneMatch, JsonBody, NoQuery, Params, Query,
    Segments, etag,
};
use crate::problem::Problem;

/// What a segment of an address may hold as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Body of a creation.
pub(crate) struct CreateBody {
    id: Option<String>,
    input: Value,
}

impl FromFields for CreateBody {
    const KNOWN: &'static [&'static str] = &["id", "input"];
    const MAY_BE_ABSENT: bool = true;

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            id: fields.optional_text("id")?,
            input: fields.object("input")?,
        })
    }
}

/// `POST /v1/machines/{machine}/entities`
pub(crate) async fn create(
    caller: Caller,
    Segments(machine): Segments<String>,
    event_id: EventId,
    _: NoQuery,
    JsonBody(body): JsonBody<CreateBody>,
) -> Answer {
    let mut new = NewEntity::input(body.input).actor(caller.actor);
    if let Some(id) = body.id {
        new = new.id(id);
    }
    if let Some(event_id) = event_id.into_inner() {
        new = new.event_id(event_id);
    }
    let created = caller.engine.create(&machine, new).await?;
    let status = match created.outcome {
        Outcome::Duplicate => StatusCode::OK,
        _ => StatusCode::CREATED,
    };
    let headers = [
        (LOCATION, address(&machine, &created.entity.id)),
        (ETAG, etag(created.entity.revision)),
    ];
    Ok((status, headers, Json(created)).into_response())
}

/// Which entities to list.
pub(crate) struct ListQuery {
    state: Option<String>,
    status: Option<String>,
    cursor: Option<String>,
    limit: u32,
}

impl FromQuery for ListQuery {
    const KNOWN: &'static [&'static str] = &["state", "status", "limit", "cursor"];
    const LATER: &'static [&'static str] = &["where"];

    fn from_query(params: &Params) -> Result<Self, Problem> {
        Ok(Self {
            state: params.owned("state"),
            status: params.owned("status"),
            cursor: params.owned("cursor"),
            limit: params.limit()?,
        })
    }
}

/// `GET /v1/machines/{machine}/entities`
pub(crate) async fn list(
    caller: Caller,
    Segments(machine): Segments<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    if let Some(state) = &query.state {
        check_state(&caller.engine, &machine, state)?;
    }
    let (state, status) = (query.state.as_deref(), query.status.as_deref());
    let page = caller.engine.list(
        &machine,
        state,
        status,
        query.cursor.as_deref(),
        query.limit,
    );
    Ok(Json(page.await?).into_response())
}

/// `GET /v1/machines/{machine}/entities/{id}`
pub(crate) async fn get(
    caller: Caller,
    Segments((machine, id)): Segments<(String, String)>,
    known: IfNoneMatch,
    _: NoQuery,
) -> Answer {
    let entity = caller.engine.get(&machine, &id).await?;
    let tag = [(ETAG, etag(entity.revision))];
    if known.has(entity.revision) {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    Ok((tag, Json(entity)).into_response())
}

/// A state that no version has is a slip of the pen, not an empty list.
fn check_state(engine: &Engine, machine: &str, state: &str) -> Result<(), Problem> {
    let versions = engine.machine_versions(machine)?;
    if versions
        .iter()
        .any(|version| version.by_path.contains_key(state))
    {
        return Ok(());
    }
    Err(Problem::new(
        codes::BAD_QUERY,
        format!(
            "query parameter `state`: no version of machine `{machine}` has a state `{state}`; \
             a state is named by its full path, e.g. `processing.payment`"
        ),
    ))
}

fn address(machine: &str, id: &str) -> String {
    let segment = |text| utf8_percent_encode(text, SEGMENT).to_string();
    format!("/v1/machines/{}/entities/{}", segment(machine), segment(id))
}
