//! What callers and operators see: rows with sensitive values masked. The server and the command line print these.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use statehold_core::machine::timer_event;
use statehold_core::{Actor, Deferred, Machine, Outcome, Snapshot, TransitionTaken};
use statehold_store::{
    EffectAttemptRow, EffectRow, EntityRow, LogRow, OperatorRow, RefusalRow, TimerRow,
};

use crate::rows::{StoredRequest, from_json, masked_input};

/// An entity as callers see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntityView {
    /// Name of its machine.
    pub machine: String,
    /// Its id.
    pub id: String,
    /// The chart version it follows.
    pub version: u32,
    /// How many commits it has seen since its creation.
    pub revision: u64,
    /// Its configuration in readable form.
    pub state: String,
    /// `active` or `done`.
    pub status: &'static str,
    /// Its data, sensitive fields masked.
    pub context: Value,
    /// Its output, once it is done and if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// Events that some transition waits for now.
    pub available_events: Vec<String>,
    /// Events that wait for its configuration to change, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deferred: Vec<DeferredView>,
    /// What is deprecated about where it stands and what it could do next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its configuration last changed.
    pub entered_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// An event that no transition took, kept until one does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeferredView {
    /// Event type.
    pub event: String,
    /// The id it was fired under.
    pub event_id: String,
    /// Input, masked.
    pub input: Value,
    /// Who fired it.
    pub actor: Actor,
}

/// What firing an event did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fired {
    /// `applied`, `accepted` (deferred until the configuration changes) or `duplicate`.
    pub outcome: Outcome,
    /// The entity after it; for a duplicate, as it is now.
    pub entity: EntityView,
    /// Configuration before.
    pub from: String,
    /// Configuration after.
    pub to: String,
    /// Position in the entity's log.
    pub seq: u64,
    /// The event's id.
    pub event_id: String,
    /// Transitions taken, in order.
    pub transitions: Vec<TransitionTaken>,
    /// Effects asked for, in order.
    pub effects: Vec<FiredEffect>,
    /// What the caller should change, e.g. a deprecated event.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// An effect that a step asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct FiredEffect {
    /// Its id.
    pub id: String,
    /// Its name in the chart.
    pub name: String,
    /// Its idempotency key.
    pub key: String,
}

/// One row of an entity's log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogView {
    /// Position, gap-free from 0.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Event type.
    pub event: String,
    /// Event id.
    pub event_id: String,
    /// Who.
    pub actor: Value,
    /// What led to it, if not a caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Configuration before; empty at creation.
    pub from: String,
    /// Configuration after.
    pub to: String,
    /// Transitions taken.
    pub transitions: Value,
    /// Context changes, masked.
    pub patch: Value,
    /// Input, masked.
    pub input: Value,
    /// Effects asked for.
    pub effects: Value,
    /// The chart version that decided.
    pub version: u32,
}

/// One refused fire.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RefusalView {
    /// When.
    pub at: Timestamp,
    /// Event type.
    pub event: String,
    /// Event id.
    pub event_id: String,
    /// Who.
    pub actor: Value,
    /// What became of it.
    pub outcome: String,
    /// Why.
    pub blockers: Value,
    /// Input, masked.
    pub input: Value,
    /// Configuration at the time.
    pub state: String,
    /// Revision at the time.
    pub revision: u64,
}

/// One timer that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimerView {
    /// State that owns it.
    pub state: String,
    /// Its name within the state.
    pub name: String,
    /// Event it fires.
    pub event: String,
    /// When.
    pub due: Timestamp,
}

/// One effect.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EffectView {
    /// Its id.
    pub id: String,
    /// Machine of the entity that asked for it.
    pub machine: String,
    /// The entity that asked for it.
    pub entity: String,
    /// Log position that asked for it.
    pub seq: u64,
    /// Name in the chart.
    pub name: String,
    /// Kind, e.g. `http`.
    pub kind: String,
    /// `ready`, `claimed`, `ok`, `failed`, `dead`, `cancelled` or `discarded`.
    pub status: &'static str,
    /// Its idempotency key.
    pub key: String,
    /// The request, sensitive values masked.
    pub request: Value,
    /// Attempts recorded in this generation.
    pub attempts: u32,
    /// How often an operator asked for it again.
    pub generation: u32,
    /// Not before this instant.
    pub due: Timestamp,
    /// Why it is where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Timestamp>,
}

/// One effect with its attempts and what operators did to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EffectDetails {
    /// The effect.
    #[serde(flatten)]
    pub effect: EffectView,
    /// Attempts, oldest first.
    pub tries: Vec<AttemptView>,
    /// Operators' verbs, oldest first.
    pub operators: Vec<OperatorView>,
}

