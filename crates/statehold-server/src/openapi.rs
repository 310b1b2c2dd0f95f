//! The OpenAPI document: written by hand in `openapi.yaml`, completed with what this server is and knows.
//!
//! Completed means: the release's version, no development routes on other servers, and the schemas of the published
//! machines as components `MACHINE.vN.context` and `MACHINE.vN.event.TYPE`.

use std::sync::LazyLock;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};
use statehold_core::schema::Record;
use statehold_core::{Machine, source};

use crate::api::Answer;
use crate::app::App;
use crate::door::{Caller, NoQuery};

/// Marks a path that exists on development servers only.
const DEV_MARK: &str = "x-statehold-dev";

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    source::parse_yaml(include_str!("../openapi.yaml"))
        .expect("the document that was built in is YAML; a test reads it")
        .to_json()
});

/// The document as it is written, for servers of every kind and without any machine.
#[must_use]
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// `GET /openapi.json`
pub(crate) async fn serve(State(app): State<App>, caller: Caller, _: NoQuery) -> Answer {
    Ok(Json(completed(&app, &caller)).into_response())
}

/// `GET /schema/chart-1.json`
pub(crate) async fn chart_schema(_: NoQuery) -> Answer {
    Ok(Json(statehold_core::chart_schema()).into_response())
}

/// The document of this server for this caller.
pub(crate) fn completed(app: &App, caller: &Caller) -> Value {
    let mut document = DOCUMENT.clone();
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    if app.config.dev.is_none()
        && let Some(paths) = document["paths"].as_object_mut()
    {
        paths.retain(|_, path| path.get(DEV_MARK) != Some(&Value::Bool(true)));
    }
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        for newest in caller.engine.machines() {
            for machine in caller
                .engine
                .machine_versions(&newest.name)
                .unwrap_or_default()
            {
                add_machine(schemas, &machine);
            }
        }
    }
    document
}

fn add_machine(schemas: &mut Map<String, Value>, machine: &Machine) {
    let (name, version) = (&machine.name, machine.version);
    let mut add = |part: &str, title: String, schema: Value, deprecated: bool| {
        let component = component_name(&format!("{name}.v{version}.{part}"));
        let mut schema = schema;
        // References inside a schema lead through itself, so it must be a resource of its own.
        schema["$id"] = json!(format!("urn:statehold:{component}"));
        schema["title"] = json!(title);
        if deprecated {
            schema["deprecated"] = json!(true);
        }
        schemas.insert(component, schema);
    };
    let title = format!("Context of machine {name}, version {version}");
    add(
        "context",
        title,
        machine.context.json_schema(),
        machine.deprecated.is_some(),
    );
    for (event, def) in &machine.events {
        let title = format!("Input of event {event} of machine {name}, version {version}");
        let schema = def
            .input
            .as_ref()
            .map_or_else(no_input, Record::json_schema);
        add(
            &format!("event.{event}"),
            title,
            schema,
            def.deprecated.is_some(),
        );
    }
}

/// What an event without input takes.
fn no_input() -> Value {
    json!({ "type": "object", "properties": {}, "additionalProperties": false })
}

/// Components have names of letters, digits, `.`, `_` and `-`; anything else is written as `-` and its code.
fn component_name(name: &str) -> String {
    let mut component = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            component.push(char::from(byte));
        } else {
            component.push_str(&format!("-{byte:02X}"));
        }
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn component_names_hold_only_what_openapi_allows() {
        assert_eq!(component_name("order.v1.event.pay"), "order.v1.event.pay");
        assert_eq!(
            component_name("order.v1.event.payment.*"),
            "order.v1.event.payment.-2A"
        );
    }

    #[test]
    fn every_reference_of_the_document_leads_somewhere() {
        fn check(value: &Value) {
            match value {
                Value::Object(fields) => {
                    if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                        let pointer = reference.strip_prefix('#').expect("only local references");
                        assert!(document().pointer(pointer).is_some(), "{reference}");
                    }
                    fields.values().for_each(check);
                }
                Value::Array(items) => items.iter().for_each(check),
                _ => {}
            }
        }
        check(document());
    }
}
