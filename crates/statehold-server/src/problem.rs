//! [`Problem`]: every answer that is not a success, as RFC 9457 problem details.
//!
//! A problem travels as an extension of its response until the envelope writes it, because only the envelope knows
//! the request's id. Its text comes from our own messages; what a store or a driver said goes to the server's log only.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use statehold_core::codes::{self, Code};
use statehold_core::{Blocker, Outcome};
use statehold_engine::EngineError;

use crate::status;

/// Where the page of a code is served; the code follows.
pub(crate) const ERROR_PAGES: &str = "/docs/errors/";

/// What a caller that may try again is asked to wait, in seconds.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Why a request was not done. One word wide, because every step of reading a request may return it.
#[derive(Debug, Clone)]
pub(crate) struct Problem(Box<Content>);

#[derive(Debug, Clone)]
struct Content {
    status: StatusCode,
    code: Code,
    outcome: Option<Outcome>,
    detail: String,
    blockers: Vec<Blocker>,
    accepted_events: Vec<String>,
    extra: Map<String, Value>,
}

impl Problem {
    /// A problem with the status that its code stands for.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let status = status::of_code(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self(Box::new(Content {
            status,
            code,
            outcome: None,
            detail: detail.into(),
            blockers: Vec::new(),
            accepted_events: Vec::new(),
            extra: Map::new(),
        }))
    }

    /// The same problem under another status.
    #[must_use]
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.0.status = status;
        self
    }

    /// Says what became of the event that the request carried.
    #[must_use]
    pub(crate) fn outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = Some(outcome);
        self
    }

    /// Adds a member of its own.
    #[must_use]
    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.extra.insert(member.to_owned(), value.into());
        self
    }

    /// The response with its body.
    pub(crate) fn render(self, request_id: &str) -> Response {
        let content = *self.0;
        let mut body = Map::new();
        let kind = format!("{ERROR_PAGES}{}", content.code);
        body.insert("type".to_owned(), json!(kind));
        body.insert("title".to_owned(), json!(content.code.title()));
        body.insert("status".to_owned(), json!(content.status.as_u16()));
        body.insert("code".to_owned(), json!(content.code));
        body.insert("detail".to_owned(), json!(content.detail));
        if let Some(outcome) = content.outcome {
            body.insert("outcome".to_owned(), json!(outcome));
            body.insert("blockers".to_owned(), json!(content.blockers));
            body.insert("accepted_events".to_owned(), json!(content.accepted_events));
        }
        body.extend(content.extra);
        body.insert("request_id".to_owned(), json!(request_id));
        let text = Value::Object(body).to_string();
        let mut response = (content.status, text).into_response();
        response.headers_mut().insert(CONTENT_TYPE, PROBLEM_JSON);
        if let Some((name, value)) = advice(content.status) {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// The header by which a status tells the caller what to do next.
fn advice(status: StatusCode) -> Option<(HeaderName, HeaderValue)> {
    match status {
        StatusCode::SERVICE_UNAVAILABLE => Some((RETRY_AFTER, RETRY_AFTER_SECONDS)),
        StatusCode::UNAUTHORIZED => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
        _ => None,
    }
}

impl IntoResponse for Problem {
    /// A response without a body; the envelope writes it.
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        let status = status::of_error(&error);
        if status.is_server_error() {
            report(&error);
        }
        let mut problem = Self::new(error.code(), error.to_string()).status(status);
        problem.0.outcome = error.outcome();
        match error {
            EngineError::Refused(refusal) => {
                problem.0.detail = refusal.message;
                problem.0.blockers = refusal.blockers;
                problem.0.accepted_events = refusal.accepted_events;
            }
            EngineError::Store { doing, .. } => {
                problem.0.detail = store_detail(&doing, problem.0.code);
            }
            _ => {}
        }
        problem
    }
}

fn store_detail(doing: &str, code: Code) -> String {
    match code {
        codes::OUTCOME_UNKNOWN => format!(
            "{doing}: the connection to the store broke while it was committing; \
             repeating the request under the same event id is safe"
        ),
        codes::UNAVAILABLE => {
            format!("{doing}: the store is not available; nothing was changed, try again")
        }
        _ => format!("{doing}: the store failed; the server's log says why"),
    }
}

/// Writes the whole chain of causes to the log: the caller is not told what a driver said.
fn report(error: &EngineError) {
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        causes.push(inner.to_string());
        cause = inner.source();
    }
    tracing::error!(code = %error.code(), %error, causes = causes.join(": "), "a request failed");
}
