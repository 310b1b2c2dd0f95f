//! The listener: accepts connections, bounds them against slow clients, and lets requests finish at the end.
//!
//! HTTP/1.1 in clear. Connections are accepted by hand, because a web framework's own loop has no bound on their
//! number, on the time a client takes to send a head, or on the time it takes to read an answer.

mod impatient;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use statehold_engine::Shutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower::ServiceExt;

use self::impatient::Impatient;

/// Pause after a failed accept: the machine is short of something, and trying again at once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Bounds of a listener.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// Connections open at once; more wait in the listener's queue.
    pub connections_max: usize,
    /// How long a client may take to send the head of a request, and how long a connection may idle before it.
    pub head_timeout: Duration,
    /// How long a client may leave an answer unread before its connection is closed.
    pub write_timeout: Duration,
    /// Bytes of a request's head, at most.
    pub head_bytes_max: usize,
    /// How long requests under way may go on after the shutdown was asked for.
    pub grace: Duration,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            connections_max: 1_000,
            head_timeout: Duration::from_secs(20),
            write_timeout: Duration::from_secs(30),
            head_bytes_max: 64 * 1024,
            grace: Duration::from_secs(10),
        }
    }
}

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// Connections whose requests did not finish within the grace time and were cut off.
    pub cut_off: usize,
}

/// Serves an application until the shutdown is given, with the default bounds.
pub async fn serve(listener: TcpListener, app: Router, shutdown: Shutdown) -> Served {
    serve_with(listener, app, shutdown, &ServeConfig::default()).await
}

/// Serves an application until the shutdown is given: no new connections then, requests under way finish within the
/// grace time, the rest is cut off.
pub async fn serve_with(
    listener: TcpListener,
    app: Router,
    mut shutdown: Shutdown,
    config: &ServeConfig,
) -> Served {
    let places = Arc::new(Semaphore::new(config.connections_max));
    let mut connections = JoinSet::new();
    loop {
        let stopping = shutdown.clone();
        tokio::select! {
            biased;
            () = shutdown.wait() => break,
            Some(_) = connections.join_next() => {}
            Some((stream, place)) = accept(&listener, &places) => {
                let connection = serve_connection(stream, app.clone(), stopping, config.clone());
                connections.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
        }
    }
    drop(listener);
    finish(connections, config.grace).await
}

/// Waits for the connections that are left, no longer than the grace time.
async fn finish(mut connections: JoinSet<()>, grace: Duration) -> Served {
    let all_done = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(grace, all_done).await.is_ok() {
        return Served { cut_off: 0 };
    }
    let cut_off = connections.len();
    tracing::warn!(cut_off, "requests did not finish in time and were cut off");
    connections.shutdown().await;
    Served { cut_off }
}

async fn serve_connection(
    stream: TcpStream,
    app: Router,
    mut shutdown: Shutdown,
    config: ServeConfig,
) {
    // Answers are written whole; waiting to fill a packet only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        app.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(config.head_timeout)
        .max_buf_size(config.head_bytes_max)
        .serve_connection(
            TokioIo::new(Impatient::new(stream, config.write_timeout)),
            service,
        );
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.wait() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// The next connection and its place; none after a failure and its pause.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    // Never closed, so this only waits.
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}
