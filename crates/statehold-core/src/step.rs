//! What a macrostep results in: the next snapshot and what has to be written and done because of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::request::FrozenRequest;
use crate::snapshot::{Deferred, Snapshot};

/// The result of one macrostep. Nothing has been done yet; the caller makes it durable, then does it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The entity as it shall be.
    pub snapshot: Snapshot,
    /// State column before; empty for a creation.
    pub from: String,
    /// State column after.
    pub to: String,
    /// Transitions taken, in order, over all microsteps.
    pub transitions: Vec<TransitionTaken>,
    /// Context fields that changed, with their new values; null for a field that was removed.
    pub patch: Map<String, Value>,
    /// Effects asked for, in order.
    pub effects: Vec<EffectRequest>,
    /// Timers set by states that are still active; a recurring one that has fired is set again for its next time.
    pub timers: Vec<TimerSet>,
    /// State entries that ended and owned timers or invokes: those are cancelled.
    pub left: Vec<InvokeRef>,
    /// Ids of events sent in earlier steps that shall not arrive. They are taken back before `sends` are stored.
    pub cancelled_sends: Vec<String>,
    /// Events that the entity sends to itself, in order.
    pub sends: Vec<SelfSend>,
    /// What the chart's `log` actions noted, in order.
    pub logged: Vec<Logged>,
    /// Microsteps taken.
    pub microsteps: u32,
    /// Names of invariants that do not hold now and that the chart does not enforce.
    pub violated: Vec<String>,
    /// Deferred events that can never be taken any more, because the entity is done.
    pub dropped: Vec<Deferred>,
}

impl Step {
    /// A step that takes no transition: only what the entity remembers is new.
    pub(crate) fn still(snapshot: Snapshot, state: String) -> Self {
        Self {
            snapshot,
            from: state.clone(),
            to: state,
            transitions: Vec::new(),
            patch: Map::new(),
            effects: Vec::new(),
            timers: Vec::new(),
            left: Vec::new(),
            cancelled_sends: Vec::new(),
            sends: Vec::new(),
            logged: Vec::new(),
            microsteps: 0,
            violated: Vec::new(),
            dropped: Vec::new(),
        }
    }

    /// Whether the configuration is another one than before.
    #[must_use]
    pub fn moved(&self) -> bool {
        self.from != self.to || !self.left.is_empty()
    }
}

/// One transition that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitionTaken {
    /// The event it took; empty for an eventless one.
    pub event: String,
    /// Path of the state that owns it; empty for the root.
    pub source: String,
    /// Paths of its targets; empty if it has none.
    pub targets: Vec<String>,
    /// Name of its guard, if it has a named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<String>,
}

/// One entry of a state.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InvokeRef {
    /// Path of the state.
    pub state: String,
    /// Which entry of it, counted from 1 over the entity's life.
    pub entry: u64,
}

/// An effect asked for, its request filled in and final.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectRequest {
    /// Position in the macrostep and name, e.g. `0.charge_card`; with the event id it makes the idempotency key.
    pub path: String,
    /// Name in the chart.
    pub name: String,
    /// What to send.
    pub request: FrozenRequest,
    /// The state entry it is tied to, for an invoke.
    pub invoke: Option<InvokeRef>,
}

/// A timer to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerSet {
    /// The state entry that owns it.
    pub owner: InvokeRef,
    /// Its name within the state.
    pub name: String,
    /// When it fires.
    pub due: Timestamp,
}

/// An event that the entity sends to itself: it arrives from outside, in a macrostep of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct SelfSend {
    /// Its type.
    pub event: String,
    /// Its input.
    pub input: Value,
    /// What it can be cancelled by.
    pub id: Option<String>,
    /// When it arrives; the instant of the step itself if it was not delayed.
    pub due: Timestamp,
}

/// A line that a `log` action noted.
#[derive(Debug, Clone, PartialEq)]
pub struct Logged {
    /// What it is about.
    pub label: String,
    /// What was noted.
    pub value: Value,
}
