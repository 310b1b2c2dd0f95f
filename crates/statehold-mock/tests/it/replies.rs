//! Every kind of reply, as a client sees it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{answer, start, status};

#[tokio::test]
async fn status_headers_and_body_arrive_as_written() {
    let mock = start(
        "  - GET /a: { replies: [{ status: 201, headers: { X-Name: Ann, Retry-After: 3 }, body: { id: ch_1, list: [1, null] } }] }",
    )
    .await;
    let response = mock.get("/a").send().await.expect("an answer");
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["x-name"], "Ann");
    assert_eq!(response.headers()["retry-after"], "3");
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(
        response.json::<Value>().await.expect("JSON"),
        json!({"id": "ch_1", "list": [1, null]})
    );
}

#[tokio::test]
async fn a_text_body_is_sent_as_it_is() {
    let mock = start(
        "  - GET /a: { replies: { status: 200, body: '<oops', headers: { content-type: application/json } } }",
    )
    .await;
    let response = mock.get("/a").send().await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.text().await.expect("text"), "<oops");
}

#[tokio::test]
async fn a_body_alone_means_200_and_a_status_alone_no_body() {
    let mock = start("  - GET /a: { replies: [{ body: hi }, { status: 502 }] }").await;
    assert_eq!(answer(mock.get("/a")).await, (200, json!("hi")));
    assert_eq!(answer(mock.get("/a")).await, (502, json!("")));
}

#[tokio::test]
async fn a_reply_quotes_the_request() {
    let mock = start(
        r#"  - POST /charges/{id}:
      replies:
        - status: 200
          headers: { Location: "/charges/${path.id}" }
          body:
            id: "ch_${path.id}-${call}"
            amount: "${body.amount}"
            first: "${body.items[0]}"
            trace: "${headers['x-trace']}"
            page: "${query.page}"
            key: "${key}"
            gone: "${body.gone}""#,
    )
    .await;
    let body = json!({"amount": 12.5, "items": [{"sku": "a"}]});
    let request = mock
        .post("/charges/7?page=2", &body)
        .header("X-Trace", "t1")
        .header("Idempotency-Key", "k1");
    let response = request.send().await.expect("an answer");
    assert_eq!(response.headers()["location"], "/charges/7");
    let expected = json!({
        "id": "ch_7-1", "amount": 12.5, "first": {"sku": "a"}, "trace": "t1", "page": "2", "key": "k1", "gone": null,
    });
    assert_eq!(response.json::<Value>().await.expect("JSON"), expected);
}

#[tokio::test]
async fn a_header_that_quotes_a_line_break_does_not_make_a_second_header() {
    let mock = start(
        r#"  - POST /a: { replies: [{ status: 200, headers: { X-Echo: "${body.text}" } }] }"#,
    )
    .await;
    let response = mock
        .post("/a", &json!({"text": "a\r\nX-Evil: 1"}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.headers()["x-echo"], "aX-Evil: 1");
    assert!(!response.headers().contains_key("x-evil"));
}

#[tokio::test]
async fn a_delayed_reply_comes_late_and_whole() {
    let mock =
        start("  - GET /slow: { replies: [{ status: 200, body: late, delay: 60ms }] }").await;
    let asked = Instant::now();
    assert_eq!(answer(mock.get("/slow")).await, (200, json!("late")));
    assert!(asked.elapsed() >= Duration::from_millis(60));
    assert_eq!(mock.mock.calls()[0].reply.delay_ms, 60);
}

#[tokio::test]
async fn a_reply_that_never_comes_lasts_until_the_client_gives_up() {
    let mock = start("  - POST /pay: { replies: [{ timeout: true }] }").await;
    let request = mock
        .post("/pay", &json!({}))
        .timeout(Duration::from_millis(100));
    let error = request.send().await.expect_err("no answer");
    assert!(error.is_timeout(), "{error:?}");
    let call = &mock.mock.calls()[0];
    assert_eq!((call.reply.ending, call.effective), ("timeout", false));
}

#[tokio::test]
async fn a_held_call_is_on_record_while_it_is_held() {
    let mock = start("  - POST /pay: { replies: [{ timeout: true, acted: true }] }").await;
    let held = tokio::spawn(mock.post("/pay", &json!({"n": 1})).send());
    mock.mock.wait_for_calls(1).await;
    let call = &mock.mock.calls()[0];
    assert_eq!((call.body["n"].clone(), call.effective), (json!(1), true));
    mock.stop().await;
    held.await.expect("no panic").expect_err("cut at the end");
}

#[tokio::test]
async fn a_cut_before_the_reply_sends_not_one_byte() {
    let mock = start("  - POST /pay: { replies: [{ cut: before, body: { id: 1 } }] }").await;
    assert_eq!(
        mock.raw("POST /pay HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
            .await,
        ""
    );
    let error = mock
        .post("/pay", &json!({}))
        .send()
        .await
        .expect_err("no answer");
    assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
    let calls = mock.mock.calls();
    assert_eq!(
        (calls.len(), calls[0].reply.ending, calls[0].effective),
        (2, "cut_before", true)
    );
}

#[tokio::test]
async fn a_cut_after_sends_half_of_the_body_it_announces() {
    let mock =
        start("  - GET /a: { replies: [{ cut: after, status: 201, body: '0123456789' }] }").await;
    let received = mock.raw("GET /a HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let (head, body) = received.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("HTTP/1.1 201"), "{head}");
    assert!(head.to_lowercase().contains("content-length: 10"), "{head}");
    assert_eq!(body, "01234");
}

#[tokio::test]
async fn a_client_notices_a_body_that_is_cut_even_when_it_is_empty() {
    let mock = start("  - GET /a: { replies: [{ cut: after }] }").await;
    let response = mock.get("/a").send().await.expect("a head");
    assert_eq!(response.status(), 200);
    response.bytes().await.expect_err("the body is not whole");
}

#[tokio::test]
async fn a_refusal_is_no_act_and_a_reply_can_say_otherwise() {
    let mock = start(
        "  - GET /a: { replies: [{ status: 402 }, { status: 500, acted: true }, { status: 200, acted: false }, { status: 204 }] }",
    )
    .await;
    for _ in 0..4 {
        status(mock.get("/a")).await;
    }
    let effective: Vec<bool> = mock
        .mock
        .calls()
        .iter()
        .map(|call| call.effective)
        .collect();
    assert_eq!(effective, [false, true, false, true]);
}
