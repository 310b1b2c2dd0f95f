//! Whether a value holds what a test expects of it, and where not.
//!
//! Objects are compared by the fields that are expected: a test says what matters and stays right when a field is
//! added. Lists are compared whole. An expected null is also met by an absent field.

use serde_json::Value;

/// The first place where a value is not as expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// JSON pointer of the place.
    pub pointer: String,
    /// What was expected there.
    pub expected: Value,
    /// What was there; none if nothing was.
    pub found: Option<Value>,
}

/// The first place where `found` does not hold what is expected.
#[must_use]
pub fn first_difference(expected: &Value, found: Option<&Value>) -> Option<Difference> {
    differ(expected, found, String::new())
}

fn differ(expected: &Value, found: Option<&Value>, pointer: String) -> Option<Difference> {
    match (expected, found) {
        (Value::Null, None | Some(Value::Null)) => None,
        (Value::Object(wanted), Some(Value::Object(there))) => {
            wanted.iter().find_map(|(key, value)| {
                let inner = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                differ(value, there.get(key), inner)
            })
        }
        (Value::Array(wanted), Some(Value::Array(there))) if wanted.len() == there.len() => {
            let mut pairs = wanted.iter().zip(there).enumerate();
            pairs.find_map(|(at, (value, there))| {
                differ(value, Some(there), format!("{pointer}/{at}"))
            })
        }
        (Value::Number(a), Some(Value::Number(b))) if a.as_f64() == b.as_f64() => None,
        (expected, Some(there)) if expected == there => None,
        _ => Some(Difference {
            pointer,
            expected: expected.clone(),
            found: found.cloned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_expected_fields_are_looked_at() {
        let found = json!({ "a": 1, "b": { "c": [1, 2], "d": null } });
        for expected in [
            json!({}),
            json!({ "a": 1.0 }),
            json!({ "b": { "c": [1, 2] } }),
            json!({ "x": null, "b": { "d": null } }),
        ] {
            assert_eq!(
                first_difference(&expected, Some(&found)),
                None,
                "{expected}"
            );
        }
    }

    #[test]
    fn a_difference_names_its_place() {
        let found = json!({ "b": { "c": [1, 2] } });
        let place = |expected: Value| {
            first_difference(&expected, Some(&found)).map(|difference| difference.pointer)
        };
        assert_eq!(
            place(json!({ "b": { "c": [1, 3] } })).as_deref(),
            Some("/b/c/1")
        );
        assert_eq!(place(json!({ "b": { "c": [1] } })).as_deref(), Some("/b/c"));
        assert_eq!(place(json!({ "a/b": 1 })).as_deref(), Some("/a~1b"));
    }
}
