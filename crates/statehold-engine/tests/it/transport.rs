//! The real way out, against sockets that misbehave: what was not sent is never mixed up with what was not answered.

use std::time::Duration;

use serde_json::{Value, json};
use statehold_engine::{HttpTransport, Outgoing, REPLY_BYTES_MAX, Reply, SendError, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What the other side does with the connection once the request has arrived.
enum Peer {
    Answers(Vec<u8>),
    HangsUp,
    StaysSilent,
}

/// Sends one request to a peer; gives the result and what the peer read.
async fn exchange(peer: Peer) -> (Result<Reply, SendError>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!(
        "http://{}/charges",
        listener.local_addr().expect("an address")
    );
    let served = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a caller");
        let mut request = vec![0; 64 * 1024];
        let read = socket.read(&mut request).await.expect("a request");
        let seen = String::from_utf8_lossy(&request[..read]).into_owned();
        match peer {
            Peer::Answers(bytes) => {
                // The caller may hang up on a reply that is too long.
                let _ = socket.write_all(&bytes).await;
            }
            Peer::HangsUp => {}
            // Until the caller gives up.
            Peer::StaysSilent => while socket.read(&mut request).await.is_ok_and(|n| n > 0) {},
        }
        seen
    });
    let result = send(&url).await;
    (result, served.await.expect("the peer ends"))
}

async fn send(url: &str) -> Result<Reply, SendError> {
    let transport = HttpTransport::new().expect("a client");
    let request = Outgoing {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: vec![("x-trace".to_owned(), "t".to_owned())],
        body: Some(json!({ "amount": 5 })),
        key: "sh_key".to_owned(),
        timeout: Duration::from_millis(500),
    };
    transport.send(&request).await
}

fn answer(status: &str, headers: &str, body: &str) -> Peer {
    let length = body.len();
    Peer::Answers(
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
            .into_bytes(),
    )
}

#[tokio::test]
async fn a_request_carries_its_key_and_gets_its_answer() {
    let (result, seen) = exchange(answer(
        "200 OK",
        "content-type: application/json\r\n",
        r#"{"id":"ch"}"#,
    ))
    .await;
    let reply = result.expect("an answer");
    assert_eq!((reply.status, reply.body), (200, json!({ "id": "ch" })));
    assert!(seen.starts_with("POST /charges HTTP/1.1\r\n"), "{seen}");
    assert!(
        seen.contains("idempotency-key: sh_key\r\n") && seen.contains("x-trace: t\r\n"),
        "{seen}"
    );
}

#[tokio::test]
async fn a_refused_connection_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    drop(listener);
    assert!(matches!(send(&url).await, Err(SendError::NotSent(_))));
}

#[tokio::test]
async fn f10_silence_and_a_broken_answer_are_unknown() {
    let (silent, _) = exchange(Peer::StaysSilent).await;
    assert!(matches!(silent, Err(SendError::TimedOut(_))), "{silent:?}");
    let (cut, _) = exchange(Peer::HangsUp).await;
    assert!(matches!(cut, Err(SendError::Broken(_))), "{cut:?}");
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec();
    let (half, _) = exchange(Peer::Answers(half)).await;
    assert!(matches!(half, Err(SendError::Broken(_))), "{half:?}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (result, _) = exchange(answer("302 Found", "location: http://127.0.0.1:1/\r\n", "")).await;
    assert_eq!(result.expect("an answer").status, 302);
}

#[tokio::test]
async fn retry_after_is_read_in_seconds() {
    let (result, _) = exchange(answer("429 Too Many Requests", "retry-after: 7\r\n", "")).await;
    assert_eq!(
        result.expect("an answer").retry_after,
        Some(Duration::from_secs(7))
    );
}

#[tokio::test]
async fn s24_a_hostile_reply_is_bounded_data() {
    let long = "x".repeat(REPLY_BYTES_MAX * 4);
    let (result, _) = exchange(answer("200 OK", "", &long)).await;
    let reply = result.expect("an answer");
    assert!(reply.truncated);
    assert_eq!(reply.body.as_str().map(str::len), Some(REPLY_BYTES_MAX));

    let json = "content-type: application/json\r\n";
    for body in [r#"{"a":1,"a":2}"#, "1e400", "{", "\"\\u0000\""] {
        let (result, _) = exchange(answer("200 OK", json, body)).await;
        assert_eq!(
            result.expect("an answer").body,
            Value::String(body.to_owned()),
            "kept as text"
        );
    }
    let (result, _) = exchange(answer("200 OK", "", "a\0b")).await;
    assert_eq!(result.expect("an answer").body, json!("a\u{fffd}b"));
}
