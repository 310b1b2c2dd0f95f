//! What a route answers: an immutable description, and its rendering for one request.
//!
//! It decides nothing about whose turn a reply is (see the turns of a route in `turns`), and it does
//! not touch sockets: a delay or a cut is only said here, and done in `serve`.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::template::{Request, Template, plain_text};

/// Longest delay of a reply. Longer than any client's patience, short enough to end.
pub const DELAY_MAX: Duration = Duration::from_secs(600);

/// How long a reply that never comes holds the connection before the mock cuts it. The client is
/// expected to give up long before; this only keeps forgotten connections from piling up.
pub const HOLD_MAX: Duration = Duration::from_secs(600);

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The whole reply is sent.
    Complete,
    /// The connection is cut before the first byte of the reply.
    CutBefore,
    /// The connection is cut in the middle of the reply's body.
    CutAfter,
    /// Nothing is sent, and the connection stays open until the client gives up or [`HOLD_MAX`] passes.
    Timeout,
}

/// One reply of a route.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: Vec<(HeaderName, Template)>,
    pub(crate) body: Option<Template>,
    pub(crate) delay: Duration,
    pub(crate) ending: Ending,
    pub(crate) acted: Option<bool>,
    pub(crate) times: u32,
}

/// A reply for one request, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Rendered {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
    /// The body as a value, for the record.
    pub(crate) value: Value,
}

impl Reply {
    /// A complete reply of this status without a body.
    #[must_use]
    pub fn status(status: StatusCode) -> Reply {
        Reply {
            status: Some(status),
            ..Reply::ending(Ending::Complete)
        }
    }

    /// A reply that ends in this way; its status is 200 where one is needed.
    #[must_use]
    pub fn ending(ending: Ending) -> Reply {
        Reply {
            status: None,
            headers: Vec::new(),
            body: None,
            delay: Duration::ZERO,
            ending,
            acted: None,
            times: 1,
        }
    }

    /// Gives the reply a body, taken literally: `${...}` in it means nothing.
    #[must_use]
    pub fn body(mut self, body: Value) -> Reply {
        self.body = Some(Template::literal(body));
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Reply {
        self.headers.push((name, Template::literal(value.into())));
        self
    }

    /// Waits before answering, at most [`DELAY_MAX`].
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Reply {
        self.delay = delay.min(DELAY_MAX);
        self
    }

    /// Gives this many turns in a row; zero counts as one.
    #[must_use]
    pub fn times(mut self, times: u32) -> Reply {
        self.times = times.max(1);
        self
    }

    /// Says whether the outside service has acted when it answers so, against the usual reading: it has
    /// when the status is 2xx or the connection is cut, and has not when the reply never comes.
    #[must_use]
    pub fn acted(mut self, acted: bool) -> Reply {
        self.acted = Some(acted);
        self
    }

    /// Whether the outside service has acted, e.g. charged the card, when it answers so.
    pub(crate) fn acts(&self) -> bool {
        let usual = match self.ending {
            Ending::Timeout => false,
            _ => self.status_or_ok().is_success(),
        };
        self.acted.unwrap_or(usual)
    }

    /// Whether the author wrote what is (or would have been) sent. A bare cut or timeout says only
    /// that the answer is lost, not what it was.
    pub(crate) fn is_declared(&self) -> bool {
        self.ending == Ending::Complete || self.status.is_some() || self.body.is_some()
    }

    pub(crate) fn render(&self, request: &impl Request) -> Rendered {
        let status = self.status_or_ok();
        let filled = self
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), header_value(&value.fill(request))));
        let mut headers: Vec<(HeaderName, HeaderValue)> = filled.collect();
        let value = self.body.as_ref().map(|body| body.fill(request));
        // These have no body by definition; sending one would confuse the next reply on the connection.
        let bodiless = status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED;
        let (kind, body) = match value.as_ref().filter(|_| !bodiless) {
            None => (None, Bytes::new()),
            Some(Value::String(text)) => {
                (Some("text/plain; charset=utf-8"), Bytes::from(text.clone()))
            }
            Some(value) => (Some("application/json"), Bytes::from(value.to_string())),
        };
        if let Some(kind) =
            kind.filter(|_| !headers.iter().any(|(name, _)| name == header::CONTENT_TYPE))
        {
            headers.push((header::CONTENT_TYPE, HeaderValue::from_static(kind)));
        }
        Rendered {
            status,
            headers,
            body,
            value: value.unwrap_or(Value::Null),
        }
    }

    /// The reply as data, with the words of the mock file.
    pub(crate) fn describe(&self) -> Value {
        let mut entries = Map::new();
        if let Some(status) = self.status {
            entries.insert("status".to_owned(), json!(status.as_u16()));
        }
        if !self.headers.is_empty() {
            let headers = self
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.source().clone()));
            entries.insert("headers".to_owned(), Value::Object(headers.collect()));
        }
        if let Some(body) = &self.body {
            entries.insert("body".to_owned(), body.source().clone());
        }
        if !self.delay.is_zero() {
            entries.insert(
                "delay".to_owned(),
                json!(format!("{}ms", self.delay.as_millis())),
            );
        }
        match self.ending {
            Ending::Complete => None,
            Ending::CutBefore => entries.insert("cut".to_owned(), json!("before")),
            Ending::CutAfter => entries.insert("cut".to_owned(), json!("after")),
            Ending::Timeout => entries.insert("timeout".to_owned(), json!(true)),
        };
        if let Some(acted) = self.acted {
            entries.insert("acted".to_owned(), json!(acted));
        }
        if self.times > 1 {
            entries.insert("times".to_owned(), json!(self.times));
        }
        Value::Object(entries)
    }

    fn status_or_ok(&self) -> StatusCode {
        self.status.unwrap_or(StatusCode::OK)
    }
}

