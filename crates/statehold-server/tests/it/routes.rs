//! The router and the document are about the same addresses.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use statehold_server::{Scope, document, route_list};

use crate::support::Api;

#[test]
fn the_document_describes_exactly_the_routes() {
    let routed: BTreeSet<(String, String)> = route_list()
        .map(|(method, path, _)| (path.to_owned(), method.to_owned()))
        .collect();
    let mut described = BTreeSet::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for key in item
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| !key.starts_with("x-") && *key != "parameters")
        {
            described.insert((path.clone(), key.clone()));
        }
    }
    assert_eq!(routed, described);
}

#[test]
fn the_document_marks_exactly_the_development_routes() {
    for (_, path, scope) in route_list() {
        let marked = document()["paths"][path]["x-statehold-dev"] == json!(true);
        assert_eq!(marked, scope == Scope::Dev, "{path}");
    }
}

#[tokio::test]
async fn an_unknown_address_is_a_problem() {
    let api = Api::new().await;
    for path in [
        "/v1",
        "/v1/",
        "/v1/machine",
        "/v2/machines",
        "/v1/machines/",
        "/docs/",
        "/v1/dev/clock",
    ] {
        let reply = api.get(path).send().await;
        assert_eq!(reply.problem(), (404, "SH0403", ""), "{path}");
        assert!(reply.detail().contains(path));
    }
}

#[tokio::test]
async fn a_wrong_method_is_a_problem_that_says_what_is_allowed() {
    let api = Api::new().await;
    let cases = [
        (Method::DELETE, "/v1/machines", "GET,HEAD,POST"),
        (Method::PUT, "/v1/machines/parcel/entities/p-1", "GET,HEAD"),
        (
            Method::GET,
            "/v1/machines/parcel/entities/p-1/events",
            "POST",
        ),
        (Method::OPTIONS, "/v1/status", "GET,HEAD"),
    ];
    for (method, path, allowed) in cases {
        let reply = api.call(method, path).send().await;
        assert_eq!(reply.problem(), (405, "SH0407", ""), "{path}");
        assert_eq!(reply.header("allow"), allowed, "{path}");
    }
}

#[tokio::test]
async fn an_unknown_query_parameter_is_refused_with_the_known_ones() {
    let api = Api::with(crate::development::config()).await;
    api.parcel("p-1").await;
    for (method, template, _) in route_list() {
        let item = &document()["paths"][template];
        let mut known = parameters(&item[method], "query");
        known.sort_unstable();
        let path = template
            .replace("{machine}", "parcel")
            .replace("{id}", "p-1");
        let path = path.replace("{version}", "1").replace("{code}", "SH0201");
        if ["/healthz", "/readyz"].contains(&template) {
            // Probes add what they like.
            let reply = api.get(&format!("{path}?verbose")).send().await;
            reply.expect(StatusCode::OK);
            continue;
        }
        let method = method.to_uppercase().parse().unwrap();
        let reply = api
            .call(method, &format!("{path}?stat=x"))
            .body("application/json", "{}")
            .send()
            .await;
        assert_eq!(reply.problem(), (400, "SH0406", ""), "{path}");
        let mut named: Vec<&str> = reply.body["known"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        named.sort_unstable();
        assert_eq!(named, known, "{path}");
        assert!(reply.detail().contains("`stat`"));
    }
}

fn parameters<'d>(operation: &'d Value, place: &str) -> Vec<&'d str> {
    let list = operation["parameters"].as_array();
    list.into_iter()
        .flatten()
        .map(|parameter| match parameter["$ref"].as_str() {
            Some(reference) => document().pointer(&reference[1..]).unwrap(),
            None => parameter,
        })
        .filter(|parameter| parameter["in"] == place)
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect()
}

#[test]
fn the_documents_examples_fit_their_schemas() {
    fn walk(value: &Value, place: &str, seen: &mut usize) {
        if let (Some(schema), Some(example)) = (value.get("schema"), value.get("example")) {
            crate::contract::check_value(schema, example, place);
            *seen += 1;
        }
        match value {
            Value::Object(fields) => {
                fields
                    .iter()
                    .for_each(|(key, value)| walk(value, &format!("{place}/{key}"), seen));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, place, seen)),
            _ => {}
        }
    }
    let mut seen = 0;
    walk(document(), "", &mut seen);
    assert!(seen > 15, "{seen} examples");
}
