//! The way to the outside world: one request out, one bounded reply back.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use serde_json::Value;
use statehold_core::{codes, json};

use crate::error::EngineError;

/// Bytes of a reply that are kept, at most. What is beyond is cut off and flagged.
pub const REPLY_BYTES_MAX: usize = 64 * 1024;

/// JSON nesting of a reply, at most.
const REPLY_DEPTH_MAX: usize = 64;

/// One request, complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// Method in capitals.
    pub method: String,
    /// Full address.
    pub url: String,
    /// Headers in order, the idempotency key not among them.
    pub headers: Vec<(String, String)>,
    /// JSON body.
    pub body: Option<Value>,
    /// Sent as `Idempotency-Key`.
    pub key: String,
    /// Bound of the whole call.
    pub timeout: Duration,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// When the other side asks to be called again.
    pub retry_after: Option<Duration>,
    /// The body: JSON if it is acceptable JSON, else text.
    pub body: Value,
    /// The body was longer than [`REPLY_BYTES_MAX`].
    pub truncated: bool,
}

/// No answer. The two kinds must never be mixed up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The request did not leave: trying again is safe.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The request may have been received and acted upon.
    #[error("no answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// The request may have been received and acted upon.
    #[error("the connection broke before the answer was complete: {0}")]
    Broken(String),
}

/// Sends requests. Implementations do not retry and do not follow redirects.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends one request and waits for its answer, no longer than its timeout.
    async fn send(&self, request: &Outgoing) -> Result<Reply, SendError>;
}

/// HTTP by reqwest: no redirects, no proxies from the environment, no cookies.
#[derive(Debug, Clone)]
pub struct HttpTransport {
    client: reqwest::Client,
}

impl HttpTransport {
    /// Opens the client.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new() -> Result<Self, EngineError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("statehold/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(5))
            .build()
            .map_err(|error| {
                EngineError::invalid(
                    codes::BAD_CONFIG,
                    format!("the HTTP client cannot be set up: {error}"),
                )
            })?;
        Ok(Self { client })
    }

    async fn exchange(&self, request: &Outgoing) -> Result<Reply, SendError> {
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|e| SendError::NotSent(e.to_string()))?;
        let mut call = self
            .client
            .request(method, &request.url)
            .headers(headers(request)?);
        if let Some(body) = &request.body {
            call = call.json(body);
        }
        let mut response = call.send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                SendError::NotSent(innermost(&error))
            } else {
                SendError::Broken(innermost(&error))
            }
        })?;
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(parse_retry_after);
        let is_json = response.headers().get(CONTENT_TYPE).is_some_and(is_json);
        let mut bytes = Vec::new();
        let mut truncated = false;
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| SendError::Broken(innermost(&error)))?
        {
            let room = REPLY_BYTES_MAX - bytes.len();
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                truncated = true;
                break;
            }
        }
        Ok(Reply {
            status,
            retry_after,
            body: read_body(&bytes, is_json && !truncated),
            truncated,
        })
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: &Outgoing) -> Result<Reply, SendError> {
        match tokio::time::timeout(request.timeout, self.exchange(request)).await {
            Ok(result) => result,
            Err(_) => Err(SendError::TimedOut(request.timeout)),
        }
    }
}

fn headers(request: &Outgoing) -> Result<HeaderMap, SendError> {
    let mut headers = HeaderMap::new();
    let key = [("idempotency-key".to_owned(), request.key.clone())];
    for (name, value) in request.headers.iter().chain(&key) {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| SendError::NotSent(format!("`{name}` cannot be a header")))?;
        let value = HeaderValue::from_str(value).map_err(|_| {
            SendError::NotSent(format!("the value of header `{name}` is not usable"))
        })?;
        headers.insert(header, value);
    }
    Ok(headers)
}

/// Only the seconds form: the date form would compare the other side's clock with ours.
fn parse_retry_after(value: &HeaderValue) -> Option<Duration> {
    value
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
        .map(Duration::from_secs)
}

fn is_json(value: &HeaderValue) -> bool {
    value.to_str().is_ok_and(|text| {
        let kind = text.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json")
            || kind.to_ascii_lowercase().ends_with("+json")
    })
}

/// A reply is data from a stranger: JSON that the door would refuse is kept as text, and text loses its NULs.
fn read_body(bytes: &[u8], is_json: bool) -> Value {
    let limits = json::Limits {
        max_bytes: REPLY_BYTES_MAX,
        max_depth: REPLY_DEPTH_MAX,
    };
    if bytes.is_empty() {
        return Value::Null;
    }
    if is_json && let Ok(value) = json::parse_strict(bytes, limits) {
        return value;
    }
    Value::String(String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}"))
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}
