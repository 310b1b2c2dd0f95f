//! JSON Schemas as tables and words.

use serde_json::Value;

use super::docs::{table, text};
use super::markup::{Element, Html, code, el, link};
use super::prose;

/// References followed in a row, at most: our document needs one.
const REFERENCES_MAX: usize = 8;

const COMPONENT: &str = "#/components/schemas/";

/// Which schemas a section shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Those of the API.
    Ours,
    /// Those of the published charts.
    OfMachines,
}

/// All schemas of a kind.
pub(super) fn section(document: &Value, kind: Kind) -> Html {
    let (id, title, words) = match kind {
        Kind::Ours => ("schemas", "Schemas", "What bodies are made of."),
        Kind::OfMachines => (
            "machines",
            "Published charts",
            "What the machines on this server take: the context of each version, and the input of each event.",
        ),
    };
    let schemas = document["components"]["schemas"].as_object();
    let mut shown: Vec<Html> = schemas
        .into_iter()
        .flatten()
        // Only the schemas of machines are resources of their own.
        .filter(|(_, schema)| schema.get("$id").is_some() == (kind == Kind::OfMachines))
        .map(|(name, schema)| article(document, name, schema))
        .collect();
    if shown.is_empty() {
        shown.push(el("p").child("There are none yet.").into());
    }
    el("section")
        .attr("id", id)
        .child(el("h2").child(title))
        .child(el("p").child(words))
        .children(shown)
        .into()
}

fn article(document: &Value, name: &str, schema: &Value) -> Html {
    let mut heading = el("h3").child(name);
    if schema["deprecated"] == Value::Bool(true) {
        heading = heading.child(" ").child(el("small").child("deprecated"));
    }
    el("article")
        .attr("id", &format!("schema-{name}"))
        .attr("class", "schema")
        .child(heading)
        .child(prose::blocks(text(&schema["description"])))
        .child(fields(document, schema))
        .child(bounds(schema))
        .into()
}

/// The fields of an object schema, those it takes over among them, as a table.
pub(super) fn fields(document: &Value, schema: &Value) -> Html {
    let mut rows = Vec::new();
    collect(document, schema, REFERENCES_MAX, &mut rows);
    if rows.is_empty() {
        let closed = schema["additionalProperties"] == Value::Bool(false);
        return if closed {
            el("p").child("Takes nothing.").into()
        } else {
            Html::default()
        };
    }
    table(&["Field", "Type", ""], rows)
}

fn collect(document: &Value, schema: &Value, depth: usize, rows: &mut Vec<Element>) {
    let schema = resolve(document, schema);
    if depth > 0 {
        for part in schema["allOf"].as_array().into_iter().flatten() {
            collect(document, part, depth - 1, rows);
        }
    }
    let required = schema["required"].as_array();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let required = required.is_some_and(|names| names.iter().any(|n| n == name));
        rows.push(row(document, name, field, required));
    }
}

fn row(document: &Value, name: &str, field: &Value, required: bool) -> Element {
    let mut title = code(name);
    if !required {
        title.push(el("span").attr("class", "optional").child(" optional"));
    }
    let mut words = text(&field["description"]);
    if words.is_empty() {
        words = text(&resolve(document, field)["description"]);
    }
    el("tr")
        .child(el("td").child(title))
        .child(el("td").child(type_words(field)))
        .child(
            el("td")
                .child(prose::inline(words.trim()))
                .child(bounds(field)),
        )
}

/// The type in a few words, with links to named ones.
pub(super) fn type_words(schema: &Value) -> Html {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|r| r.strip_prefix(COMPONENT))
    {
        return link(&format!("#schema-{name}"), name);
    }
    if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        return joined(choices.iter().map(type_words), " or ");
    }
    if let Some(value) = schema.get("const") {
        return code(&value.to_string());
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => {
            Html::from("list of ").and(type_words(&schema["items"]))
        }
        Value::String(kind) if kind == "object" && schema["properties"]["items"].is_object() => {
            Html::from("items: ").and(type_words(&schema["properties"]["items"]))
        }
        Value::String(kind) => match schema["format"].as_str() {
            Some(format) => format!("{kind} ({format})").into(),
            None => kind.into(),
        },
        Value::Array(kinds) => joined(kinds.iter().map(|kind| Html::from(text(kind))), " or "),
        _ => "any".into(),
    }
}

/// What else a schema demands: choices, limits, default.
pub(super) fn bounds(schema: &Value) -> Html {
    let mut notes = Vec::new();
    if let Some(choices) = schema["enum"].as_array() {
        notes.push(Html::from("one of ").and(joined(choices.iter().map(value_words), ", ")));
    }
    let limits = [
        ("minimum", "at least "),
        ("maximum", "at most "),
        ("pattern", "pattern "),
        ("default", "default "),
    ];
    for (key, words) in limits {
        if let Some(value) = schema.get(key).filter(|value| !is_edge(value)) {
            notes.push(Html::from(words).and(value_words(value)));
        }
    }
    if schema["sensitive"] == Value::Bool(true) {
        notes.push("sensitive: masked wherever people look".into());
    }
    if notes.is_empty() {
        return Html::default();
    }
    el("div")
        .attr("class", "bounds")
        .child(joined(notes, "; "))
        .into()
}

/// The limits of 64-bit whole numbers go without saying.
fn is_edge(value: &Value) -> bool {
    matches!(value.as_i64(), Some(i64::MIN | i64::MAX))
}

/// Follows references within the document.
pub(super) fn resolve<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let mut value = value;
    for _ in 0..REFERENCES_MAX {
        let target = value["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
        match target.and_then(|pointer| document.pointer(pointer)) {
            Some(found) => value = found,
            None => break,
        }
    }
    value
}

/// JSON on several lines.
pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn value_words(value: &Value) -> Html {
    match value {
        Value::String(text) => code(text),
        other => code(&other.to_string()),
    }
}

fn joined(pieces: impl IntoIterator<Item = Html>, separator: &str) -> Html {
    let mut html = Html::default();
    for piece in pieces {
        if !html.is_empty() {
            html.push(separator);
        }
        html.push(piece);
    }
    html
}
