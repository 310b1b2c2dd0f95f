//! A running mock: one [`MockSpec`] and its memory, shared by all who hold it.
//!
//! Answers calls, hands out the record, and lets a test change the replies while calls come in. The
//! lock is held for one decision, never while waiting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use statehold_core::codes;
use thiserror::Error;
use tokio::sync::watch;

use crate::asked::Asked;
use crate::control;
use crate::keys::KEY_BYTES_MAX;
use crate::mask::Mask;
use crate::path::is_control;
use crate::perform::{Answer, perform};
use crate::problem;
use crate::record::{Call, Verdict};
use crate::spec::{MockSpec, Replies};
use crate::state::State;

/// Largest request body that is read, in bytes; four times the largest event.
pub const REQUEST_BYTES_MAX: usize = 1_024 * 1_024;

/// A mock that answers calls. Clones share one memory.
#[derive(Debug, Clone)]
pub struct Mock {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    spec: MockSpec,
    mask: Mask,
    state: Mutex<State>,
    /// Calls made since the start or the last reset, for those who wait for one.
    made: watch::Sender<u64>,
}

/// No route has this name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("mock `{mock}` has no route `{route}`; it has {}", known.join(", "))]
pub struct UnknownRoute {
    /// The mock's name.
    pub mock: String,
    /// What was asked for.
    pub route: String,
    /// The routes there are.
    pub known: Vec<String>,
}

impl Mock {
    /// A mock that has not been called yet.
    #[must_use]
    pub fn new(spec: MockSpec) -> Mock {
        let mask = Mask::new(&spec.sensitive);
        let state = Mutex::new(State::new(&spec));
        let made = watch::Sender::new(0);
        Mock {
            shared: Arc::new(Shared {
                spec,
                mask,
                state,
                made,
            }),
        }
    }

    /// The declaration this mock was made from.
    #[must_use]
    pub fn spec(&self) -> &MockSpec {
        &self.shared.spec
    }

    /// The recorded calls, oldest first; at most [`CALLS_MAX`](crate::CALLS_MAX).
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().record.calls().cloned().collect()
    }

    /// Waits until this many calls were made since the start or the last reset. A call counts when its
    /// request was read, before a delay and even if it is never answered.
    pub async fn wait_for_calls(&self, count: u64) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self
            .shared
            .made
            .subscribe()
            .wait_for(|made| *made >= count)
            .await;
    }

    /// Replaces the replies of a route, from the next call on. The route is named by its index or as in
    /// the file, e.g. `POST /charges`. Keys the service has acted on stay acted on.
    ///
    /// # Errors
    /// When there is no such route.
    pub fn set_replies(
        &self,
        route: &str,
        replies: impl Into<Replies>,
    ) -> Result<(), UnknownRoute> {
        let index = self.route_index(route)?;
        self.state().set_replies(index, replies.into());
        Ok(())
    }

    /// Forgets all calls and keys and goes back to the declared replies.
    pub fn reset(&self) {
        let mut state = self.state();
        *state = State::new(&self.shared.spec);
        self.shared.made.send_replace(0);
    }

    /// The index of a route named by its index or as `METHOD PATH`.
    pub(crate) fn route_index(&self, route: &str) -> Result<usize, UnknownRoute> {
        let routes = self.spec().routes();
        let by_index = route.parse().ok().filter(|index| *index < routes.len());
        let found = by_index.or_else(|| routes.iter().position(|known| known.to_string() == route));
        found.ok_or_else(|| UnknownRoute {
            mock: self.spec().name().to_owned(),
            route: route.to_owned(),
            known: self.route_names(),
        })
    }

    /// All routes as `METHOD PATH`, in order.
    pub(crate) fn route_names(&self) -> Vec<String> {
        self.spec()
            .routes()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    pub(crate) fn mask(&self) -> &Mask {
        &self.shared.mask
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere must not turn every later call into one; the memory is whole between calls.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request, whatever it is.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Answer {
        let (head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, REQUEST_BYTES_MAX).await else {
            let detail =
                format!("the body could not be read, or has more than {REQUEST_BYTES_MAX} bytes");
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            return Answer::Send(problem::respond(
                status,
                &problem::document(status, codes::BODY_TOO_LARGE, &detail, json!({})),
            ));
        };
        if is_control(head.uri.path()) {
            return Answer::Send(control::answer(self, &head, &body));
        }
        match self.decide(Asked::new(&head, &body), Timestamp::now()) {
            Ok(verdict) => perform(verdict).await,
            Err((status, document)) => Answer::Send(problem::respond(status, &document)),
        }
    }

    /// Decides and records; who waits for the call learns of it only once it can be read.
    fn decide(&self, mut asked: Asked, now: Timestamp) -> Result<Verdict, (StatusCode, Value)> {
        let mut state = self.state();
        let outcome = match self.find(&mut asked) {
            Ok(index) => Ok(state.call(
                index,
                &self.spec().routes()[index],
                &mut asked,
                self.mask(),
                now,
            )),
            Err((status, document)) => {
                state.refuse(&asked, status, document.clone(), self.mask(), now);
                Err((status, document))
            }
        };
        self.shared.made.send_replace(state.record.made());
        outcome
    }

    /// The route for a request, whose parameters are then known; or the problem to answer with.
    fn find(&self, asked: &mut Asked) -> Result<usize, (StatusCode, Value)> {
        if asked.key().is_some_and(|key| key.len() > KEY_BYTES_MAX) {
            let detail = format!("the Idempotency-Key has more than {KEY_BYTES_MAX} bytes");
            let status = StatusCode::BAD_REQUEST;
            return Err((
                status,
                problem::document(status, codes::BAD_HEADER, &detail, json!({})),
            ));
        }
        for (index, route) in self.spec().routes().iter().enumerate() {
            if route.method() != asked.method {
                continue;
            }
            if let Some(parameters) = route.path().parameters(&asked.path) {
                asked.set_parameters(parameters);
                return Ok(index);
            }
        }
        let detail = format!(
            "mock `{}` has no route for {} {}",
            self.spec().name(),
            asked.method,
            asked.path
        );
        let status = StatusCode::NOT_FOUND;
        let routes = json!({ "routes": self.route_names() });
        Err((
            status,
            problem::document(status, codes::UNKNOWN_MOCK_ROUTE, &detail, routes),
        ))
    }
}
