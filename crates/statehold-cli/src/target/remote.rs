//! A server, over HTTP.

use std::time::Duration;

use reqwest::{Client, Url, redirect};
use serde_json::json;
use statehold_core::codes;

use super::local::ANSWER_BYTES_MAX;
use super::{Answer, Body, Request};
use crate::exit::{Exit, Failure};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an answer may take; a little longer than servers allow themselves, so that theirs arrives.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(65);

/// A server.
pub(super) struct Remote {
    client: Client,
    url: String,
}

impl Remote {
    pub(super) fn new(url: &Url) -> Result<Self, Failure> {
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .user_agent(concat!("statehold-cli/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT);
        if is_loopback(url) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| {
            Failure::unavailable(format!("the HTTP client cannot be set up: {error}"))
        })?;
        Ok(Self {
            client,
            url: url.as_str().trim_end_matches('/').to_owned(),
        })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) async fn send(&self, request: Request) -> Result<Answer, Failure> {
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|error| Failure::usage(error.to_string()))?;
        let changes = method != reqwest::Method::GET;
        let mut call = self
            .client
            .request(method, format!("{}{}", self.url, request.path));
        for (name, value) in &request.headers {
            call = call.header(*name, value);
        }
        call = match request.body {
            Body::None => call,
            Body::Json(value) => call.json(&value),
            Body::Chart(text, media_type) => call.header("content-type", media_type).body(text),
        };
        let response = call
            .send()
            .await
            .map_err(|error| self.failure(&error, changes))?;
        self.read(response)
            .await
            .map_err(|error| self.failure(&error, changes))
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Answer, reqwest::Error> {
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            let room = ANSWER_BYTES_MAX - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                // What is cut off is no JSON any more, and answered as such.
                break;
            }
        }
        Ok(Answer { status, body })
    }

    /// A call without an answer. What was sent may have been done.
    fn failure(&self, error: &reqwest::Error, changes: bool) -> Failure {
        let cause = innermost(error);
        if error.is_builder() || error.is_request() && error.is_connect() || error.is_connect() {
            return Failure::new(
                Exit::Unavailable,
                codes::UNAVAILABLE,
                format!("the server {} cannot be reached: {cause}", self.url),
            )
            .help("start one with `statehold serve`, or work straight on a store with --store");
        }
        let detail = format!("the server {} did not answer: {cause}", self.url);
        if changes {
            return Failure::new(Exit::Unavailable, codes::OUTCOME_UNKNOWN, detail)
                .with("outcome", json!("unknown"))
                .help("it may have happened; repeating it under the same --event-id is safe");
        }
        Failure::new(Exit::Unavailable, codes::UNAVAILABLE, detail)
    }
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        None => false,
        Some("localhost") => true,
        Some(host) => host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback()),
    }
}
