//! A mock as its author declared it: valid by construction, never changed by a call.

use std::fmt;

use axum::http::Method;

use crate::path::PathPattern;
use crate::reply::Reply;

/// Most routes of one mock; each request is compared with them in order.
pub const ROUTES_MAX: usize = 500;

/// Most replies of one route.
pub const REPLIES_MAX: usize = 1_000;

/// One outside API.
#[derive(Debug, Clone, PartialEq)]
pub struct MockSpec {
    pub(crate) name: String,
    pub(crate) env: Option<String>,
    pub(crate) sensitive: Vec<String>,
    pub(crate) routes: Vec<Route>,
}

/// A method and a path, and what is answered there.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    pub(crate) method: Method,
    pub(crate) path: PathPattern,
    pub(crate) idempotent: bool,
    pub(crate) per: Per,
    pub(crate) replies: Replies,
}

/// Whose calls take turns through the replies of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// All calls together.
    Route,
    /// Each Idempotency-Key by itself; calls without one together.
    Key,
}

/// The replies of a route, at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct Replies(Vec<Reply>);

impl MockSpec {
    /// The API's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The environment name charts use for the API's address, e.g. `PAYMENTS` for `${env.PAYMENTS}`.
    #[must_use]
    pub fn env(&self) -> Option<&str> {
        self.env.as_deref()
    }

    /// The routes, in the order in which they are tried.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }
}

impl Route {
    /// The request method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path pattern.
    #[must_use]
    pub fn path(&self) -> &PathPattern {
        &self.path
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Replies {
    /// Replies that are used in turn; `None` when there is none or more than [`REPLIES_MAX`].
    #[must_use]
    pub fn new(replies: Vec<Reply>) -> Option<Replies> {
        (1..=REPLIES_MAX)
            .contains(&replies.len())
            .then_some(Replies(replies))
    }

    /// The reply at a turn, from 0. The last one repeats for ever.
    pub(crate) fn at(&self, turn: u64) -> &Reply {
        let mut left = turn;
        for reply in &self.0 {
            match left.checked_sub(u64::from(reply.times)) {
                Some(after) => left = after,
                None => return reply,
            }
        }
        &self.0[self.0.len() - 1]
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Reply> {
        self.0.iter()
    }
}

impl From<Reply> for Replies {
    /// The same reply for ever.
    fn from(reply: Reply) -> Replies {
        Replies(vec![reply])
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    #[test]
    fn replies_take_turns_and_the_last_repeats() {
        let reply = |status: StatusCode, times| Reply::status(status).times(times);
        let busy = StatusCode::SERVICE_UNAVAILABLE;
        let replies = Replies::new(vec![
            reply(busy, 2),
            reply(StatusCode::CONFLICT, 1),
            reply(StatusCode::OK, 1),
        ]);
        let replies = replies.expect("not empty");
        let statuses: Vec<u16> = [0, 1, 2, 3, 4, u64::MAX]
            .iter()
            .filter_map(|turn| replies.at(*turn).status)
            .map(|s| s.as_u16())
            .collect();
        assert_eq!(statuses, [503, 503, 409, 200, 200, 200]);
    }

    #[test]
    fn there_is_at_least_one_reply_and_a_limit() {
        assert!(Replies::new(Vec::new()).is_none());
        assert!(Replies::new(vec![Reply::status(StatusCode::OK); REPLIES_MAX + 1]).is_none());
    }
}
