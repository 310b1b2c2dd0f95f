//! The listener: accepts connections, bounds them against slow clients, and lets requests finish at the end.
//!
//! HTTP/1.1 in clear. Connections are accepted by hand, because a web framework's own loop has no bound on their
//! number, on the time a client takes to send a head, or on the time it takes to read an answer.

mod crowd;
mod impatient;

use std::fmt;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use statehold_engine::Shutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

use self::crowd::{Crowd, Place};
use self::impatient::Impatient;

/// Pause after a failed accept: the machine is short of something, and trying again at once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Bounds of a listener.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// Connections open at once. A newcomer takes the place of the one that has been idle for the longest time, or
    /// waits if none is idle.
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
    let crowd = Crowd::of(config.connections_max);
    let mut connections = JoinSet::new();
    loop {
        let next = tokio::select! {
            biased;
            () = shutdown.wait() => break,
            next = accept(&listener, &crowd) => next,
        };
        while connections.try_join_next().is_some() {}
        if let Some((stream, place)) = next {
            let stop = shutdown.clone();
            connections.spawn(serve_connection(
                stream,
                place,
                app.clone(),
                stop,
                config.clone(),
            ));
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
    place: Place,
    app: Router,
    mut shutdown: Shutdown,
    config: ServeConfig,
) {
    // Answers are written whole; waiting to fill a packet only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let service = service_fn(async |request: hyper::Request<Incoming>| {
        if !place.work() {
            return Err(SentAway);
        }
        let answer = app.clone().oneshot(request.map(Body::new)).await;
        // Its answer is still to be written, but it is the youngest of the idle ones now: only a flood could cut it off,
        // and the caller may repeat the request then.
        place.rest();
        answer.map_err(|never| match never {})
    });
    let stream = TokioIo::new(Impatient::new(stream, config.write_timeout));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(config.head_timeout)
        .max_buf_size(config.head_bytes_max)
        .serve_connection(stream, service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = place.needed() => return,
        () = shutdown.wait() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// The connection's place was given to somebody else before its request came.
#[derive(Debug)]
struct SentAway;

impl fmt::Display for SentAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("idle for the longest time while all places were taken")
    }
}

impl std::error::Error for SentAway {}

/// The next connection and its place; none after a failure and its pause.
async fn accept(listener: &TcpListener, crowd: &Crowd) -> Option<(TcpStream, Place)> {
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, crowd.enter().await?)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}
