//! Fakes for tests: a clock that stands still until it is moved, and an outside world that answers as told.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use crate::clock::{Clock, micros};
use crate::transport::{Outgoing, Reply, SendError, Transport};

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<Timestamp>,
}

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self {
            now: watch::Sender::new(micros(now)),
        }
    }

    /// Moves it.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| {
            *now = now.checked_add(by).unwrap_or(Timestamp::MAX);
        });
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn wait_until(&self, until: Timestamp) {
        // The sender lives as long as this clock, so the wait ends only by the time.
        let _ = self.now.subscribe().wait_for(|now| *now >= until).await;
    }
}

/// An outside world that gives its answers in the order they were put in, the last one for ever.
#[derive(Debug)]
pub struct ScriptedTransport {
    answers: Mutex<VecDeque<Result<Reply, SendError>>>,
    calls: watch::Sender<Vec<Outgoing>>,
}

impl ScriptedTransport {
    /// A world with these answers. Without any it says 200 with an empty body.
    #[must_use]
    pub fn new(answers: impl IntoIterator<Item = Result<Reply, SendError>>) -> Self {
        Self {
            answers: Mutex::new(answers.into_iter().collect()),
            calls: watch::Sender::new(Vec::new()),
        }
    }

    /// Replaces the answers.
    pub fn answer(&self, answers: impl IntoIterator<Item = Result<Reply, SendError>>) {
        *self.lock() = answers.into_iter().collect();
    }

    /// Every request so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Outgoing> {
        self.calls.borrow().clone()
    }

    /// Returns when at least this many requests were made.
    pub async fn wait_for_calls(&self, count: usize) {
        let _ = self
            .calls
            .subscribe()
            .wait_for(|calls| calls.len() >= count)
            .await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Result<Reply, SendError>>> {
        self.answers
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for ScriptedTransport {
    async fn send(&self, request: &Outgoing) -> Result<Reply, SendError> {
        let answer = {
            let mut answers = self.lock();
            match answers.len() {
                0 => Ok(reply(200, Value::Null)),
                1 => answers[0].clone(),
                _ => answers
                    .pop_front()
                    .unwrap_or_else(|| Ok(reply(200, Value::Null))),
            }
        };
        self.calls.send_modify(|calls| calls.push(request.clone()));
        answer
    }
}

/// A complete answer.
#[must_use]
pub fn reply(status: u16, body: Value) -> Reply {
    Reply {
        status,
        retry_after: None,
        body,
        truncated: false,
    }
}