/// What a header cannot carry is left out: the value may quote a request.
fn header_value(value: &Value) -> HeaderValue {
    let text: String = plain_text(value)
        .chars()
        .filter(|character| !character.is_control())
        .collect();
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Root;

    struct Nothing;

    impl Request for Nothing {
        fn root(&self, _: Root) -> &Value {
            &Value::Null
        }
    }

    #[test]
    fn a_service_has_acted_when_it_says_2xx_or_the_line_goes_dead() {
        assert!(Reply::status(StatusCode::CREATED).acts());
        assert!(!Reply::status(StatusCode::SERVICE_UNAVAILABLE).acts());
        assert!(Reply::ending(Ending::CutBefore).acts());
        assert!(!Reply::ending(Ending::Timeout).acts());
        assert!(Reply::ending(Ending::Timeout).acted(true).acts());
        assert!(!Reply::ending(Ending::CutAfter).acted(false).acts());
    }

    #[test]
    fn the_content_type_follows_the_body_unless_it_is_given() {
        let kind = |reply: Reply| {
            let rendered = reply.render(&Nothing);
            rendered
                .headers
                .iter()
                .map(|(_, value)| value.to_str().unwrap_or("?").to_owned())
                .collect::<Vec<_>>()
        };
        let ok = || Reply::status(StatusCode::OK);
        assert_eq!(kind(ok()), Vec::<String>::new());
        assert_eq!(kind(ok().body(json!({"a": 1}))), ["application/json"]);
        assert_eq!(kind(ok().body(json!("x"))), ["text/plain; charset=utf-8"]);
        assert_eq!(
            kind(
                ok().body(json!("x"))
                    .header(header::CONTENT_TYPE, "text/html")
            ),
            ["text/html"]
        );
    }

    #[test]
    fn a_status_without_body_sends_none() {
        let rendered = Reply::status(StatusCode::NO_CONTENT)
            .body(json!({"a": 1}))
            .render(&Nothing);
        assert!(rendered.body.is_empty() && rendered.headers.is_empty());
    }

    #[test]
    fn header_values_lose_what_a_header_cannot_carry() {
        assert_eq!(
            header_value(&json!("a\r\nb: c")),
            HeaderValue::from_static("ab: c")
        );
    }

    #[test]
    fn delays_are_bounded() {
        assert_eq!(
            Reply::status(StatusCode::OK).delay(Duration::MAX).delay,
            DELAY_MAX
        );
    }
}
