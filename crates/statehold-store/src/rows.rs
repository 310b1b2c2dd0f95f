//! The rows a store keeps and the requests it takes. Shapes only; no behaviour beyond conversions.
//!
//! `Json` fields hold JSON text exactly as the engine wrote it. Times are [`jiff::Timestamp`]s cut to microseconds.

use jiff::Timestamp;

/// JSON text, written and read by the engine; the store passes it through unchanged.
pub type Json = String;

/// Names one entity. The tenant leads every key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityKey {
    /// Whose data it is; `main` unless said otherwise.
    pub tenant: String,
    /// The machine (chart name) the entity follows.
    pub machine: String,
    /// The entity's own id, at most 200 bytes.
    pub id: String,
}

/// One immutable published version of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineVersionRow {
    /// Whose machine it is.
    pub tenant: String,
    /// Name of the machine.
    pub machine: String,
    /// Version, from 1.
    pub version: u32,
    /// The chart file as it was published.
    pub source: String,
    /// Stable hash of the chart's meaning, as lower-case hexadecimal.
    pub hash: String,
    /// When it was published.
    pub published_at: Timestamp,
    /// Who published it (actor id).
    pub published_by: String,
}

/// What became of [`Store::publish`](crate::Store::publish).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishOutcome {
    /// The version is new and stored.
    Published,
    /// The same version with the same hash was there already; nothing changed.
    Unchanged,
    /// The version exists with another hash; nothing changed. Carries the stored hash.
    Different(String),
}

/// Where an entity stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntityStatus {
    /// It accepts events.
    Active,
    /// Its root reached a final state; it accepts none.
    Done,
}

impl EntityStatus {
    /// Its name in tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Done => "done",
        }
    }

    /// The status of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Done]
            .into_iter()
            .find(|status| status.as_str() == name)
    }
}

/// The current-state row of one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityRow {
    /// Which entity.
    pub key: EntityKey,
    /// Counts the commits of the entity, from 0 (its creation). The lock of optimistic concurrency.
    pub revision: u64,
    /// The chart version the entity follows.
    pub chart_version: u32,
    /// The configuration in its readable form, e.g. `processing.payment.authorizing`.
    pub state: String,
    /// Active or done.
    pub status: EntityStatus,
    /// The entity's data, a JSON object.
    pub context: Json,
    /// History values, entry numbers, deferred events: a JSON object the engine owns.
    pub memory: Json,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its configuration last changed.
    pub entered_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// One row of the append-only log. `seq` equals the revision the entity had after it; creation is 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Which entity.
    pub key: EntityKey,
    /// Position in the entity's log, gap-free from 0.
    pub seq: u64,
    /// The instant the macrostep saw as `now`.
    pub at: Timestamp,
    /// Event type, e.g. `pay` or `timer.pending.48h`.
    pub event: String,
    /// The event's id, unique per entity.
    pub event_id: String,
    /// Hash of the event's canonical bytes, to tell a repeat from another event under the same id.
    pub fingerprint: String,
    /// Who fired it: a JSON object.
    pub actor: Json,
    /// What led to it, if not a caller: the parent's event id.
    pub cause: Option<String>,
    /// State column before; empty at creation.
    pub from_state: String,
    /// State column after.
    pub to_state: String,
    /// Transitions taken: a JSON array.
    pub transitions: Json,
    /// Context changes, sensitive values masked: a JSON object.
    pub patch: Json,
    /// Input with sensitive values masked: a JSON value.
    pub input: Json,
    /// The answer given to the caller, so that a duplicate gets the same one: a JSON object.
    pub result: Json,
    /// The chart version that decided.
    pub chart_version: u32,
}

/// Where an effect stands. `Ready` and `Claimed` are open, the others are ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EffectStatus {
    /// Waiting for its due time and a worker: set by the commit that asked for it, by a retry, by a released claim.
    Ready,
    /// A worker holds a lease on it. Claimable again once the lease has run out.
    Claimed,
    /// The outside world said yes.
    Ok,
    /// The outside world said no, or retries ended, and the chart took the error event.
    Failed,
    /// Will not be tried again without a person.
    Dead,
    /// Its state was left before it was sent.
    Cancelled,
    /// An operator closed it, with a reason.
    Discarded,
}

