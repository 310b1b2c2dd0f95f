//! What the door refuses of a body, and that nothing is changed by it.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use statehold_engine::EVENT_BYTES_MAX;
use statehold_server::AppConfig;

use crate::support::{Api, Reply};

const EVENTS: &str = "/v1/machines/parcel/entities/p-1/events";

/// Sends a body to an entity, and checks that nothing has changed.
async fn send(kind: &str, body: impl Into<Vec<u8>>) -> Reply {
    let api = Api::new().await;
    api.parcel("p-1").await;
    let before = api.portrait("p-1").await;
    let reply = api.call(Method::POST, EVENTS).body(kind, body).send().await;
    assert_eq!(api.portrait("p-1").await, before);
    reply
}

async fn json_problem(body: impl Into<Vec<u8>>) -> Reply {
    let reply = send("application/json", body).await;
    assert_eq!(reply.problem(), (400, "SH0401", ""), "{}", reply.text);
    reply
}

#[tokio::test]
async fn a_malformed_body_is_refused_with_its_place() {
    for (body, offset) in [
        ("", 0),
        ("{", 1),
        ("{\"type\": }", 9),
        ("{\"type\": \"cancel\"} x", 19),
        ("nonsense", 1),
    ] {
        let reply = json_problem(body).await;
        assert!(
            reply.body["offset"].as_u64().unwrap().abs_diff(offset) <= 1,
            "{body}: {}",
            reply.text
        );
    }
    json_problem(b"{\"type\": \"\xff\"}".to_vec()).await;
}

#[tokio::test]
async fn a_duplicate_key_is_refused_with_its_place() {
    let reply = json_problem(r#"{"type": "pack", "input": {"boxes": 1, "boxes": 2}}"#).await;
    assert_eq!(reply.body["pointer"], "/input/boxes");
    assert!(reply.detail().contains("twice"));
    json_problem(r#"{"type": "pack", "type": "cancel"}"#).await;
}

#[tokio::test]
async fn a_number_that_would_lose_digits_is_refused() {
    for number in [
        "1e400",
        "9223372036854775808",
        "0.1000000000000000055511151231257827",
        "1e100000",
    ] {
        let reply = json_problem(format!(
            r#"{{"type": "pack", "input": {{"boxes": {number}}}}}"#
        ))
        .await;
        assert_eq!(reply.body["pointer"], "/input/boxes", "{number}");
    }
}

#[tokio::test]
async fn a_nul_is_refused() {
    let reply = json_problem(r#"{"type": "pack", "input": {"boxes": "\u0000"}}"#).await;
    assert_eq!(reply.body["pointer"], "/input/boxes");
}

#[tokio::test]
async fn nesting_has_a_bound() {
    let deep = format!(
        r#"{{"type": "pack", "input": {}1{}}}"#,
        "[".repeat(64),
        "]".repeat(64)
    );
    assert!(json_problem(deep).await.detail().contains("nested deeper"));
}

#[tokio::test]
async fn unknown_fields_are_refused_with_the_known_ones() {
    let reply = json_problem(r#"{"type": "cancel", "inputs": {}}"#).await;
    assert_eq!(reply.body["pointer"], "/inputs");
    assert_eq!(reply.body["known"], json!(["type", "input", "id"]));
    assert!(reply.detail().contains("`type`, `input` and `id`"));
}

#[tokio::test]
async fn fields_of_the_wrong_type_are_refused() {
    for (body, pointer) in [
        ("[]", ""),
        ("null", ""),
        ("{}", ""),
        (r#"{"type": null}"#, ""),
        (r#"{"type": 1}"#, "/type"),
        (r#"{"type": "pack", "input": 1}"#, "/input"),
        (r#"{"type": "pack", "input": []}"#, "/input"),
        (r#"{"type": "pack", "id": 1}"#, "/id"),
    ] {
        assert_eq!(json_problem(body).await.body["pointer"], pointer, "{body}");
    }
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json; charset=latin1",
    ] {
        let reply = send(kind, r#"{"type": "cancel"}"#).await;
        assert_eq!(reply.problem(), (415, "SH0405", ""), "{kind}");
    }
    let api = Api::new().await;
    api.parcel("p-1").await;
    let call = || {
        api.call(Method::POST, EVENTS)
            .body("application/json", r#"{"type": "cancel"}"#)
    };
    let reply = call().without("content-type").send().await;
    assert_eq!(reply.problem(), (415, "SH0405", ""));
    let reply = call().header("content-encoding", "gzip").send().await;
    assert_eq!(reply.problem(), (415, "SH0405", ""));
    call()
        .without("content-type")
        .header("content-type", "Application/JSON; Charset=\"UTF-8\"")
        .send()
        .await
        .expect(StatusCode::OK);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_one_at_the_limit_is_read() {
    let config = AppConfig {
        body_bytes_max: 64,
        ..AppConfig::default()
    };
    let api = Api::with(config).await;
    let padded = |length: usize| format!("{:length$}", r#"{"id": "p"}"#);
    let create = |length| {
        api.call(Method::POST, "/v1/machines/parcel/entities")
            .body("application/json", padded(length))
            .send()
    };
    assert_eq!(create(65).await.problem(), (413, "SH0402", ""));
    assert_eq!(create(64).await.problem(), (400, "SH0209", "invalid_input"));
    let chart = api
        .call(Method::POST, "/v1/machines")
        .body("text/yaml", "#".repeat(65))
        .send()
        .await;
    assert_eq!(chart.problem(), (413, "SH0402", ""));
}

#[tokio::test]
async fn an_input_over_its_own_limit_is_refused() {
    let input: Value = json!({"boxes": "x".repeat(EVENT_BYTES_MAX)});
    let reply = send(
        "application/json",
        json!({"type": "pack", "input": input}).to_string(),
    )
    .await;
    assert_eq!(reply.problem().0, 413);
    assert_eq!(reply.problem().1, "SH0402");
}
