//! Whose turn it is: replies follow each other per route or per Idempotency-Key.

use reqwest::StatusCode;
use statehold_mock::{Replies, Reply};

use crate::support::{start, status};

const BUSY_TWICE: &str = "replies: [{ status: 503, times: 2 }, { status: 429 }, { status: 200 }]";

#[tokio::test]
async fn replies_follow_each_other_and_the_last_repeats() {
    let mock = start(&format!("  - GET /a: {{ {BUSY_TWICE} }}")).await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(status(mock.get("/a")).await);
    }
    assert_eq!(seen, [503, 503, 429, 200, 200, 200]);
}

#[tokio::test]
async fn by_default_all_keys_share_the_turns_of_a_route() {
    let mock = start(&format!("  - POST /a: {{ {BUSY_TWICE} }}")).await;
    let mut seen = Vec::new();
    for key in ["a", "b", "a", "b"] {
        seen.push(mock.post_with_key("/a", key).await.0);
    }
    assert_eq!(seen, [503, 503, 429, 200]);
}

#[tokio::test]
async fn per_key_each_key_starts_from_the_first_reply() {
    let mock = start(&format!("  - POST /a: {{ per: key, {BUSY_TWICE} }}")).await;
    let mut seen = Vec::new();
    for key in ["a", "b", "a", "b", "a", "a"] {
        seen.push(mock.post_with_key("/a", key).await.0);
    }
    assert_eq!(seen, [503, 503, 503, 503, 429, 200]);
}

#[tokio::test]
async fn calls_without_a_key_take_turns_together() {
    let mock = start(&format!("  - GET /a: {{ per: key, {BUSY_TWICE} }}")).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(status(mock.get("/a")).await);
    }
    assert_eq!(seen, [503, 503, 429, 200]);
}

#[tokio::test]
async fn routes_count_apart() {
    let mock = start(&format!(
        "  - GET /a: {{ {BUSY_TWICE} }}\n  - GET /b: {{ {BUSY_TWICE} }}"
    ))
    .await;
    for _ in 0..3 {
        status(mock.get("/a")).await;
    }
    assert_eq!(status(mock.get("/b")).await, 503);
    assert_eq!(status(mock.get("/a")).await, 200);
}

#[tokio::test]
async fn replies_can_be_replaced_while_the_mock_runs() {
    let mock = start("  - GET /a: { per: key, replies: [{ status: 503 }] }").await;
    assert_eq!(status(mock.get("/a")).await, 503);
    let healed = Replies::new(vec![
        Reply::status(StatusCode::CREATED),
        Reply::status(StatusCode::OK),
    ]);
    mock.mock
        .set_replies("GET /a", healed.expect("two replies"))
        .expect("a known route");
    assert_eq!(
        (status(mock.get("/a")).await, status(mock.get("/a")).await),
        (201, 200)
    );
    mock.mock
        .set_replies("0", Reply::status(StatusCode::GONE))
        .expect("the first route");
    assert_eq!(status(mock.get("/a")).await, 410);
}

#[tokio::test]
async fn a_route_that_is_not_there_cannot_be_replaced() {
    let mock = start("  - GET /a: { replies: [{ status: 503 }] }").await;
    for route in ["GET /b", "1", "get /a"] {
        let error = mock
            .mock
            .set_replies(route, Reply::status(StatusCode::OK))
            .expect_err("unknown");
        assert_eq!(
            error.to_string(),
            format!("mock `test` has no route `{route}`; it has GET /a")
        );
    }
}
