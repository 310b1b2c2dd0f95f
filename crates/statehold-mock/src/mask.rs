//! Hides what must not be listed: named fields of bodies and queries, and the headers that carry secrets.
//!
//! Masking happens when a call is recorded, so no later reader can forget it. Replies that quote a
//! masked field still get the real value: the client sent it.

use serde_json::Value;
use statehold_core::MASK;

/// Headers whose values are secrets in every API.
const SECRET_HEADERS: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "api-key",
];

/// The names of fields whose values are hidden, compared without regard to case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mask {
    names: Vec<String>,
}

impl Mask {
    pub(crate) fn new(names: &[String]) -> Mask {
        Mask {
            names: names.iter().map(|name| name.to_lowercase()).collect(),
        }
    }

    /// Whether anything is hidden at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether a field or header of this name is hidden.
    pub(crate) fn hides(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.names.contains(&name)
    }

    /// Whether the value of this header is hidden; `name` is in lower case.
    pub(crate) fn hides_header(&self, name: &str) -> bool {
        SECRET_HEADERS.contains(&name) || self.hides(name)
    }

    /// The value with every hidden field replaced, at any depth. The depth is bounded by what
    /// serde_json parses, and by the limits of mock files.
    pub(crate) fn apply(&self, value: &Value) -> Value {
        match value {
            Value::Object(entries) => {
                let masked = |(name, value): (&String, &Value)| {
                    let value = if self.hides(name) {
                        Value::from(MASK)
                    } else {
                        self.apply(value)
                    };
                    (name.clone(), value)
                };
                Value::Object(entries.iter().map(masked).collect())
            }
            Value::Array(items) => items.iter().map(|item| self.apply(item)).collect(),
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn named_fields_are_hidden_at_any_depth_and_in_any_case() {
        let mask = Mask::new(&["token".to_owned()]);
        let masked =
            mask.apply(&json!({"Token": {"a": 1}, "list": [{"token": null}], "tokens": 2}));
        assert_eq!(
            masked,
            json!({"Token": MASK, "list": [{"token": MASK}], "tokens": 2})
        );
    }

    #[test]
    fn secret_headers_are_hidden_without_being_named() {
        let mask = Mask::new(&["X-Session".to_owned()]);
        assert!(mask.hides_header("authorization"));
        assert!(mask.hides_header("x-session"));
        assert!(!mask.hides_header("content-type"));
    }
}
