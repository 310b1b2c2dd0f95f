//! The listener: accepts connections and lets the mock answer on them.
//!
//! Connections are accepted by hand and not by a web framework, since a mock must be able to close one
//! without a byte of reply. HTTP/1.1 only, in clear: mocks listen on loopback.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::mock::Mock;
use crate::perform::{Answer, broken};

/// Most connections at a time; more wait in the listener's queue. Held answers keep theirs open.
const CONNECTIONS_MAX: usize = 1_024;

/// Largest head of a request, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1_024;

/// Pause after a failed accept: it means that the machine is short of something, and trying again at
/// once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

impl Mock {
    /// Serves the mock on a listener until `shutdown` is ready. Connections still open then are closed
    /// at once, held answers included.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut connections = JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => {}
                Some((stream, place)) = accept(&listener, &places) => {
                    let mock = self.clone();
                    connections.spawn(async move {
                        mock.serve_connection(stream).await;
                        drop(place);
                    });
                }
            }
        }
        connections.shutdown().await;
    }

    /// The mock as a router, to be served or called by the caller. A cut before the reply shows there as
    /// a response whose body breaks off, since a router cannot close a connection.
    pub fn router(&self) -> Router {
        let mock = self.clone();
        Router::new().fallback(move |request: Request| {
            let mock = mock.clone();
            async move {
                match mock.answer(request).await {
                    Answer::Send(response) => response,
                    Answer::Cut => broken(),
                }
            }
        })
    }

    async fn serve_connection(&self, stream: TcpStream) {
        let service = service_fn(async |request: hyper::Request<Incoming>| {
            match self.answer(request.map(Body::new)).await {
                Answer::Send(response) => Ok(response),
                Answer::Cut => Err(Cut),
            }
        });
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service)
            .await;
        if let Err(error) = served {
            tracing::debug!(mock = self.spec().name(), %error, "connection ended early");
        }
    }
}

/// The mock closes this connection on purpose.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cut by the mock")
    }
}

impl Error for Cut {}

/// The next connection and its place among [`CONNECTIONS_MAX`]; `None` after a failure and its pause.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
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
