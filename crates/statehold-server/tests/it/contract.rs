//! Holds answers to the OpenAPI document: the status is described, and the body fits the schema described for it,
//! without a field that the document does not know.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use axum::http::Method;
use serde_json::{Map, Value, json};
use statehold_server::{document, route_list};

use crate::support::Reply;

/// Compiled schemas by their text: compiling takes longer than a whole request.
static VALIDATORS: LazyLock<Mutex<BTreeMap<String, jsonschema::Validator>>> =
    LazyLock::new(Mutex::default);

/// Panics if the answer is not as documented.
#[track_caller]
pub(crate) fn check(method: &Method, path: &str, reply: &Reply) {
    let Some(described) = described(method, path, reply) else {
        // No such route: then it is a problem like any other.
        let problem = json!({"$ref": "#/components/schemas/Problem"});
        return check_value(&problem, &reply.body, &format!("{method} {path}"));
    };
    let place = format!("{method} {path} {}", reply.status);
    let contents = described["content"].as_object();
    if method == Method::HEAD {
        return assert_eq!(reply.text, "", "{place}: HEAD has no body");
    }
    let kind = reply
        .headers
        .get("content-type")
        .map_or("", |kind| kind.to_str().unwrap());
    let kind = kind.split(';').next().unwrap();
    match contents {
        None => assert_eq!(reply.text, "", "{place}: a body is not described"),
        Some(contents) => {
            let content = contents
                .get(kind)
                .unwrap_or_else(|| panic!("{place}: `{kind}` is not described"));
            if kind.ends_with("json") {
                check_value(&content["schema"], &reply.body, &place);
            }
        }
    }
    for (name, header) in described["headers"].as_object().into_iter().flatten() {
        let optional = header.get("required") != Some(&Value::Bool(true));
        assert!(
            optional || reply.headers.contains_key(name),
            "{place}: header {name} is missing"
        );
    }
}

/// Panics if the value does not fit a schema of the document.
#[track_caller]
pub(crate) fn check_value(schema: &Value, value: &Value, place: &str) {
    let closed = closed(schema);
    let text = closed.to_string();
    let mut validators = VALIDATORS
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let validator = validators.entry(text).or_insert_with(|| {
        jsonschema::draft202012::new(&closed).expect("a schema of the document")
    });
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{place}: {errors:#?}\n{value:#}");
}

/// The description of an answer, none if there is no such route.
fn described(method: &Method, path: &str, reply: &Reply) -> Option<Value> {
    let method = if method == Method::HEAD {
        "get".to_owned()
    } else {
        method.as_str().to_lowercase()
    };
    let (_, template, _) =
        route_list().find(|(m, template, _)| *m == method && fits(template, path))?;
    let responses = &document()["paths"][template][&method]["responses"];
    let status = reply.status.as_str();
    let response = responses.get(status).or_else(|| {
        // Successes are described one by one.
        let described = reply.status.is_client_error() || reply.status.is_server_error();
        described.then(|| &responses["default"])
    });
    let response = response.unwrap_or_else(|| panic!("{method} {path}: {status} is not described"));
    Some(resolve(response).clone())
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(path)
            .all(|(t, p)| t == &p || (t.starts_with('{') && !p.is_empty()))
}

fn resolve(value: &Value) -> &Value {
    match value["$ref"].as_str() {
        Some(reference) => document()
            .pointer(&reference[1..])
            .expect("references lead somewhere"),
        None => value,
    }
}

/// The schema with references written out and every object closed.
fn closed(schema: &Value) -> Value {
    let Value::Object(fields) = resolve(schema) else {
        return schema.clone();
    };
    let mut closed = Map::new();
    for (key, value) in fields {
        let value = match key.as_str() {
            "properties" => each(value),
            "items" | "additionalProperties" if value.is_object() => self::closed(value),
            "oneOf" | "anyOf" => value.as_array().unwrap().iter().map(self::closed).collect(),
            "allOf" | "example" | "description" => continue,
            _ => value.clone(),
        };
        closed.insert(key.clone(), value);
    }
    for part in fields
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        take_over(&mut closed, &self::closed(part));
    }
    if closed.contains_key("properties") && !closed.contains_key("additionalProperties") {
        closed.insert("additionalProperties".to_owned(), json!(false));
    }
    Value::Object(closed)
}

fn each(properties: &Value) -> Value {
    let properties = properties.as_object().unwrap();
    properties
        .iter()
        .map(|(name, schema)| (name.clone(), closed(schema)))
        .collect()
}

/// Adds the properties and requirements of another object schema.
fn take_over(schema: &mut Map<String, Value>, other: &Value) {
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    for (name, property) in other["properties"].as_object().into_iter().flatten() {
        properties[name] = property.clone();
    }
    let required = schema.entry("required").or_insert_with(|| json!([]));
    let more = other["required"].as_array().cloned().unwrap_or_default();
    required.as_array_mut().unwrap().extend(more);
}
