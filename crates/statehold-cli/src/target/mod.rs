//! [`Target`]: where a command about entities works: on a server, or straight on a store.
//!
//! Straight on a store the same API runs inside this process, without a socket: a request takes the same way to the
//! same handlers, so what a command prints is the same by construction. No workers run then: effects and timers wait
//! until a server works on that store.

mod local;
mod remote;
pub(crate) mod store;
mod verbs;

use serde_json::Value;
use statehold_core::{Actor, codes};

use crate::exit::{Exit, Failure};
use crate::render::Screen;
use crate::settings::{Settings, TargetSpec};

pub(crate) use local::of_engine;
pub(crate) use verbs::Page;

/// Whether a command may make the store it works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// The store must be there: what the command asks about can only be in one.
    Existing,
    /// A store is made if there is none.
    Any,
}

/// Where a command works.
pub(crate) struct Target {
    place: Place,
    caller: Caller,
}

enum Place {
    Server(remote::Remote),
    Store(local::Local),
}

/// For whom a command works.
#[derive(Debug, Default)]
pub(crate) struct Caller {
    tenant: Option<String>,
    actor: Option<Actor>,
}

/// A request of the API.
#[derive(Debug)]
pub(crate) struct Request {
    method: &'static str,
    /// Path and query, percent-encoded.
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Body,
}

/// The body of a request.
#[derive(Debug)]
pub(crate) enum Body {
    None,
    Json(Value),
    /// A chart's text and its media type.
    Chart(String, &'static str),
}

/// An answer of the API.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Target {
    /// Opens the server or the store that the settings name.
    pub(crate) async fn open(settings: &Settings, need: Need) -> Result<Self, Failure> {
        let place = match &settings.target {
            TargetSpec::Server(url) => Place::Server(remote::Remote::new(url)?),
            TargetSpec::Store(url) => Place::Store(local::Local::open(url, need).await?),
        };
        let caller = Caller {
            tenant: settings.tenant.clone(),
            actor: settings.actor.clone(),
        };
        Ok(Self { place, caller })
    }

    /// Says that what was asked for waits, where nobody in this process does it.
    pub(crate) fn mention_waiting(&self, screen: &Screen) {
        if let Place::Store(local) = &self.place {
            screen.talk(&format!(
                "note: effects and timers wait until a server works on {}",
                local.url()
            ));
        }
    }

    /// Finishes what is under way.
    pub(crate) async fn close(self) {
        if let Place::Store(local) = self.place {
            local.close().await;
        }
    }

    /// Sends a request and reads its answer.
    async fn call(&self, mut request: Request) -> Result<Value, Failure> {
        self.caller.add_to(&mut request);
        let answer = match &self.place {
            Place::Server(remote) => remote.send(request).await?,
            Place::Store(local) => local.send(request).await?,
        };
        self.read(&answer)
    }

    fn read(&self, answer: &Answer) -> Result<Value, Failure> {
        let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else {
            return Err(self.not_ours(answer.status));
        };
        if let (Place::Store(_), Some(object)) = (&self.place, body.as_object_mut()) {
            // It leads to a line in the log of a server, and there is none.
            object.remove("request_id");
        }
        match answer.status {
            200..=299 => Ok(body),
            _ if body.is_object() && body.get("code").is_some() => Err(Failure::from_problem(body)),
            status => Err(self.not_ours(status)),
        }
    }

    fn not_ours(&self, status: u16) -> Failure {
        let place = match &self.place {
            Place::Server(remote) => remote.url().to_owned(),
            Place::Store(local) => local.url(),
        };
        Failure::new(
            Exit::Unavailable,
            codes::UNAVAILABLE,
            format!("{place} did not answer as Statehold does (status {status})"),
        )
        .help("check the address; a proxy in front of the server may have answered instead")
    }
}

impl Caller {
    fn add_to(&self, request: &mut Request) {
        if let Some(tenant) = &self.tenant {
            request.headers.push(("statehold-tenant", tenant.clone()));
        }
        if let Some(actor) = &self.actor {
            let json = serde_json::to_string(actor).unwrap_or_default();
            request.headers.push(("statehold-actor", ascii(&json)));
        }
    }
}

/// JSON with everything beyond ASCII escaped, so that it can be a header.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_of_any_alphabet_fits_a_header() {
        let json = r#"{"id":"änn🦀"}"#;
        let escaped = ascii(json);
        assert!(escaped.is_ascii());
        let back: Value = serde_json::from_str(&escaped).expect("still JSON");
        assert_eq!(back["id"], "änn🦀");
    }
}
