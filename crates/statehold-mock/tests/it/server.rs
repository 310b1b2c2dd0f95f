//! The listener itself: ends, clients that leave, many at a time, and the router in process.

use reqwest::StatusCode;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::{answer, start, status};

#[tokio::test]
async fn shutdown_does_not_wait_for_held_answers() {
    let mock = start("  - GET /a: { replies: [{ timeout: true }] }").await;
    let held = tokio::spawn(mock.get("/a").send());
    mock.mock.wait_for_calls(1).await;
    mock.stop().await;
    held.await.expect("no panic").expect_err("cut");
}

#[tokio::test]
async fn a_client_that_leaves_early_harms_no_one() {
    let mock = start("  - GET /a: { replies: [{ timeout: true }, { status: 200 }] }").await;
    let mut rude = TcpStream::connect(mock.address)
        .await
        .expect("a connection");
    rude.write_all(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .expect("sent");
    mock.mock.wait_for_calls(1).await;
    drop(rude);
    let mut garbage = TcpStream::connect(mock.address)
        .await
        .expect("a connection");
    garbage
        .write_all(b"\x00\x01 nonsense\r\n\r\n")
        .await
        .expect("sent");
    assert_eq!(status(mock.get("/a")).await, 200);
}

#[tokio::test]
async fn calls_at_the_same_time_each_get_their_turn() {
    let mock =
        start("  - GET /a: { replies: [{ status: 503, times: 10 }, { status: 200 }] }").await;
    let calls = (0..30).map(|_| tokio::spawn(mock.get("/a").send()));
    let mut busy = 0;
    for call in calls.collect::<Vec<_>>() {
        let response = call.await.expect("no panic").expect("an answer");
        busy += usize::from(response.status() == StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!((busy, mock.mock.calls().len()), (10, 30));
}

#[tokio::test]
async fn a_connection_serves_many_calls() {
    let mock = start("  - GET /a: { replies: [{ status: 200, body: hi }] }").await;
    let one = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
    let received = mock
        .raw(&format!(
            "{one}{one}{}",
            one.replace("Host", "Connection: close\r\nHost")
        ))
        .await;
    assert_eq!(received.matches("HTTP/1.1 200").count(), 3, "{received}");
}

#[tokio::test]
async fn the_router_shows_a_cut_as_a_body_that_breaks_off() {
    let mock =
        start("  - GET /a: { replies: [{ cut: before }, { status: 200, body: { a: 1 } }] }").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    let router = mock.mock.router();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let broken = reqwest::get(format!("http://{address}/a")).await;
    let whole = match broken {
        Ok(response) => response.bytes().await.is_ok(),
        Err(_) => false,
    };
    assert!(!whole);
    let ok = reqwest::Client::new().get(format!("http://{address}/a"));
    assert_eq!(answer(ok).await, (200, json!({"a": 1})));
    assert_eq!(mock.mock.calls().len(), 2);
    server.abort();
}
