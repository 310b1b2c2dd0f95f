//! A running mock on a port of its own, and two clients: one like the engine's, one that sees every byte.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use statehold_mock::{Mock, MockSpec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Longer than anything here takes: only a hang meets it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A mock that serves until it is stopped or dropped.
pub(crate) struct Running {
    pub(crate) mock: Mock,
    pub(crate) address: SocketAddr,
    client: Client,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

/// The mock of a text that must be fine.
#[track_caller]
pub(crate) fn spec(text: &str) -> MockSpec {
    match MockSpec::load("test.mock.yaml", text) {
        Ok(spec) => spec,
        Err(problems) => panic!("{problems:#?}"),
    }
}

/// Serves a mock with these routes, given as the lines below `routes:`.
pub(crate) async fn start(routes: &str) -> Running {
    start_spec(spec(&format!("mock: test\nroutes:\n{routes}\n"))).await
}

pub(crate) async fn start_spec(spec: MockSpec) -> Running {
    let mock = Mock::new(spec);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(mock.clone().serve(listener, async {
        let _ = stopped.await;
    }));
    let client = Client::builder()
        .timeout(PATIENCE)
        .build()
        .expect("a client");
    Running {
        mock,
        address,
        client,
        stop: Some(stop),
        server,
    }
}

impl Running {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.request(Method::POST, path).json(body)
    }

    /// Posts `{}` with an Idempotency-Key and returns status and body.
    pub(crate) async fn post_with_key(&self, path: &str, key: &str) -> (u16, Value) {
        let body = Value::Object(serde_json::Map::new());
        answer(self.post(path, &body).header("Idempotency-Key", key)).await
    }

    /// Everything the mock sends on a fresh connection until it closes it.
    pub(crate) async fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address)
            .await
            .expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut received = Vec::new();
        // A reset is as good an end as a close.
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut received))
            .await
            .expect("an end");
        String::from_utf8_lossy(&received).into_owned()
    }

    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        tokio::time::timeout(PATIENCE, self.server)
            .await
            .expect("stops")
            .expect("does not panic");
    }
}

/// Sends a request that must be answered; a body that is not JSON comes back as text.
pub(crate) async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// The status alone.
pub(crate) async fn status(request: RequestBuilder) -> u16 {
    answer(request).await.0
}
