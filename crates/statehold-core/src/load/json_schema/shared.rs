//! Parts of the schema that stand in several places: names, targets, expressions, lengths of time.

use serde_json::{Map, Value, json};

use super::super::{MAX_EVENT_BYTES, MAX_NAME_BYTES};

/// A letter or `_`, then letters, digits and `_`.
pub(super) const IDENTIFIER: &str = "^[A-Za-z_][A-Za-z0-9_]*$";

/// `48h`, `1h30m`, `P14D`: units from large to small. That at least one is there is a matter of length.
const DURATION: &str = r"^(?:P(?:[0-9]+W)?(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?|(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?(?:[0-9]+ms)?(?:[0-9]+us)?)$";

/// Words of letters, digits, `_` and `-` with dots between them.
const EVENT: &str = r"^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$";

/// An event, everything below a name (`payment.*`), or everything.
const DESCRIPTOR: &str = r"^(?:\*|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(?:\.\*)?)$";

/// A reference to a definition.
pub(super) fn of(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// One of these, or a list of them.
pub(super) fn one_or_many(one: &Value) -> Value {
    json!({ "anyOf": [one, { "type": "array", "items": one }] })
}

/// A mapping whose keys the author chooses.
pub(super) fn named(values: &Value) -> Value {
    json!({ "type": "object", "propertyNames": of("name"), "additionalProperties": values })
}

/// Text for people.
pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

/// Anything: no one looks at it.
pub(super) fn anything() -> Value {
    json!({})
}

pub(super) fn definitions() -> Map<String, Value> {
    let definitions = json!({
        "name": { "type": "string", "pattern": IDENTIFIER, "maxLength": MAX_NAME_BYTES },
        "event_name": { "type": "string", "pattern": EVENT, "maxLength": MAX_EVENT_BYTES },
        "descriptor": { "type": "string", "pattern": DESCRIPTOR, "maxLength": MAX_EVENT_BYTES + 2 },
        "duration": { "type": "string", "pattern": DURATION, "minLength": 2 },
        "backoff": { "type": "string", "pattern": r"^[0-9A-Za-z.]+(?:\.\.[0-9A-Za-z.]+)?$", "minLength": 2 },
        "condition": { "type": ["string", "boolean"] },
        "target": {
            "anyOf": [
                { "type": "string", "minLength": 1 },
                { "type": "array", "items": { "type": "string", "minLength": 1 }, "minItems": 1 },
            ],
        },
        "guarded": { "anyOf": [of("condition"), of("guard")] },
        "candidate": { "anyOf": [{ "type": "string", "minLength": 1 }, of("transition")] },
        "candidates": {
            "anyOf": [
                { "type": "string", "minLength": 1 },
                of("transition"),
                { "type": "array", "items": of("candidate"), "minItems": 1 },
            ],
        },
        "actions": one_or_many(&of("action")),
        "effect_uses": one_or_many(&json!({ "anyOf": [of("name"), of("action")] })),
        "assignments": named(&anything()),
        "arguments": { "type": "object" },
        "fields": {
            "type": "object",
            "propertyNames": { "pattern": r"^[A-Za-z_][A-Za-z0-9_]*\??$" },
            "additionalProperties": { "anyOf": [of("type_name"), of("field")] },
        },
        "type_name": { "enum": ["string", "integer", "number", "boolean", "timestamp", "duration", "list", "object"] },
        "inner_schema": { "anyOf": [{ "type": "string" }, { "type": "boolean" }, of("field")] },
        "state_map": {
            "type": "object",
            "propertyNames": { "allOf": [of("name")], "not": { "const": "any" } },
            "additionalProperties": of("state"),
        },
        "timers": {
            "anyOf": [
                { "type": "object", "propertyNames": of("duration"), "additionalProperties": of("candidates") },
                { "type": "array", "items": of("timer") },
            ],
        },
        "transitions": {
            "type": "object",
            "propertyNames": of("descriptor"),
            "additionalProperties": of("candidates"),
        },
        "invokes": one_or_many(&json!({ "anyOf": [of("name"), of("invoke")] })),
        "begin": { "anyOf": [of("target"), of("initial")] },
        "unhandled": { "enum": ["reject", "ignore", "defer"] },
    });
    match definitions {
        Value::Object(definitions) => definitions,
        _ => Map::new(),
    }
}
