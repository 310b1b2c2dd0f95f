//! An idempotent service acts once per key, whatever its client gets to hear.

use serde_json::{Value, json};

use crate::support::{Running, answer, start};

/// Status, replayed and effective of every call.
fn story(mock: &Running) -> Vec<(u16, bool, bool)> {
    mock.mock
        .calls()
        .iter()
        .map(|call| (call.reply.status, call.replayed, call.effective))
        .collect()
}

const CHARGE: &str = r#"  - POST /charges:
      idempotent: true
      replies: [{ status: 200, body: { id: "ch_${call}" } }]"#;

#[tokio::test]
async fn a_repeated_key_gets_the_first_successful_reply() {
    let mock = start(CHARGE).await;
    assert_eq!(
        mock.post_with_key("/charges", "a").await,
        (200, json!({"id": "ch_1"}))
    );
    assert_eq!(
        mock.post_with_key("/charges", "a").await,
        (200, json!({"id": "ch_1"}))
    );
    assert_eq!(
        mock.post_with_key("/charges", "b").await,
        (200, json!({"id": "ch_3"}))
    );
    assert_eq!(
        story(&mock),
        [(200, false, true), (200, true, false), (200, false, true)]
    );
}

#[tokio::test]
async fn failures_are_not_repeated_and_do_not_act() {
    let mock = start("  - POST /a: { idempotent: true, replies: [{ status: 503 }, { status: 402 }, { status: 201 }] }").await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(mock.post_with_key("/a", "k").await.0);
    }
    assert_eq!(seen, [503, 402, 201, 201]);
    assert_eq!(
        story(&mock),
        [
            (503, false, false),
            (402, false, false),
            (201, false, true),
            (201, true, false)
        ]
    );
}

#[tokio::test]
async fn a_reply_that_was_cut_is_what_the_next_call_gets() {
    let mock = start("  - POST /a: { idempotent: true, replies: [{ cut: before, body: { id: 1 } }, { body: { id: 2 } }] }").await;
    let body = Value::Null;
    mock.post("/a", &body)
        .header("Idempotency-Key", "k")
        .send()
        .await
        .expect_err("cut");
    assert_eq!(mock.post_with_key("/a", "k").await, (200, json!({"id": 1})));
    assert_eq!(story(&mock), [(200, false, true), (200, true, false)]);
}

#[tokio::test]
async fn a_bare_cut_acts_and_leaves_the_words_to_the_next_reply() {
    let mock = start("  - POST /a: { idempotent: true, replies: [{ cut: before }, { body: { id: 2 } }, { body: { id: 3 } }] }").await;
    mock.post("/a", &Value::Null)
        .header("Idempotency-Key", "k")
        .send()
        .await
        .expect_err("cut");
    assert_eq!(mock.post_with_key("/a", "k").await, (200, json!({"id": 2})));
    assert_eq!(mock.post_with_key("/a", "k").await, (200, json!({"id": 2})));
    assert_eq!(
        story(&mock),
        [(200, false, true), (200, true, false), (200, true, false)]
    );
}

#[tokio::test]
async fn without_idempotence_every_success_acts() {
    let mock = start("  - POST /a: { replies: [{ status: 200 }] }").await;
    mock.post_with_key("/a", "k").await;
    mock.post_with_key("/a", "k").await;
    assert_eq!(story(&mock), [(200, false, true), (200, false, true)]);
    let (_, keys) = answer(mock.get("/__mock/keys")).await;
    assert_eq!(keys, json!({"k": {"calls": 2, "effective": 2}}));
}

#[tokio::test]
async fn calls_without_a_key_are_never_repeated() {
    let mock = start(CHARGE).await;
    for id in ["ch_1", "ch_2"] {
        assert_eq!(
            answer(mock.post("/charges", &Value::Null)).await.1,
            json!({"id": id})
        );
    }
}

#[tokio::test]
async fn the_same_key_on_another_route_is_another_deed() {
    let mock = start(&format!(
        "{CHARGE}\n  - POST /refunds: {{ idempotent: true, replies: [{{ status: 201 }}] }}"
    ))
    .await;
    assert_eq!(mock.post_with_key("/charges", "k").await.0, 200);
    assert_eq!(mock.post_with_key("/refunds", "k").await.0, 201);
    let (_, keys) = answer(mock.get("/__mock/keys")).await;
    assert_eq!(keys, json!({"k": {"calls": 2, "effective": 2}}));
}

#[tokio::test]
async fn new_replies_do_not_undo_what_was_done() {
    let mock = start(CHARGE).await;
    mock.post_with_key("/charges", "k").await;
    let broken = statehold_mock::Reply::status(reqwest::StatusCode::BAD_GATEWAY);
    mock.mock
        .set_replies("POST /charges", broken)
        .expect("a known route");
    assert_eq!(mock.post_with_key("/charges", "k").await.0, 200);
    assert_eq!(mock.post_with_key("/charges", "new").await.0, 502);
}

#[tokio::test]
async fn a_key_that_no_service_would_take_is_refused() {
    let mock = start(CHARGE).await;
    let (status, problem) = mock.post_with_key("/charges", &"k".repeat(256)).await;
    assert_eq!((status, &problem["code"]), (400, &json!("SH0405")));
    assert_eq!(story(&mock), [(400, false, false)]);
    assert_eq!(
        mock.post_with_key("/charges", &"k".repeat(255)).await.0,
        200
    );
}