impl EffectStatus {
    /// All of them, in the order of an effect's life.
    pub const ALL: [Self; 7] = [
        Self::Ready,
        Self::Claimed,
        Self::Ok,
        Self::Failed,
        Self::Dead,
        Self::Cancelled,
        Self::Discarded,
    ];

    /// Its name in tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Claimed => "claimed",
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
            Self::Discarded => "discarded",
        }
    }

    /// The status of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether work is still to be done: `Ready` or `Claimed`. All others have a `settled_at`.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Ready | Self::Claimed)
    }
}

/// An effect to be written with the commit that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEffect {
    /// Row id (minted by the engine, unique).
    pub id: String,
    /// Position in the macrostep, e.g. `0.charge_card`; part of the key.
    pub path: String,
    /// Name in the chart.
    pub name: String,
    /// Kind, e.g. `http`.
    pub kind: String,
    /// The frozen request: a JSON object.
    pub request: Json,
    /// Idempotency key, fixed here for ever.
    pub key: String,
    /// For an `invoke`: the state it is tied to.
    pub invoke: Option<InvokeRef>,
    /// Not before this instant.
    pub due: Timestamp,
}

/// The state entry that an invoke belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InvokeRef {
    /// Path of the invoking state.
    pub state: String,
    /// Entry number of that state at the time.
    pub entry: u64,
}

/// One stored effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectRow {
    /// Row id.
    pub id: String,
    /// The entity that asked for it.
    pub entity: EntityKey,
    /// Log position of the commit that asked for it.
    pub seq: u64,
    /// The fields given at the commit.
    pub path: String,
    /// Name in the chart.
    pub name: String,
    /// Kind, e.g. `http`.
    pub kind: String,
    /// The frozen request.
    pub request: Json,
    /// Idempotency key.
    pub key: String,
    /// For an `invoke`: the state it is tied to.
    pub invoke: Option<InvokeRef>,
    /// Where it stands.
    pub status: EffectStatus,
    /// Not before this instant.
    pub due: Timestamp,
    /// While claimed: until when the worker may go on.
    pub lease_until: Option<Timestamp>,
    /// Raised by each claim; every later write must name it.
    pub epoch: u64,
    /// Claims since the last recorded attempt: more than a handful means that it kills its worker.
    pub claims: u32,
    /// Attempts recorded in this generation.
    pub attempts: u32,
    /// Raised by each operator's retry; the key stays.
    pub generation: u32,
    /// Why it is dead, or what the last attempt said.
    pub last_error: Option<String>,
    /// The kept reply of the attempt that settled it: a JSON object.
    pub reply: Option<Json>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub settled_at: Option<Timestamp>,
}

/// One recorded try at an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectAttempt {
    /// Epoch of the claim under which it ran.
    pub epoch: u64,
    /// When the call began.
    pub started_at: Timestamp,
    /// When its outcome was known.
    pub ended_at: Timestamp,
    /// The outcome's name: ok, refused, transient, throttled, unknown, abandoned.
    pub outcome: String,
    /// HTTP status if there was an answer.
    pub http_status: Option<u16>,
    /// A line for people.
    pub detail: String,
    /// When the next try is due, if there is one.
    pub next_due: Option<Timestamp>,
}

/// A stored attempt with its number, from 1 over all generations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectAttemptRow {
    /// The effect it belongs to.
    pub effect: String,
    /// Number of the try, from 1.
    pub n: u32,
    /// Generation it ran in, from 0.
    pub generation: u32,
    /// What happened.
    pub attempt: EffectAttempt,
}

/// Ends or postpones a claimed effect. Applies only while it is claimed and `epoch` is its current one.
///
/// A recorded attempt adds to the effect's `attempts`, sets its `claims` to 0 and its `last_error` to the attempt's
/// detail; an end then replaces `last_error` and `reply` by its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settle {
    /// Which effect.
    pub effect: String,
    /// The claim's epoch.
    pub epoch: u64,
    /// The try to record; none when an effect is judged without one (poison).
    pub attempt: Option<EffectAttempt>,
    /// What becomes of the effect.
    pub to: SettleTo,
}

/// What a [`Settle`] makes of its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettleTo {
    /// Try again at `due`.
    Retry {
        /// When.
        due: Timestamp,
    },
    /// An end: Ok, Failed, Dead or Cancelled.
    End {
        /// Which end.
        status: EffectStatus,
        /// When.
        at: Timestamp,
        /// Why, for Failed and Dead.
        error: Option<String>,
        /// The kept reply: a JSON object.
        reply: Option<Json>,
    },
}

