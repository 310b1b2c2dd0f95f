//! The control addresses, as a test in any language would use them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Running, answer, spec, start_spec, status};

async fn payments() -> Running {
    start_spec(spec(
        r#"
mock: payments
env: PAYMENTS
routes:
  - POST /charges: { idempotent: true, replies: [{ status: 503, times: 2, delay: 1ms }, { status: 200, body: { id: 1 } }] }
  - GET /charges/{id}: { per: key, replies: [{ cut: after }] }"#,
    ))
    .await
}

fn put(mock: &Running, route: &str, body: &str) -> reqwest::RequestBuilder {
    mock.request(Method::PUT, &format!("/__mock/routes/{route}"))
        .body(body.to_owned())
}

#[tokio::test]
async fn the_overview_shows_the_definition_and_the_counters() {
    let mock = payments().await;
    mock.post_with_key("/charges", "k").await;
    let (status, overview) = answer(mock.get("/__mock")).await;
    assert_eq!(status, 200);
    let expected = json!({
        "mock": "payments",
        "env": "PAYMENTS",
        "routes": [
            {
                "index": 0, "route": "POST /charges", "idempotent": true, "per": "route",
                "replies": [{"status": 503, "delay": "1ms", "times": 2}, {"status": 200, "body": {"id": 1}}],
                "calls": 1, "effective": 0,
            },
            {
                "index": 1, "route": "GET /charges/{id}", "idempotent": false, "per": "key",
                "replies": [{"cut": "after"}], "calls": 0, "effective": 0,
            },
        ],
        "calls": 1, "calls_dropped": 0, "unmatched": 0, "keys_dropped": 0,
    });
    assert_eq!(overview, expected);
}

#[tokio::test]
async fn calls_are_listed_by_route_and_by_key() {
    let mock = payments().await;
    mock.post_with_key("/charges", "a").await;
    mock.post_with_key("/charges", "b").await;
    status(mock.get("/nowhere")).await;
    let numbers = async |query: &str| {
        let (_, calls) = answer(mock.get(&format!("/__mock/calls{query}"))).await;
        calls
            .as_array()
            .expect("a list")
            .iter()
            .map(|call| call["number"].as_u64().expect("a number"))
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers("").await, [1, 2, 3]);
    assert_eq!(numbers("?route=POST%20/charges").await, [1, 2]);
    assert_eq!(numbers("?route=POST+%2Fcharges&key=b").await, [2]);
    assert_eq!(numbers("?route=0&key=").await, [1, 2]);
    assert_eq!(numbers("?key=c").await, [0_u64; 0]);
    let (status, problem) = answer(mock.get("/__mock/calls?route=9")).await;
    assert_eq!((status, &problem["code"]), (404, &json!("SH0602")));
}

#[tokio::test]
async fn keys_are_counted_in_order_of_first_use() {
    let mock = payments().await;
    for key in ["z", "z", "a", "a", "z"] {
        mock.post_with_key("/charges", key).await;
    }
    let text = mock
        .get("/__mock/keys")
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    assert_eq!(
        text,
        r#"{"z":{"calls":3,"effective":1},"a":{"calls":2,"effective":1}}"#
    );
}

#[tokio::test]
async fn replies_are_replaced_by_index_or_name_as_a_list_or_under_their_key() {
    let mock = payments().await;
    for (route, body, expected) in [
        ("0", r#"[{"status": 402}]"#, 402),
        (
            "POST%20%2Fcharges",
            "{\"replies\":\n\t[{\"status\": 409}]}",
            409,
        ),
        ("POST%20/charges", "- status: 410\n  times: 3", 410),
        ("0", r#"{"replies": {"status": 418}}"#, 418),
    ] {
        let (status, overview) = answer(put(&mock, route, body)).await;
        assert_eq!(
            (status, &overview["routes"][0]["replies"][0]["status"]),
            (200, &json!(expected)),
            "{route} {body}"
        );
        assert_eq!(mock.post_with_key("/charges", "k").await.0, expected);
    }
}

#[tokio::test]
async fn bad_replies_are_refused_with_every_problem_and_change_nothing() {
    let mock = payments().await;
    let (status, problem) = answer(put(&mock, "0", r#"[{"status": 99}, {"statsu": 200}]"#)).await;
    assert_eq!((status, &problem["code"]), (400, &json!("SH0601")));
    let codes: Vec<&Value> = problem["diagnostics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| &d["code"])
        .collect();
    assert_eq!(codes, ["SH0106", "SH0103"]);
    assert_eq!(mock.post_with_key("/charges", "k").await.0, 503);
    for body in ["", "[]", "\"x\"", "{", "\u{0}"] {
        assert_eq!(
            crate::support::status(put(&mock, "0", body)).await,
            400,
            "{body:?}"
        );
    }
}

#[tokio::test]
async fn a_reset_forgets_calls_and_keys_and_restores_the_file() {
    let mock = payments().await;
    status(put(&mock, "0", r#"[{"status": 200}]"#)).await;
    mock.post_with_key("/charges", "k").await;
    let (code, overview) = answer(mock.request(Method::POST, "/__mock/reset")).await;
    assert_eq!((code, &overview["calls"]), (200, &json!(0)));
    assert_eq!(answer(mock.get("/__mock/calls")).await.1, json!([]));
    assert_eq!(answer(mock.get("/__mock/keys")).await.1, json!({}));
    assert_eq!(mock.post_with_key("/charges", "k").await.0, 503);
    assert_eq!(mock.mock.calls()[0].number, 1);
}

#[tokio::test]
async fn an_unknown_control_address_lists_the_known_ones_and_is_no_call() {
    let mock = payments().await;
    for (method, path) in [
        (Method::GET, "/__mock/call"),
        (Method::DELETE, "/__mock"),
        (Method::PUT, "/__mock/x"),
    ] {
        let (status, problem) = answer(mock.request(method, path)).await;
        assert_eq!((status, &problem["code"]), (404, &json!("SH0403")));
        assert_eq!(problem["routes"][0], "GET /__mock");
    }
    assert!(mock.mock.calls().is_empty());
}