/// One try at an effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttemptView {
    /// Number, from 1.
    pub n: u32,
    /// Generation it ran in.
    pub generation: u32,
    /// When the call began.
    pub started_at: Timestamp,
    /// When its outcome was known.
    pub ended_at: Timestamp,
    /// `ok`, `refused`, `transient`, `throttled`, `unknown` or `abandoned`.
    pub outcome: String,
    /// HTTP status, if there was an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// A line for people.
    pub detail: String,
    /// When the next try was planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_due: Option<Timestamp>,
}

/// What an operator did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OperatorView {
    /// `retry` or `discard`.
    pub verb: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Value,
    /// Why.
    pub reason: String,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Paged<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Give this as `cursor` to get the next page; none on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

pub(crate) fn entity(machine: &Machine, row: &EntityRow, snapshot: &Snapshot) -> EntityView {
    let available_events = machine.accepted_events(snapshot);
    EntityView {
        machine: row.key.machine.clone(),
        id: row.key.id.clone(),
        version: row.chart_version,
        revision: row.revision,
        state: row.state.clone(),
        status: row.status.as_str(),
        context: Value::Object(machine.context.mask(&snapshot.context)),
        output: snapshot.memory.output.clone(),
        deferred: snapshot
            .memory
            .deferred
            .iter()
            .map(|waiting| deferred(machine, waiting))
            .collect(),
        warnings: deprecations(machine, snapshot, &available_events),
        available_events,
        created_at: row.created_at,
        entered_at: row.entered_at,
        updated_at: row.updated_at,
    }
}

fn deferred(machine: &Machine, waiting: &Deferred) -> DeferredView {
    DeferredView {
        event: waiting.event.clone(),
        event_id: waiting.id.clone(),
        input: masked_input(machine, &waiting.event, &waiting.input),
        actor: waiting.actor.clone(),
    }
}

fn deprecations(machine: &Machine, snapshot: &Snapshot, events: &[String]) -> Vec<String> {
    let whole = machine
        .deprecated
        .as_ref()
        .map(|d| d.describe("machine", &machine.name));
    let states = snapshot.configuration.iter().filter_map(|id| {
        let state = machine.state(id);
        state
            .deprecated
            .as_ref()
            .map(|d| d.describe("state", &state.path))
    });
    let events = events
        .iter()
        .filter_map(|kind| event_deprecation(machine, kind));
    whole.into_iter().chain(states).chain(events).collect()
}

pub(crate) fn event_deprecation(machine: &Machine, kind: &str) -> Option<String> {
    let deprecated = machine.event(kind)?.deprecated.as_ref()?;
    Some(deprecated.describe("event", kind))
}

pub(crate) fn log(row: LogRow) -> LogView {
    LogView {
        seq: row.seq,
        at: row.at,
        event: row.event,
        event_id: row.event_id,
        actor: from_json(&row.actor),
        cause: row.cause,
        from: row.from_state,
        to: row.to_state,
        transitions: from_json(&row.transitions),
        patch: from_json(&row.patch),
        input: from_json(&row.input),
        effects: from_json(&row.result)["effects"].take(),
        version: row.chart_version,
    }
}

pub(crate) fn refusal(row: RefusalRow) -> RefusalView {
    RefusalView {
        at: row.at,
        event: row.event,
        event_id: row.event_id,
        actor: from_json(&row.actor),
        outcome: row.outcome,
        blockers: from_json(&row.blockers),
        input: from_json(&row.input),
        state: row.state,
        revision: row.revision,
    }
}

pub(crate) fn timer(row: TimerRow) -> TimerView {
    TimerView {
        event: timer_event(&row.timer.state, &row.timer.name),
        state: row.timer.state,
        name: row.timer.name,
        due: row.timer.due,
    }
}

pub(crate) fn effect(row: EffectRow) -> EffectView {
    let request = serde_json::from_str::<StoredRequest>(&row.request)
        .map_or(Value::Null, |stored| stored.request.shown());
    EffectView {
        id: row.id,
        machine: row.entity.machine,
        entity: row.entity.id,
        seq: row.seq,
        name: row.name,
        kind: row.kind,
        status: row.status.as_str(),
        key: row.key,
        request,
        attempts: row.attempts,
        generation: row.generation,
        due: row.due,
        last_error: row.last_error,
        created_at: row.created_at,
        settled_at: row.settled_at,
    }
}

pub(crate) fn attempt(row: EffectAttemptRow) -> AttemptView {
    AttemptView {
        n: row.n,
        generation: row.generation,
        started_at: row.attempt.started_at,
        ended_at: row.attempt.ended_at,
        outcome: row.attempt.outcome,
        http_status: row.attempt.http_status,
        detail: row.attempt.detail,
        next_due: row.attempt.next_due,
    }
}

pub(crate) fn operator(row: OperatorRow) -> OperatorView {
    OperatorView {
        verb: row.verb,
        at: row.act.at,
        actor: from_json(&row.act.actor),
        reason: row.act.reason,
    }
}
