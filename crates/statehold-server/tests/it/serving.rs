//! The listener: slow clients, too many connections, an orderly end.

use std::net::SocketAddr;
use std::time::Duration;

use statehold_engine::{Shutdown, ShutdownHandle};
use statehold_server::{AppConfig, ServeConfig, Served, app, serve_with};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::support::Api;

const BODY: &str = r#"{"id": "p-1", "input": {"owner_id": "ann", "weight": 3}}"#;

struct Server {
    address: SocketAddr,
    stop: ShutdownHandle,
    served: JoinHandle<Served>,
    api: Api,
}

async fn start(app_config: AppConfig, config: ServeConfig) -> Server {
    let api = Api::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, shutdown) = Shutdown::channel();
    let router = app(api.engine.clone(), app_config);
    let served = tokio::spawn(async move { serve_with(listener, router, shutdown, &config).await });
    Server {
        address,
        stop,
        served,
        api,
    }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// A connection on which the server waits for the rest of a creation's body.
    async fn half_a_request(&self) -> TcpStream {
        let mut stream = self.connect().await;
        let head = format!(
            "POST /v1/machines/parcel/entities HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            BODY.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // The server sends this when it begins to read the body.
        assert!(read_some(&mut stream).await.starts_with("HTTP/1.1 100"));
        stream
    }
}

async fn read_some(stream: &mut TcpStream) -> String {
    let mut buffer = [0; 4096];
    let count = stream.read(&mut buffer).await.unwrap();
    String::from_utf8(buffer[..count].to_vec()).unwrap()
}

/// Everything until the server closes; a reset counts as closing.
async fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn requests_under_way_finish_before_the_end() {
    let server = start(AppConfig::default(), ServeConfig::default()).await;
    let mut stream = server.half_a_request().await;
    server.stop.give();
    stream.write_all(BODY.as_bytes()).await.unwrap();
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(
        answer.to_lowercase().contains("connection: close"),
        "{answer}"
    );
    assert_eq!(server.served.await.unwrap(), Served { cut_off: 0 });
    assert!(
        TcpStream::connect(server.address).await.is_err(),
        "nobody listens any more"
    );
    assert!(server.api.engine.get("parcel", "p-1").await.is_ok());
}

#[tokio::test]
async fn requests_that_do_not_finish_are_cut_off_and_change_nothing() {
    let config = ServeConfig {
        grace: Duration::from_millis(20),
        ..ServeConfig::default()
    };
    let server = start(AppConfig::default(), config).await;
    let mut stream = server.half_a_request().await;
    server.stop.give();
    assert_eq!(server.served.await.unwrap(), Served { cut_off: 1 });
    assert_eq!(read_all(&mut stream).await, "");
    assert!(server.api.engine.get("parcel", "p-1").await.is_err());
}

#[tokio::test]
async fn an_idle_connection_does_not_delay_the_end() {
    let server = start(AppConfig::default(), ServeConfig::default()).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    assert!(read_some(&mut stream).await.starts_with("HTTP/1.1 200"));
    server.stop.give();
    assert_eq!(server.served.await.unwrap(), Served { cut_off: 0 });
}

#[tokio::test]
async fn a_head_that_does_not_come_ends_its_connection() {
    let config = ServeConfig {
        head_timeout: Duration::from_millis(20),
        ..ServeConfig::default()
    };
    let server = start(AppConfig::default(), config).await;
    let mut slow = server.connect().await;
    slow.write_all(b"GET /healthz HT").await.unwrap();
    let answer = read_all(&mut slow).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
        "{answer}"
    );
    let mut idle = server.connect().await;
    assert_eq!(read_all(&mut idle).await, "");
}

#[tokio::test]
async fn idle_connections_make_room_and_busy_ones_do_not() {
    let config = ServeConfig {
        connections_max: 2,
        ..ServeConfig::default()
    };
    let server = start(AppConfig::default(), config).await;
    let mut busy = server.half_a_request().await;
    let mut slow = server.connect().await;
    slow.write_all(b"GET /healthz HT").await.unwrap();
    let mut next = server.connect().await;
    next.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    assert!(read_some(&mut next).await.starts_with("HTTP/1.1 200"));
    assert_eq!(read_all(&mut slow).await, "");
    busy.write_all(BODY.as_bytes()).await.unwrap();
    assert!(read_some(&mut busy).await.starts_with("HTTP/1.1 201"));
}

#[tokio::test]
async fn a_body_that_does_not_come_is_a_timeout_and_changes_nothing() {
    let config = AppConfig {
        body_timeout: Duration::from_millis(20),
        ..AppConfig::default()
    };
    let server = start(config, ServeConfig::default()).await;
    let mut stream = server.half_a_request().await;
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"code\":\"SH0408\""), "{answer}");
    assert!(server.api.engine.get("parcel", "p-1").await.is_err());
}

#[tokio::test]
async fn a_head_over_the_limit_is_refused() {
    let config = ServeConfig {
        head_bytes_max: 8 * 1024,
        ..ServeConfig::default()
    };
    let server = start(AppConfig::default(), config).await;
    let mut stream = server.connect().await;
    let head = format!(
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n\r\n",
        "x".repeat(16 * 1024)
    );
    // The server may close while we still write.
    let _ = stream.write_all(head.as_bytes()).await;
    let answer = read_all(&mut stream).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let server = start(AppConfig::default(), ServeConfig::default()).await;
    let mut stream = server.connect().await;
    let head = "POST /v1/machines HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\n\
                Content-Length: 104857600\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = read_some(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}
