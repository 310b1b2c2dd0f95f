//! Answers of the mock itself that say no: RFC 9457 problem documents, with our stable codes.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use statehold_core::codes::Code;

/// A problem document. `extra` is merged into it and must be an object.
pub(crate) fn document(status: StatusCode, code: Code, detail: &str, extra: Value) -> Value {
    let mut document = json!({
        "type": format!("urn:statehold:error:{}", code.id()),
        "title": code.title(),
        "status": status.as_u16(),
        "code": code.id(),
        "detail": detail,
    });
    if let (Some(entries), Value::Object(extra)) = (document.as_object_mut(), extra) {
        entries.extend(extra);
    }
    document
}

/// A response with this JSON.
pub(crate) fn respond(status: StatusCode, document: &Value) -> Response<Body> {
    let kind = if status.is_success() {
        "application/json"
    } else {
        "application/problem+json"
    };
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
