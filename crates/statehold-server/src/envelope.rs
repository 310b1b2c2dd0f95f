//! What every request and every answer has in common: an id, a bound in time, headers, a line in the log.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use statehold_core::{Outcome, codes};
use uuid::Uuid;

use crate::app::App;
use crate::problem::Problem;

/// Names the request in answers and in the server's log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Bytes of a caller's own request id, at most: it is copied into every log line about the request.
const REQUEST_ID_BYTES_MAX: usize = 128;

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// For answers that are no pages: a browser that shows one all the same may do nothing with it.
const LOCKED_DOWN: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Addresses that answer however busy the server is: who asks there wants to know just that.
const ALWAYS_ADMITTED: [&str; 2] = ["/healthz", "/readyz"];

/// The outermost layer: gives the request an id, bounds its time, writes problems, sets headers, logs.
pub(crate) async fn wrap(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let started = Instant::now();
    let answer = tokio::time::timeout(app.config.request_timeout, next.run(request)).await;
    let answer = answer.unwrap_or_else(|_| too_slow(&method).into_response());
    let mut response = write_problem(answer, &id);
    set_headers(response.headers_mut(), &id);
    let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    if response.status().is_server_error() {
        tracing::warn!(%method, path, status, took_ms, request_id = id, "request failed");
    } else {
        tracing::debug!(%method, path, status, took_ms, request_id = id, "request");
    }
    response
}

/// Refuses what would be more than the server can do at once, before anything is done for it.
pub(crate) async fn admit(State(app): State<App>, request: Request, next: Next) -> Response {
    if ALWAYS_ADMITTED.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let Ok(_place) = app.requests.try_acquire() else {
        return Problem::new(
            codes::UNAVAILABLE,
            "the server has as many requests under way as it takes; nothing was changed, try again",
        )
        .outcome(Outcome::Unavailable)
        .into_response();
    };
    next.run(request).await
}

/// A caller's id if it is a harmless one, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let harmless = |id: &&str| {
        !id.is_empty()
            && id.len() <= REQUEST_ID_BYTES_MAX
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.:/+=".contains(&b))
    };
    given
        .filter(harmless)
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// The bound of a request ran out. What a store was doing then may still have happened.
fn too_slow(method: &Method) -> Problem {
    let problem = if method.is_safe() {
        Problem::new(codes::TIMED_OUT, "the answer took too long; try again")
            .outcome(Outcome::Unavailable)
    } else {
        Problem::new(
            codes::TIMED_OUT,
            "the answer took too long, and it is not known whether anything was changed; \
             repeating the request under the same event id is safe",
        )
        .outcome(Outcome::Unknown)
    };
    problem.status(StatusCode::SERVICE_UNAVAILABLE)
}

fn write_problem(mut response: Response, request_id: &str) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let mut written = problem.render(request_id);
    // `Allow` is set by the router.
    for (name, value) in response.headers() {
        if !written.headers().contains_key(name) && name != axum::http::header::CONTENT_LENGTH {
            written.headers_mut().insert(name, value.clone());
        }
    }
    written
}

fn set_headers(headers: &mut HeaderMap, request_id: &str) {
    // Both sources of the id hold only what a header may hold.
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(LOCKED_DOWN);
}
