//! What editors show for the keys of fields, declared events and deprecations.

use serde_json::{Value, json};

use super::super::keys::{DEPRECATION, EVENT, FIELD};
use super::shared::{anything, of, text};
use super::{Doc, doc};

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn number() -> Value {
    json!({ "type": "number" })
}

fn schemas() -> Value {
    json!({ "type": "object", "additionalProperties": of("inner_schema") })
}

fn several() -> Value {
    json!({ "type": "array", "items": of("inner_schema"), "minItems": 1 })
}

pub(super) const DOCS: &[Doc] = &[
    doc(
        EVENT,
        "input",
        || of("fields"),
        "What the event brings: a type for each field. Other fields are refused. Without it the event takes no input.",
        || json!([{ "tracking": "string", "reason?": "string" }]),
    ),
    doc(
        EVENT,
        "authorize",
        || of("condition"),
        "Who may fire the event, beside the rule of the chart.",
        || json!(["has_role('warehouse')"]),
    ),
    doc(
        EVENT,
        "unhandled",
        || of("unhandled"),
        "What becomes of this event when no transition takes it, in place of the rule of the chart.",
        || json!(["defer"]),
    ),
    doc(EVENT, "label", text, "Name for people.", || {
        json!(["Ship the parcel"])
    }),
    doc(
        EVENT,
        "description",
        text,
        "Words for people. Markdown is welcome.",
        || json!(["The carrier has taken it."]),
    ),
    doc(
        EVENT,
        "deprecated",
        || of("deprecation"),
        "Says that the event is on its way out, and what to use instead.",
        || json!([{ "since": 2, "use": "cancel" }]),
    ),
    doc(
        EVENT,
        "meta",
        anything,
        "Free data that nobody looks at.",
        || json!([{ "topic": "orders" }]),
    ),
    doc(
        DEPRECATION,
        "since",
        || json!({ "type": "integer", "minimum": 1 }),
        "Version of the machine in which it began.",
        || json!([2]),
    ),
    doc(DEPRECATION, "use", text, "What to use instead.", || {
        json!(["cancel"])
    }),
    doc(
        FIELD,
        "type",
        || json!({ "anyOf": [of("type_name"), { "enum": ["array", "null"] }, { "type": "array", "items": { "type": "string" } }] }),
        "The type: `string`, `integer`, `number`, `boolean`, `timestamp`, `duration`, `list` or `object`.",
        || json!(["integer", "timestamp"]),
    ),
    doc(
        FIELD,
        "default",
        anything,
        "The value if it is left out. It must fit the field itself.",
        || json!(["EUR", 0]),
    ),
    doc(
        FIELD,
        "sensitive",
        || json!({ "type": "boolean", "default": false }),
        "Masked wherever people look: in the log, the API, attempts and effects.",
        || json!([true]),
    ),
    doc(FIELD, "description", text, "Words for people.", || {
        json!(["In minor units."])
    }),
    doc(FIELD, "title", text, "Name for people.", || {
        json!(["Total"])
    }),
    doc(
        FIELD,
        "enum",
        || json!({ "type": "array", "minItems": 1 }),
        "The only values it may have.",
        || json!([["basic", "pro"]]),
    ),
    doc(
        FIELD,
        "const",
        anything,
        "The only value it may have.",
        || json!(["EUR"]),
    ),
    doc(
        FIELD,
        "format",
        text,
        "Format of a text, as JSON Schema names it.",
        || json!(["email", "date"]),
    ),
    doc(
        FIELD,
        "pattern",
        text,
        "Regular expression that a text must match.",
        || json!(["^[A-Z]{3}$"]),
    ),
    doc(
        FIELD,
        "minLength",
        count,
        "Fewest characters of a text.",
        || json!([1]),
    ),
    doc(
        FIELD,
        "maxLength",
        count,
        "Most characters of a text.",
        || json!([200]),
    ),
    doc(
        FIELD,
        "minimum",
        number,
        "The least number it may be.",
        || json!([0]),
    ),
    doc(
        FIELD,
        "maximum",
        number,
        "The greatest number it may be.",
        || json!([100]),
    ),
    doc(
        FIELD,
        "exclusiveMinimum",
        number,
        "A number that it must exceed.",
        || json!([0]),
    ),
    doc(
        FIELD,
        "exclusiveMaximum",
        number,
        "A number that it must stay below.",
        || json!([100]),
    ),
    doc(
        FIELD,
        "multipleOf",
        || json!({ "type": "number", "exclusiveMinimum": 0 }),
        "A number that it must divide by.",
        || json!([5]),
    ),
    doc(
        FIELD,
        "items",
        || of("inner_schema"),
        "What the elements of a list are: a type name or a schema.",
        || json!(["string", { "type": "object", "properties": { "sku": "string" } }]),
    ),
    doc(
        FIELD,
        "prefixItems",
        || json!({ "type": "array", "items": of("inner_schema") }),
        "What the first elements of a list are, one by one.",
        || json!([["string", "integer"]]),
    ),
    doc(
        FIELD,
        "contains",
        || of("inner_schema"),
        "A schema that some element of the list must fit.",
        || json!([{ "const": "main" }]),
    ),
    doc(
        FIELD,
        "minContains",
        count,
        "How many elements must fit `contains` at least.",
        || json!([1]),
    ),
    doc(
        FIELD,
        "maxContains",
        count,
        "How many elements may fit `contains` at most.",
        || json!([1]),
    ),
    doc(
        FIELD,
        "minItems",
        count,
        "Fewest elements of a list.",
        || json!([1]),
    ),
    doc(FIELD, "maxItems", count, "Most elements of a list.", || {
        json!([100])
    }),
    doc(
        FIELD,
        "uniqueItems",
        || json!({ "type": "boolean", "default": false }),
        "Whether no element may stand twice in the list.",
        || json!([true]),
    ),
    doc(
        FIELD,
        "properties",
        schemas,
        "The fields of an object: a type name or a schema for each.",
        || json!([{ "sku": "string", "price": "integer" }]),
    ),
    doc(
        FIELD,
        "required",
        || json!({ "type": "array", "items": { "type": "string" } }),
        "The fields that an object must have.",
        || json!([["sku"]]),
    ),
    doc(
        FIELD,
        "additionalProperties",
        || of("inner_schema"),
        "What fields of an object may be that are not named; `false` allows none.",
        || json!([false]),
    ),
    doc(
        FIELD,
        "patternProperties",
        schemas,
        "Fields of an object by a regular expression over their names.",
        || json!([{ "^x_": "string" }]),
    ),
    doc(
        FIELD,
        "propertyNames",
        || of("inner_schema"),
        "A schema for the names of the fields of an object.",
        || json!([{ "pattern": "^[a-z]+$" }]),
    ),
    doc(
        FIELD,
        "minProperties",
        count,
        "Fewest fields of an object.",
        || json!([1]),
    ),
    doc(
        FIELD,
        "maxProperties",
        count,
        "Most fields of an object.",
        || json!([10]),
    ),
    doc(
        FIELD,
        "dependentRequired",
        || json!({ "type": "object", "additionalProperties": { "type": "array", "items": { "type": "string" } } }),
        "Fields that must be there if another one is.",
        || json!([{ "card": ["holder"] }]),
    ),
    doc(
        FIELD,
        "dependentSchemas",
        schemas,
        "Schemas that the object must fit if a field is there.",
        || json!([{ "card": { "required": ["holder"] } }]),
    ),
    doc(
        FIELD,
        "allOf",
        several,
        "Schemas that all must fit.",
        || json!([[{ "minimum": 0 }, { "maximum": 9 }]]),
    ),
    doc(
        FIELD,
        "anyOf",
        several,
        "Schemas of which at least one must fit.",
        || json!([[{ "type": "string" }, { "type": "integer" }]]),
    ),
    doc(
        FIELD,
        "oneOf",
        several,
        "Schemas of which exactly one must fit.",
        || json!([[{ "type": "string" }, { "type": "integer" }]]),
    ),
    doc(
        FIELD,
        "not",
        || of("inner_schema"),
        "A schema that must not fit.",
        || json!([{ "const": "" }]),
    ),
    doc(
        FIELD,
        "if",
        || of("inner_schema"),
        "A schema that decides between `then` and `else`.",
        || json!([{ "required": ["card"] }]),
    ),
    doc(
        FIELD,
        "then",
        || of("inner_schema"),
        "The schema that must fit if that of `if` does.",
        || json!([{ "required": ["holder"] }]),
    ),
    doc(
        FIELD,
        "else",
        || of("inner_schema"),
        "The schema that must fit if that of `if` does not.",
        || json!([{ "required": ["iban"] }]),
    ),
    doc(
        FIELD,
        "examples",
        || json!({ "type": "array" }),
        "Values for people to look at.",
        || json!([["EUR", "USD"]]),
    ),
    doc(
        FIELD,
        "$defs",
        schemas,
        "Schemas that `$ref` refers to.",
        || json!([{ "line": { "type": "object" } }]),
    ),
    doc(
        FIELD,
        "$ref",
        || json!({ "type": "string", "pattern": "^#" }),
        "A reference to one of `$defs`; it never leaves the field.",
        || json!(["#/$defs/line"]),
    ),
    doc(FIELD, "$comment", text, "Words for authors.", || {
        json!(["see the contract with the bank"])
    }),
];
