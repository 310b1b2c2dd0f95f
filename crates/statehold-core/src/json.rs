//! The door for JSON: what passes here means the same in memory, in SQLite and in PostgreSQL.
//!
//! JSON from callers and from replies is refused where stores would disagree about it or lose part of it: bytes that
//! are not UTF-8, the character U+0000, a key that stands twice, numbers that cannot be kept exactly, nesting that
//! would exhaust a stack. [`canonical`] gives equal values equal bytes, for hashes and comparisons.

mod pointer;
mod scan;

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::codes::{self, Code};
use crate::source::offset_of;

use pointer::pointer_at;
pub(crate) use scan::{FlawKind, float_is_exact, scan};

/// Deepest nesting accepted anywhere, in levels.
pub const MAX_DEPTH: usize = 64;

/// Bounds of a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes.
    pub max_bytes: usize,
    /// Deepest nesting, in levels; more than [`MAX_DEPTH`] counts as that.
    pub max_depth: usize,
}

impl Limits {
    /// This many bytes, and the usual depth.
    #[must_use]
    pub fn bytes(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            max_depth: MAX_DEPTH,
        }
    }
}

/// Why a JSON text was refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (byte {offset}, at {pointer:?})")]
pub struct JsonRefusal {
    /// [`MALFORMED_BODY`](codes::MALFORMED_BODY) or [`BODY_TOO_LARGE`](codes::BODY_TOO_LARGE).
    pub code: Code,
    /// One sentence for people.
    pub message: String,
    /// Where, in bytes of the text.
    pub offset: usize,
    /// JSON pointer of the value in question, as far as the text could be followed.
    pub pointer: String,
}

/// Reads a JSON text that has exactly one meaning everywhere. `-0` is read as `0`.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse_strict(bytes: &[u8], limits: Limits) -> Result<Value, JsonRefusal> {
    if bytes.len() > limits.max_bytes {
        return Err(JsonRefusal {
            code: codes::BODY_TOO_LARGE,
            message: format!(
                "{} bytes are more than the limit of {}",
                bytes.len(),
                limits.max_bytes
            ),
            offset: limits.max_bytes,
            pointer: String::new(),
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        refusal("the text is not UTF-8", &valid, error.valid_up_to())
    })?;
    scan(text, limits.max_depth.min(MAX_DEPTH))
        .map_err(|flaw| refusal(&flaw.message, text, flaw.offset))?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Strict
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| {
            let offset = offset_of(text, error.line(), error.column());
            refusal(&words(&error), text, offset)
        })
}

/// The value with keys sorted, no white space and numbers in one form, so that equal values give equal bytes.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Number(number) => out.push_str(&canonical_number(number)),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(object) => {
            let sorted: BTreeMap<&String, &Value> = object.iter().collect();
            out.push('{');
            for (at, (key, item)) in sorted.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(item, out);
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::String(_) => out.push_str(&value.to_string()),
    }
}

/// `1`, `1.0` and `1e0` are one number; so are `0` and `-0`.
fn canonical_number(number: &Number) -> String {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else {
        return number.to_string();
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked by converting back"
    )]
    let whole = float as i64;
    #[expect(clippy::cast_precision_loss, reason = "this is the check")]
    let same = whole as f64 == float && whole != i64::MAX;
    if same {
        whole.to_string()
    } else {
        // Rust's own shortest form: it does not change with the version of the JSON writer.
        format!("{float:?}")
    }
}

/// What serde_json says, without the place it appends.
pub(crate) fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

fn refusal(message: &str, text: &str, offset: usize) -> JsonRefusal {
    JsonRefusal {
        code: codes::MALFORMED_BODY,
        message: message.to_owned(),
        offset,
        pointer: pointer_at(text, offset),
    }
}

/// Builds a [`Value`], refusing keys that stand twice.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value)
            .map(Value::from)
            .map_err(|_| E::custom("the number is outside the range of 64-bit whole numbers"))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        if value == 0.0 {
            return Ok(Value::from(0));
        }
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("the number is too large"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom("a key stands twice in one object"));
            }
            let value = entries.next_value_seed(Strict)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Value, JsonRefusal> {
        parse_strict(text.as_bytes(), Limits::bytes(1 << 20))
    }

    fn refused(text: &str) -> (String, usize, String) {
        let refusal = read(text).expect_err(text);
        (refusal.message, refusal.offset, refusal.pointer)
    }

    #[test]
    fn a_duplicate_key_is_refused_with_its_place() {
        let (message, offset, pointer) = refused(r#"{"a": [{"b": 1, "b": 2}]}"#);
        assert_eq!(message, "a key stands twice in one object");
        assert_eq!((offset, pointer.as_str()), (18, "/a/0/b"));
    }

    #[test]
    fn a_nul_is_refused_in_text_and_in_keys() {
        assert_eq!(refused(r#"{"a": "x\u0000"}"#).2, "/a");
        assert_eq!(refused(r#"{"\u0000": 1}"#).1, 2);
        assert!(
            read(r#"["\\u0000"]"#).is_ok(),
            "an escaped backslash is no NUL"
        );
        assert!(read("[\"\0\"]").is_err());
    }

    #[test]
    fn numbers_that_lose_value_are_refused() {
        for text in [
            "9223372036854775808",
            "-9223372036854775809",
            "12345678901234567890",
            "1e400",
            "1e100000",
            "1e99999999999999999999",
            "1e-400",
            "0.1000000000000000055511151231257827",
            "123456789012345678.5",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_that_keep_their_value_pass() {
        for text in [
            "0.1",
            "1.10",
            "9223372036854775807",
            "-9223372036854775808",
            "1e22",
            "1.7976931348623157e308",
            "5e-324",
            "0.30000000000000004",
            "1E+2",
            "0e100000",
        ] {
            assert!(read(text).is_ok(), "{text}");
        }
        assert_eq!(
            read("[-0, -0.0, 0.0]").unwrap(),
            serde_json::json!([0, 0, 0])
        );
    }

    #[test]
    fn broken_text_is_refused() {
        assert_eq!(refused("[1, 2] 3").0, "trailing characters");
        assert_eq!(refused("{\"a\": ").0, "EOF while parsing a value");
        assert!(read("").is_err());
        assert!(read(r#""\ud800""#).is_err());
        assert!(read("NaN").is_err());
        let refusal = parse_strict(b"{\"a\": \"\xff\"}", Limits::bytes(100)).unwrap_err();
        assert_eq!((refusal.offset, refusal.pointer.as_str()), (7, "/a"));
    }

    #[test]
    fn bounds_hold_exactly() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(read(&deep(64)).is_ok());
        assert_eq!(refused(&deep(65)).0, "nested deeper than 64 levels");
        let limits = Limits::bytes(4);
        assert!(parse_strict(b"1234", limits).is_ok());
        let refusal = parse_strict(b"12345", limits).unwrap_err();
        assert_eq!(refusal.code, codes::BODY_TOO_LARGE);
    }

    #[test]
    fn equal_values_have_equal_canonical_bytes() {
        let text = canonical(
            &read(r#"{ "b": [1.0, 1e0, -0], "a": {"z": null, "y": "\u00e9\n"} }"#).unwrap(),
        );
        assert_eq!(text, "{\"a\":{\"y\":\"é\\n\",\"z\":null},\"b\":[1,1,0]}");
        assert_eq!(canonical(&read("1e300").unwrap()), "1e300");
        assert_eq!(canonical(&read("0.1").unwrap()), "0.1");
    }
}
