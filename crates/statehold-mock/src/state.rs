//! Everything about a mock that calls change, and the one decision: what a call is answered.
//!
//! Pure but for its own memory: no sockets, no clock, no waiting. One call at a time passes through.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::asked::Asked;
use crate::keys::{Acted, Keys};
use crate::mask::Mask;
use crate::record::{Record, Verdict};
use crate::reply::{Ending, Rendered};
use crate::spec::{MockSpec, Per, Replies, Route};

/// The memory of a mock.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) lanes: Vec<Lane>,
    pub(crate) keys: Keys,
    pub(crate) record: Record,
    /// Calls that no route matched.
    pub(crate) unmatched: u64,
}

/// The memory of one route.
#[derive(Debug)]
pub(crate) struct Lane {
    /// What is answered now; the file's replies until they are replaced.
    pub(crate) replies: Replies,
    pub(crate) calls: u64,
    pub(crate) effective: u64,
    turns: u64,
}

impl State {
    pub(crate) fn new(spec: &MockSpec) -> State {
        let lane = |route: &Route| Lane {
            replies: route.replies.clone(),
            calls: 0,
            effective: 0,
            turns: 0,
        };
        State {
            lanes: spec.routes.iter().map(lane).collect(),
            keys: Keys::default(),
            record: Record::default(),
            unmatched: 0,
        }
    }

    /// Decides and records the answer to a call on a route.
    pub(crate) fn call(
        &mut self,
        index: usize,
        route: &Route,
        asked: &mut Asked,
        mask: &Mask,
        now: Timestamp,
    ) -> Verdict {
        let lane = &mut self.lanes[index];
        lane.calls += 1;
        asked.call = json!(lane.calls);
        let acted_before = match asked.key() {
            Some(key) if route.idempotent => self.keys.on_route(key, index).acted.clone(),
            _ => None,
        };
        let verdict = match acted_before {
            Some(Acted { reply: Some(first) }) => self.replay(index, asked, first),
            before => self.take_turn(index, route, asked, before.is_some()),
        };
        self.lanes[index].effective += u64::from(verdict.effective);
        self.record
            .add(asked, Some(route.to_string()), &verdict, mask, now);
        verdict
    }

    /// Records a call that no route answers.
    pub(crate) fn refuse(
        &mut self,
        asked: &Asked,
        status: StatusCode,
        body: Value,
        mask: &Mask,
        now: Timestamp,
    ) {
        self.unmatched += 1;
        let rendered = Rendered {
            status,
            headers: Vec::new(),
            body: bytes::Bytes::new(),
            value: body,
        };
        let verdict = Verdict {
            rendered,
            ending: Ending::Complete,
            delay_ms: 0,
            replayed: false,
            effective: false,
        };
        self.record.add(asked, None, &verdict, mask, now);
    }

    /// Replaces the replies of a route and starts them from the first.
    pub(crate) fn set_replies(&mut self, index: usize, replies: Replies) {
        self.lanes[index].replies = replies;
        self.lanes[index].turns = 0;
        self.keys.restart(index);
    }

    fn replay(&mut self, index: usize, asked: &Asked, first: Rendered) -> Verdict {
        if let Some(key) = asked.key() {
            self.keys.note(key, index, false, None);
        }
        Verdict {
            rendered: first,
            ending: Ending::Complete,
            delay_ms: 0,
            replayed: true,
            effective: false,
        }
    }

    /// Answers with the reply whose turn it is. `acted_before`: the service did its work on an earlier
    /// call whose answer was lost, so this one only tells the result.
    fn take_turn(
        &mut self,
        index: usize,
        route: &Route,
        asked: &Asked,
        acted_before: bool,
    ) -> Verdict {
        let lane = &mut self.lanes[index];
        let turns = match asked.key() {
            Some(key) if route.per == Per::Key => &mut self.keys.on_route(key, index).turns,
            _ => &mut lane.turns,
        };
        let reply = lane.replies.at(*turns);
        *turns = turns.saturating_add(1);
        let verdict = Verdict {
            rendered: reply.render(asked),
            ending: reply.ending,
            delay_ms: u64::try_from(reply.delay.as_millis()).unwrap_or(u64::MAX),
            replayed: acted_before,
            effective: reply.acts() && !acted_before,
        };
        if let Some(key) = asked.key() {
            let remembered = reply.is_declared().then(|| verdict.rendered.clone());
            let acted = (route.idempotent && reply.acts()).then_some(Acted { reply: remembered });
            self.keys.note(key, index, verdict.effective, acted);
        }
        verdict
    }
}
