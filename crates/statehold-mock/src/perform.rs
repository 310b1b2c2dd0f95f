//! Carries a verdict out on the connection: waits, sends, or loses the answer on purpose.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use bytes::Bytes;
use futures::stream;

use crate::record::Verdict;
use crate::reply::{Ending, HOLD_MAX, Rendered};

/// What to do with the connection of a request.
pub(crate) enum Answer {
    Send(Response<Body>),
    /// Close it without a byte of reply.
    Cut,
}

/// Waits as long as the verdict says. Dropped when the client gives up, which ends the wait.
pub(crate) async fn perform(verdict: Verdict) -> Answer {
    if verdict.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(verdict.delay_ms)).await;
    }
    match verdict.ending {
        Ending::Complete => Answer::Send(whole(verdict.rendered)),
        Ending::CutBefore => Answer::Cut,
        Ending::CutAfter => Answer::Send(half(verdict.rendered)),
        Ending::Timeout => {
            tokio::time::sleep(HOLD_MAX).await;
            Answer::Cut
        }
    }
}

/// A response that breaks off before its body, for servers that offer no way to close the connection.
pub(crate) fn broken() -> Response<Body> {
    Response::new(Body::from_stream(stream::once(async {
        Err::<Bytes, _>(cut())
    })))
}

fn whole(rendered: Rendered) -> Response<Body> {
    let body = Body::from(rendered.body.clone());
    with_body(rendered, body)
}

/// Announces the whole body and breaks off after half of it. An empty body is announced as one byte, or
/// there would be nothing to miss.
fn half(rendered: Rendered) -> Response<Body> {
    let announced = rendered.body.len().max(1);
    let sent = rendered.body.slice(..rendered.body.len() / 2);
    let chunks = stream::unfold(Some(sent), |sent| async {
        match sent {
            Some(sent) => Some((Ok(sent), None)),
            None => {
                // The server writes out what it holds while the body is not ready; an error at once
                // would throw away the first half with the second.
                tokio::task::yield_now().await;
                Some((Err(cut()), None))
            }
        }
    });
    let mut response = with_body(rendered, Body::from_stream(chunks));
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(announced));
    response
}

fn with_body(rendered: Rendered, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = rendered.status;
    response.headers_mut().extend(rendered.headers);
    response
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "cut by the mock")
}