/// A timer to be set with a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTimer {
    /// Path of the state that owns it.
    pub state: String,
    /// Its name within the state, e.g. `48h`.
    pub name: String,
    /// Entry number of the state.
    pub entry: u64,
    /// When it fires.
    pub due: Timestamp,
}

/// One stored timer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerRow {
    /// The entity it belongs to.
    pub entity: EntityKey,
    /// Creation number, ascending: breaks ties of equal due times.
    pub number: i64,
    /// The timer as it was set.
    pub timer: NewTimer,
}

/// What a commit expects to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// No entity of this key.
    New,
    /// The entity at exactly this revision.
    Revision(u64),
}

/// Work that the commit uses up; if it is gone the commit is [`CommitOutcome::Stale`] and writes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one per commit, which is large anyway"
)]
pub enum Consume {
    /// The timer that fires (number of its row).
    Timer {
        /// Its creation number.
        number: i64,
    },
    /// The effect whose result is applied.
    Effect(Settle),
}

/// One macrostep to be made durable: entity, log, effects and timers in one transaction.
#[derive(Debug, Clone)]
pub struct Commit {
    /// What must be there.
    pub expected: Expected,
    /// The entity row as it shall be; its `revision` is the new one, `created_at` is kept from the stored row on updates.
    pub entity: EntityRow,
    /// The log row; `seq` equals `entity.revision`.
    pub log: LogRow,
    /// Effects asked for.
    pub effects: Vec<NewEffect>,
    /// Timers set.
    pub timers: Vec<NewTimer>,
    /// Timers of these state entries are removed.
    pub cancel_timers: Vec<InvokeRef>,
    /// Invokes of these state entries that are `Ready` (also dead ones) become `Cancelled`; a claimed one keeps its claim.
    pub cancel_invokes: Vec<InvokeRef>,
    /// The timer or effect that caused this step.
    pub consume: Option<Consume>,
}

/// What became of a [`Commit`]. Only `Applied` wrote anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitOutcome {
    /// Durable.
    Applied,
    /// The entity is at another revision (or exists already, for `Expected::New`), or is not there.
    Conflict {
        /// The revision found, none if there is no such entity.
        found: Option<u64>,
    },
    /// The entity's log holds this event id already: its row.
    Duplicate(Box<LogRow>),
    /// What was to be consumed is gone: timer cancelled, or effect under another epoch.
    Stale,
}

/// A refused or failed fire, kept apart from the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalRow {
    /// Which entity.
    pub key: EntityKey,
    /// When.
    pub at: Timestamp,
    /// Event type.
    pub event: String,
    /// Event id.
    pub event_id: String,
    /// Who: a JSON object.
    pub actor: Json,
    /// Outcome's name, e.g. `guard_failed`.
    pub outcome: String,
    /// Why: a JSON array of blockers.
    pub blockers: Json,
    /// Input with sensitive values masked: a JSON value.
    pub input: Json,
    /// State at the time.
    pub state: String,
    /// Revision at the time.
    pub revision: u64,
}

/// Which entities to list. All given conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityFilter {
    /// The state or any below it.
    pub state: Option<String>,
    /// Active or done.
    pub status: Option<EntityStatus>,
}

/// Which effects to list. All given conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EffectFilter {
    /// Of this entity.
    pub entity: Option<EntityKey>,
    /// Of this machine.
    pub machine: Option<String>,
    /// In one of these; empty means any.
    pub statuses: Vec<EffectStatus>,
}

/// A page of a list in key order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Only rows after this key (as an earlier page ended); none for the first page.
    pub after: Option<String>,
    /// At most this many.
    pub limit: u32,
}

/// What an operator did to an effect, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorAct {
    /// When.
    pub at: Timestamp,
    /// Who: a JSON object.
    pub actor: Json,
    /// Why.
    pub reason: String,
}

/// What became of an operator's verb on one effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperateOutcome {
    /// Done; the row as it is now.
    Done(Box<EffectRow>),
    /// The effect is not dead (its status is given); nothing changed.
    NotDead(EffectStatus),
    /// There is no such effect.
    Missing,
}

/// One audit row of an operator's verb.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRow {
    /// `retry` or `discard`.
    pub verb: String,
    /// The effect it concerned.
    pub effect: String,
    /// When, who, why.
    pub act: OperatorAct,
}
