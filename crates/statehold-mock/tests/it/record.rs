//! What is on record, and what is not.

use serde_json::json;
use statehold_mock::{BODY_BYTES_MAX, CALLS_MAX};

use crate::support::{Running, answer, spec, start, start_spec, status};

async fn secretive() -> Running {
    start_spec(spec(
        r#"
mock: vault
sensitive: [token, X-Session]
routes:
  - POST /pay: { replies: [{ status: 200, body: { token: "${body.card.token}", ok: true } }] }
  - GET /tokens/{token}: { replies: [{ status: 200 }] }"#,
    ))
    .await
}

#[tokio::test]
async fn a_call_is_recorded_with_what_matters() {
    let mock = start("  - POST /a: { replies: [{ status: 201, body: { id: 1 } }] }").await;
    let request = mock
        .post("/a?x=1", &json!({"n": 1}))
        .header("Idempotency-Key", "k1")
        .header("X-Trace", "t");
    assert_eq!(status(request).await, 201);
    let call = mock.mock.calls().remove(0);
    assert_eq!((call.number, call.route.as_deref()), (1, Some("POST /a")));
    assert_eq!(
        (call.method.as_str(), call.path.as_str(), call.query),
        ("POST", "/a", json!({"x": "1"}))
    );
    assert_eq!(
        (call.idempotency_key.as_deref(), call.body),
        (Some("k1"), json!({"n": 1}))
    );
    let headers: Vec<&str> = call.headers.keys().map(String::as_str).collect();
    assert_eq!(headers, ["content-type", "idempotency-key", "x-trace"]);
    assert_eq!(
        (call.reply.status, call.reply.body, call.reply.ending),
        (201, json!({"id": 1}), "complete")
    );
    assert!(call.effective && !call.replayed);
}

#[tokio::test]
async fn sensitive_fields_are_masked_everywhere_but_in_the_reply_itself() {
    let mock = secretive().await;
    let body = json!({"card": {"Token": "s3cret", "token": "s3cret"}, "list": [{"token": 1}], "amount": 5});
    let request = mock
        .post("/pay?token=s3cret&page=1", &body)
        .header("X-Session", "s3cret")
        .bearer_auth("s3cret");
    assert_eq!(
        answer(request).await.1,
        json!({"token": "s3cret", "ok": true})
    );
    status(mock.get("/tokens/s3cret")).await;
    let (_, calls) = answer(mock.get("/__mock/calls")).await;
    assert!(!calls.to_string().contains("s3cret"), "{calls}");
    assert_eq!(calls[0]["body"]["amount"], 5);
    assert_eq!(calls[0]["body"]["list"][0]["token"], "[masked]");
    assert_eq!(calls[0]["query"], json!({"token": "[masked]", "page": "1"}));
    assert_eq!(
        calls[0]["reply"]["body"],
        json!({"token": "[masked]", "ok": true})
    );
    assert_eq!(calls[0]["headers"]["authorization"], "[masked]");
    assert_eq!(calls[1]["path"], "/tokens/{token}");
}

#[tokio::test]
async fn forms_are_masked_by_field_and_other_text_as_a_whole() {
    let mock = secretive().await;
    let form = mock
        .post("/pay", &json!(0))
        .header("content-type", "x")
        .body("token=s3cret&a=1");
    status(form).await;
    let form = mock
        .request(reqwest::Method::POST, "/pay")
        .header("content-type", "application/x-www-form-urlencoded");
    status(form.body("token=s3cret&a=1")).await;
    let bodies: Vec<_> = mock
        .mock
        .calls()
        .into_iter()
        .map(|call| call.body)
        .collect();
    assert_eq!(
        bodies,
        [json!("[masked]"), json!({"token": "[masked]", "a": "1"})]
    );
}

#[tokio::test]
async fn large_bodies_are_answered_but_not_kept() {
    let mock =
        start(r#"  - POST /a: { replies: [{ status: 200, body: "${body.length}" }] }"#).await;
    let body = json!({"text": "x".repeat(BODY_BYTES_MAX), "length": 7});
    assert_eq!(answer(mock.post("/a", &body)).await, (200, json!(7)));
    let kept = mock.mock.calls()[0].body.to_string();
    assert!(kept.contains("bytes, not kept"), "{kept}");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let mock = start("  - POST /a: { replies: [{ status: 200 }] }").await;
    let (status, problem) = answer(mock.post("/a", &json!("x".repeat(1024 * 1024)))).await;
    assert_eq!((status, &problem["code"]), (413, &json!("SH0402")));
}

#[tokio::test]
async fn the_record_keeps_the_latest_calls_and_counts_the_rest() {
    let mock = start("  - GET /a: { replies: [{ status: 200 }] }").await;
    for _ in 0..CALLS_MAX + 2 {
        status(mock.get("/a")).await;
    }
    let calls = mock.mock.calls();
    assert_eq!((calls.len(), calls[0].number), (CALLS_MAX, 3));
    let (_, overview) = answer(mock.get("/__mock")).await;
    assert_eq!(
        (&overview["calls"], &overview["calls_dropped"]),
        (&json!(CALLS_MAX + 2), &json!(2))
    );
    assert_eq!(overview["routes"][0]["calls"], json!(CALLS_MAX + 2));
}
