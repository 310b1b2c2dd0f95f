//! The record of calls: what was asked, what was answered, in order.
//!
//! It is for people and tests to read, so sensitive values are masked before they get here, and it is
//! bounded: the oldest calls make room, and are counted. Nothing is decided from it.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use statehold_core::MASK;

use crate::asked::Asked;
use crate::mask::Mask;
use crate::reply::{Ending, Rendered};

/// Most calls that are kept. A test makes tens; a long `dev` run needs only the latest.
pub const CALLS_MAX: usize = 1_000;

/// Largest body that is kept, in bytes of JSON; of a larger one only the size is.
pub const BODY_BYTES_MAX: usize = 16 * 1_024;

/// Most headers that are kept of one call.
const HEADERS_MAX: usize = 64;

/// Longest header value that is kept, in characters.
const HEADER_CHARS_MAX: usize = 512;

/// Headers that every client sends and nobody asks about.
const NOISE: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "transfer-encoding",
    "user-agent",
];

/// One recorded call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Call {
    /// From 1, since the start or the last reset.
    pub number: u64,
    /// When the request had been read.
    pub at: Timestamp,
    /// The route that answered, e.g. `POST /charges`; none when no route matched.
    pub route: Option<String>,
    /// Request method.
    pub method: String,
    /// Request path as sent; the route's pattern when the path holds a sensitive parameter.
    pub path: String,
    /// Query fields.
    pub query: Value,
    /// Headers without the ones every client sends.
    pub headers: BTreeMap<String, String>,
    /// The Idempotency-Key.
    pub idempotency_key: Option<String>,
    /// The body: JSON, the fields of a form, or text.
    pub body: Value,
    /// What was (or would have been) answered.
    pub reply: Answered,
    /// Whether the service had acted for this key before, so that it did not act again.
    pub replayed: bool,
    /// Whether the service acted on this call, e.g. charged the card.
    pub effective: bool,
}

/// The reply given to a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Answered {
    /// Status of the reply, sent or not.
    pub status: u16,
    /// Body of the reply.
    pub body: Value,
    /// `complete`, `cut_before`, `cut_after` or `timeout`.
    pub ending: &'static str,
    /// Milliseconds the reply was held back.
    pub delay_ms: u64,
}

/// What was decided about a call.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub(crate) rendered: Rendered,
    pub(crate) ending: Ending,
    pub(crate) delay_ms: u64,
    pub(crate) replayed: bool,
    pub(crate) effective: bool,
}

/// The latest calls.
#[derive(Debug, Default)]
pub(crate) struct Record {
    calls: VecDeque<Call>,
    made: u64,
}

impl Record {
    /// Adds a call and drops the oldest when there are too many.
    pub(crate) fn add(
        &mut self,
        asked: &Asked,
        route: Option<String>,
        verdict: &Verdict,
        mask: &Mask,
        at: Timestamp,
    ) {
        self.made += 1;
        if self.calls.len() == CALLS_MAX {
            self.calls.pop_front();
        }
        self.calls.push_back(Call {
            number: self.made,
            at,
            path: shown_path(asked, route.as_deref(), mask),
            route,
            method: asked.method.to_string(),
            query: bounded(mask.apply(&asked.query)),
            headers: shown_headers(&asked.headers, mask),
            idempotency_key: asked.key().map(str::to_owned),
            body: shown_body(asked, mask),
            reply: Answered {
                status: verdict.rendered.status.as_u16(),
                body: bounded(mask.apply(&verdict.rendered.value)),
                ending: match verdict.ending {
                    Ending::Complete => "complete",
                    Ending::CutBefore => "cut_before",
                    Ending::CutAfter => "cut_after",
                    Ending::Timeout => "timeout",
                },
                delay_ms: verdict.delay_ms,
            },
            replayed: verdict.replayed,
            effective: verdict.effective,
        });
    }

    /// The kept calls, oldest first.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter()
    }

    /// Calls made since the start or the last reset.
    pub(crate) fn made(&self) -> u64 {
        self.made
    }

    /// Calls that were dropped to make room.
    pub(crate) fn dropped(&self) -> u64 {
        self.made - self.calls.len() as u64
    }
}

fn shown_path(asked: &Asked, route: Option<&str>, mask: &Mask) -> String {
    let names = asked
        .parameters
        .as_object()
        .into_iter()
        .flat_map(|parameters| parameters.keys());
    let hidden = names.into_iter().any(|name| mask.hides(name));
    match route.and_then(|route| route.split_once(' ')) {
        Some((_, pattern)) if hidden => pattern.to_owned(),
        _ => asked.path.clone(),
    }
}

fn shown_headers(headers: &Value, mask: &Mask) -> BTreeMap<String, String> {
    let kept = headers
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !NOISE.contains(&name.as_str()));
    let shown = kept.take(HEADERS_MAX).map(|(name, value)| {
        let value = if mask.hides_header(name) {
            MASK
        } else {
            value.as_str().unwrap_or_default()
        };
        (name.clone(), value.chars().take(HEADER_CHARS_MAX).collect())
    });
    shown.collect()
}

fn shown_body(asked: &Asked, mask: &Mask) -> Value {
    if asked.body_bytes > BODY_BYTES_MAX {
        return size_only(asked.body_bytes);
    }
    // Text without fields may hold the secret anywhere.
    if !asked.is_structured && !mask.is_empty() {
        return json!(MASK);
    }
    bounded(mask.apply(&asked.body))
}

fn bounded(value: Value) -> Value {
    let bytes = value.to_string().len();
    if bytes > BODY_BYTES_MAX {
        size_only(bytes)
    } else {
        value
    }
}

fn size_only(bytes: usize) -> Value {
    json!(format!("[{bytes} bytes, not kept]"))
}
