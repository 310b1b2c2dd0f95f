//! The control addresses under `/__mock`: read the record, change the replies, start over.
//!
//! They share the listener with the mocked API, so that a test in any language can use them; they are
//! for loopback and ask no one who they are.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Method, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use statehold_core::codes;

use crate::asked::pairs;
use crate::mock::{Mock, UnknownRoute};
use crate::path::CONTROL_PREFIX;
use crate::problem;
use crate::spec::{Per, Replies};

/// What can be asked for, as shown to who asks for something else.
const ADDRESSES: &[&str] = &[
    "GET /__mock",
    "GET /__mock/calls?route=&key=",
    "GET /__mock/keys",
    "POST /__mock/reset",
    "PUT /__mock/routes/{INDEX or METHOD PATH}",
];

/// Answers a request whose path is under [`CONTROL_PREFIX`].
pub(crate) fn answer(mock: &Mock, head: &Parts, body: &[u8]) -> Response<Body> {
    let path = percent_decode_str(head.uri.path()).decode_utf8_lossy();
    let place = path
        .strip_prefix(CONTROL_PREFIX)
        .unwrap_or_default()
        .trim_end_matches('/');
    let outcome = match (&head.method, place) {
        (&Method::GET, "") => Ok(overview(mock)),
        (&Method::GET, "/calls") => calls(mock, &pairs(head.uri.query().unwrap_or_default())),
        (&Method::GET, "/keys") => Ok(keys(mock)),
        (&Method::POST, "/reset") => {
            mock.reset();
            Ok(overview(mock))
        }
        (&Method::PUT, place) => match place.strip_prefix("/routes/") {
            Some(route) => set_replies(mock, route, body),
            None => Err(unknown_address(head)),
        },
        _ => Err(unknown_address(head)),
    };
    match outcome {
        Ok(value) => problem::respond(StatusCode::OK, &value),
        Err((status, document)) => problem::respond(status, &document),
    }
}

type Refusal = (StatusCode, Value);

/// The definition and the counters.
fn overview(mock: &Mock) -> Value {
    let state = mock.state();
    let routes = mock
        .spec()
        .routes()
        .iter()
        .zip(&state.lanes)
        .enumerate()
        .map(|(index, (route, lane))| {
            let replies: Value = lane
                .replies
                .iter()
                .map(|reply| mock.mask().apply(&reply.describe()))
                .collect();
            json!({
                "index": index,
                "route": route.to_string(),
                "idempotent": route.idempotent,
                "per": match route.per { Per::Route => "route", Per::Key => "key" },
                "replies": replies,
                "calls": lane.calls,
                "effective": lane.effective,
            })
        });
    json!({
        "mock": mock.spec().name(),
        "env": mock.spec().env(),
        "routes": routes.collect::<Vec<_>>(),
        "calls": state.record.made(),
        "calls_dropped": state.record.dropped(),
        "unmatched": state.unmatched,
        "keys_dropped": state.keys.dropped(),
    })
}

fn calls(mock: &Mock, query: &Value) -> Result<Value, Refusal> {
    let given = |name: &str| {
        query
            .get(name)
            .and_then(Value::as_str)
            .filter(|value| !value.is_empty())
    };
    let route = match given("route") {
        Some(route) => {
            let index = mock
                .route_index(route)
                .map_err(|unknown| unknown_route(&unknown))?;
            Some(mock.spec().routes()[index].to_string())
        }
        None => None,
    };
    let key = given("key");
    let state = mock.state();
    let wanted = state.record.calls().filter(|call| {
        (route.is_none() || call.route == route)
            && (key.is_none() || call.idempotency_key.as_deref() == key)
    });
    Ok(json!(wanted.collect::<Vec<_>>()))
}

fn keys(mock: &Mock) -> Value {
    let state = mock.state();
    let counts = |key: &crate::keys::Key| json!({ "calls": key.calls, "effective": key.effective });
    Value::Object(
        state
            .keys
            .iter()
            .map(|(name, key)| (name.to_owned(), counts(key)))
            .collect::<Map<_, _>>(),
    )
}

fn set_replies(mock: &Mock, route: &str, body: &[u8]) -> Result<Value, Refusal> {
    mock.route_index(route)
        .map_err(|unknown| unknown_route(&unknown))?;
    let text =
        std::str::from_utf8(body).map_err(|_| bad_replies("the body is not UTF-8", &json!([])))?;
    let replies = Replies::load(text).map_err(|diagnostics| {
        let first = diagnostics
            .first()
            .map_or("no replies", |diagnostic| diagnostic.message.as_str());
        bad_replies(first, &json!(diagnostics))
    })?;
    mock.set_replies(route, replies)
        .map_err(|unknown| unknown_route(&unknown))?;
    Ok(overview(mock))
}

fn bad_replies(detail: &str, diagnostics: &Value) -> Refusal {
    let status = StatusCode::BAD_REQUEST;
    (
        status,
        problem::document(
            status,
            codes::BAD_MOCK,
            detail,
            json!({ "diagnostics": diagnostics }),
        ),
    )
}

fn unknown_route(unknown: &UnknownRoute) -> Refusal {
    let status = StatusCode::NOT_FOUND;
    let routes = json!({ "routes": unknown.known });
    (
        status,
        problem::document(
            status,
            codes::UNKNOWN_MOCK_ROUTE,
            &unknown.to_string(),
            routes,
        ),
    )
}

fn unknown_address(head: &Parts) -> Refusal {
    let status = StatusCode::NOT_FOUND;
    let detail = format!(
        "the mock has no control address {} {}",
        head.method,
        head.uri.path()
    );
    (
        status,
        problem::document(
            status,
            codes::UNKNOWN_ROUTE,
            &detail,
            json!({ "routes": ADDRESSES }),
        ),
    )
}
