//! Frozen requests to the outside world: filled in at commit, never changed afterwards.
//!
//! The address of the destination and secret headers stay names until the moment of sending.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What replaces a sensitive value wherever people read.
pub const MASK: &str = "[masked]";

/// What an effect asks, and of whom, filled in and final.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FrozenRequest {
    /// An HTTP request.
    Http(HttpRequest),
    /// Work for a handler.
    Handler(HandlerRequest),
}

impl FrozenRequest {
    /// The kind's name in rows and answers.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Handler(_) => "handler",
        }
    }

    /// The HTTP request, if it is one.
    #[must_use]
    pub fn http(&self) -> Option<&HttpRequest> {
        match self {
            Self::Http(http) => Some(http),
            Self::Handler(_) => None,
        }
    }

    /// The request as people may see it, without the word for its kind: sensitive values are replaced by [`MASK`].
    #[must_use]
    pub fn shown(self) -> Value {
        let shown = match self {
            Self::Http(http) => serde_json::to_value(http.masked()),
            Self::Handler(handler) => serde_json::to_value(handler.masked()),
        };
        // Both are plain structures with text as keys, which always become JSON.
        shown.unwrap_or(Value::Null)
    }
}

/// Work for a handler: its name and the arguments it gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandlerRequest {
    /// Name of the handler.
    pub handler: String,
    /// The arguments, an object.
    pub input: Value,
    /// JSON pointers into `input` that hold sensitive values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<String>,
}

impl HandlerRequest {
    /// The same request as people may see it: sensitive values replaced by [`MASK`].
    #[must_use]
    pub fn masked(mut self) -> Self {
        for place in std::mem::take(&mut self.sensitive) {
            mask_at(&mut self.input, &place);
        }
        self
    }
}

/// One HTTP request, final but for its destination's address and its key header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpRequest {
    /// Method in capitals.
    pub method: String,
    /// Name of the destination whose configured address comes first, e.g. `PAYMENTS`.
    pub destination: String,
    /// The rest of the address, percent-encoded.
    pub path: String,
    /// Headers in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, FrozenHeader)>,
    /// JSON body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Places that hold sensitive values: JSON pointers into `body`, `path`, or `header:NAME`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<String>,
}

/// Value of a header in a frozen request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FrozenHeader {
    /// As sent.
    Text(String),
    /// Name of a configured value, filled in when the request is sent.
    Env(String),
}

impl HttpRequest {
    /// The same request as people may see it: sensitive values replaced by [`MASK`].
    #[must_use]
    pub fn masked(mut self) -> Self {
        for place in std::mem::take(&mut self.sensitive) {
            if place == "path" {
                self.path = MASK.to_owned();
            } else if let Some(name) = place.strip_prefix("header:") {
                for (_, value) in self.headers.iter_mut().filter(|(n, _)| n == name) {
                    *value = FrozenHeader::Text(MASK.to_owned());
                }
            } else if let Some(body) = &mut self.body {
                mask_at(body, &place);
            }
        }
        self
    }
}

fn mask_at(value: &mut Value, pointer: &str) {
    if let Some(value) = value.pointer_mut(pointer) {
        *value = Value::String(MASK.to_owned());
    }
}

/// The idempotency key of an effect: the same for every attempt, different for every effect ever asked for.
///
/// BLAKE3 over the length-prefixed parts, so that no two lists of parts collide; `sh_` and 40 hexadecimal digits.
#[must_use]
pub fn idempotency_key(
    tenant: &str,
    machine: &str,
    entity: &str,
    event_id: &str,
    effect_path: &str,
) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("statehold effect key v1");
    for part in [tenant, machine, entity, event_id, effect_path] {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    format!("sh_{}", &hasher.finalize().to_hex()[..40])
}
