//! The kinds of mapping a chart has, and what holds between their keys.

use serde_json::{Value, json};

use super::super::keys::{
    ACTION, CHART, DEPRECATION, EFFECT, EVENT, FIELD, GUARD, INITIAL, INVARIANT, INVOKE, REQUEST,
    RETRY, STATE, TIMER, TRANSITION,
};

/// Name of the definition of each kind.
pub(super) const PLACES: &[(&str, &str)] = &[
    ("chart", CHART),
    ("state", STATE),
    ("transition", TRANSITION),
    ("timer", TIMER),
    ("invoke", INVOKE),
    ("action", ACTION),
    ("initial", INITIAL),
    ("guard", GUARD),
    ("invariant", INVARIANT),
    ("event", EVENT),
    ("field", FIELD),
    ("effect", EFFECT),
    ("request", REQUEST),
    ("retry", RETRY),
    ("deprecation", DEPRECATION),
];

pub(super) fn words(place: &str) -> &'static str {
    match place {
        CHART => "One machine: what its entities are, where they begin and how they move.",
        STATE => "A state: what happens while an entity is in it, and what leads out.",
        TRANSITION => {
            "What an event does: where it leads, under which condition, with which actions."
        }
        TIMER => "A timer of a state, and the transition it causes.",
        INVOKE => "An effect that is asked for on entering and belongs to the state.",
        ACTION => "One thing to do: `assign`, `raise`, `effect` or `if`.",
        INITIAL => "Where a compound state begins, with actions on the way.",
        GUARD => "A condition with the words that a refused caller reads.",
        INVARIANT => "A condition that holds after every step.",
        EVENT => "A declared event: what it brings and who may fire it.",
        FIELD => "A field: one of the type names with a default, or JSON Schema.",
        EFFECT => "A call to the outside world, written down before it is made.",
        REQUEST => "The HTTP request of an effect; text may hold `${CEL}`.",
        RETRY => "Which failures are tried again, how often and how far apart.",
        _ => "How something is on its way out.",
    }
}

/// What holds between the keys of one mapping.
pub(super) fn rules(place: &str) -> Value {
    match place {
        CHART => {
            json!({ "required": ["statehold", "machine", "version", "states"], "allOf": [initial_rule()] })
        }
        STATE => state_rules(),
        TIMER => json!({
            "oneOf": [{ "required": ["delay"] }, { "required": ["at"] }, { "required": ["cron"] }],
            "dependentRequired": { "tz": ["cron"] },
        }),
        INVOKE => json!({ "required": ["effect"] }),
        ACTION => action_rules(),
        INITIAL => json!({ "required": ["target"] }),
        GUARD => json!({ "required": ["if"] }),
        INVARIANT => json!({ "required": ["check"] }),
        EFFECT => json!({
            "oneOf": [{ "required": ["http"] }, { "required": ["handler"] }],
            "dependentSchemas": { "handler": { "properties": { "ok": false, "refused": false } } },
        }),
        REQUEST => json!({
            "required": ["method", "url"],
            "if": { "properties": { "method": { "enum": ["GET", "HEAD"] } }, "required": ["method"] },
            "then": { "properties": { "body": false } },
        }),
        _ => json!({}),
    }
}

/// A state with states inside begins in one of them, unless all of them are active.
fn initial_rule() -> Value {
    json!({
        "if": { "properties": { "type": { "const": "parallel" } }, "required": ["type"] },
        "then": { "properties": { "initial": false } },
        "else": { "if": { "required": ["states"] }, "then": { "required": ["initial"] } },
    })
}

fn state_rules() -> Value {
    let refused = |keys: &[&str]| -> Value {
        let keys = keys
            .iter()
            .map(|key| ((*key).to_owned(), Value::Bool(false)));
        json!({ "properties": Value::Object(keys.collect()) })
    };
    let of_type = |kind: &str, then: Value| {
        json!({
            "if": { "properties": { "type": { "const": kind } }, "required": ["type"] },
            "then": then,
        })
    };
    let inside = json!({ "required": ["states"] });
    json!({
        "allOf": [
            initial_rule(),
            of_type("final", refused(&["initial", "states", "on", "always", "after", "invoke", "onDone", "target", "history"])),
            of_type("history", refused(&["initial", "states", "on", "always", "after", "entry", "exit", "invoke", "onDone", "output"])),
            of_type("parallel", inside.clone()),
            of_type("compound", inside),
            { "if": { "not": { "properties": { "type": { "const": "history" } }, "required": ["type"] } },
              "then": refused(&["target", "history"]) },
        ],
        "dependentRequired": { "initial": ["states"], "onDone": ["states"] },
    })
}

fn action_rules() -> Value {
    json!({
        "oneOf": [
            { "required": ["assign"] },
            { "required": ["raise"] },
            { "required": ["effect"] },
            { "required": ["if"] },
        ],
        "dependentRequired": { "if": ["then"], "then": ["if"], "else": ["if"] },
        "dependentSchemas": { "input": { "anyOf": [{ "required": ["raise"] }, { "required": ["effect"] }] } },
    })
}
