//! A request as routes, templates and the record see it: everything read once, as values.

use std::collections::BTreeMap;

use axum::http::Method;
use axum::http::header::{self, HeaderMap};
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::template::{Request, Root};

/// The header that names an attempt's effect.
const KEY_HEADER: &str = "idempotency-key";

/// One request.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// As sent, still encoded.
    pub(crate) path: String,
    pub(crate) query: Value,
    /// By name in lower case; values of a repeated header are joined.
    pub(crate) headers: Value,
    /// The Idempotency-Key, or null.
    pub(crate) key: Value,
    pub(crate) body: Value,
    /// Whether `body` has named fields, so that single ones can be hidden.
    pub(crate) is_structured: bool,
    /// Bytes of the body as sent.
    pub(crate) body_bytes: usize,
    /// Parameters of the route's path.
    pub(crate) parameters: Value,
    /// Number of this call on its route, from 1.
    pub(crate) call: Value,
}

impl Asked {
    pub(crate) fn new(head: &Parts, body: &[u8]) -> Asked {
        let headers = headers(&head.headers);
        let (value, is_structured) = read_body(&head.headers, body);
        Asked {
            method: head.method.clone(),
            path: head.uri.path().to_owned(),
            query: pairs(head.uri.query().unwrap_or_default()),
            key: headers.get(KEY_HEADER).cloned().unwrap_or(Value::Null),
            headers: Value::Object(headers),
            body: value,
            is_structured,
            body_bytes: body.len(),
            parameters: Value::Null,
            call: Value::Null,
        }
    }

    /// The Idempotency-Key, if there is one.
    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_str()
    }

    pub(crate) fn set_parameters(&mut self, parameters: BTreeMap<String, String>) {
        self.parameters = parameters
            .into_iter()
            .map(|(name, value)| (name, Value::from(value)))
            .collect();
    }
}

impl Request for Asked {
    fn root(&self, root: Root) -> &Value {
        match root {
            Root::Body => &self.body,
            Root::Path => &self.parameters,
            Root::Query => &self.query,
            Root::Headers => &self.headers,
            Root::Key => &self.key,
            Root::Call => &self.call,
        }
    }
}

/// The fields of a query or a form. A repeated name becomes a list.
pub(crate) fn pairs(text: &str) -> Value {
    let mut found = Map::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = Value::from(decoded(value));
        match found.get_mut(&decoded(name)) {
            None => {
                found.insert(decoded(name), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(found)
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

fn headers(map: &HeaderMap) -> Map<String, Value> {
    let joined = |name: &header::HeaderName| {
        let values = map
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()));
        Value::from(values.collect::<Vec<_>>().join(", "))
    };
    map.keys()
        .map(|name| (name.as_str().to_owned(), joined(name)))
        .collect()
}

/// The body as a value, and whether it has fields. JSON is recognised by its content, since clients
/// forget the header; a form only by its header, since any text could be one.
fn read_body(headers: &HeaderMap, body: &[u8]) -> (Value, bool) {
    if body.is_empty() {
        return (Value::Null, true);
    }
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        return (value, true);
    }
    match std::str::from_utf8(body) {
        Ok(text) if kind.starts_with("application/x-www-form-urlencoded") => (pairs(text), true),
        Ok(text) => (Value::from(text), false),
        Err(_) => (Value::from(format!("[{} bytes]", body.len())), false),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request as HttpRequest;
    use serde_json::json;

    use super::*;

    fn asked(kind: &str, body: &[u8]) -> Asked {
        let request = HttpRequest::post("/a%20b?x=1&x=2&y=a+b%26c&z")
            .header("Content-Type", kind)
            .header("Idempotency-Key", "k1")
            .body(())
            .expect("a request");
        Asked::new(&request.into_parts().0, body)
    }

    #[test]
    fn queries_are_decoded_and_repeated_names_become_lists() {
        assert_eq!(
            asked("", b"").query,
            json!({"x": ["1", "2"], "y": "a b&c", "z": ""})
        );
    }

    #[test]
    fn bodies_are_json_or_a_form_or_text_or_only_counted() {
        assert_eq!(asked("text/plain", b"{\"a\": 1}").body, json!({"a": 1}));
        assert_eq!(
            asked("application/x-www-form-urlencoded", b"a=1&b=x+y").body,
            json!({"a": "1", "b": "x y"})
        );
        assert_eq!(asked("text/plain", b"a=1").body, json!("a=1"));
        assert_eq!(asked("", b"\xff\xfe").body, json!("[2 bytes]"));
        assert_eq!(asked("", b"").body, Value::Null);
    }

    #[test]
    fn the_key_comes_from_its_header() {
        assert_eq!(asked("", b"").key(), Some("k1"));
    }
}
