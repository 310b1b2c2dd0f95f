//! Between rows and the core's values: the only place that knows how one is written as the other.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use statehold_core::{
    Actor, EffectRequest, EntityInfo, FrozenRequest, InvokeRef, Machine, Memory, Snapshot, Status,
    Step, codes, idempotency_key,
};
use statehold_store::{self as store, EntityKey, EntityRow, EntityStatus, NewEffect, NewTimer};

use crate::error::EngineError;
use crate::ids;

/// What an effect row's request column holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredRequest {
    /// Chart version whose retry rules apply.
    pub(crate) version: u32,
    /// Under a key that names its kind.
    #[serde(flatten)]
    pub(crate) request: FrozenRequest,
}

/// The snapshot that a row holds.
pub(crate) fn snapshot(machine: &Machine, row: &EntityRow) -> Result<Snapshot, EngineError> {
    let broken = |problem: String| {
        EngineError::invalid(
            codes::STORE_FAILED,
            format!(
                "entity `{}` of machine `{}`: {problem}",
                row.key.id, row.key.machine
            ),
        )
    };
    let configuration = machine
        .decode(&row.state)
        .map_err(|e| broken(e.to_string()))?;
    let context: Map<String, Value> = serde_json::from_str(&row.context)
        .map_err(|e| broken(format!("its context is not readable: {e}")))?;
    let memory: Memory = serde_json::from_str(&row.memory)
        .map_err(|e| broken(format!("its memory is not readable: {e}")))?;
    Ok(Snapshot {
        entity: EntityInfo {
            id: row.key.id.as_str().into(),
            owner: memory.owner.as_deref().map(Into::into),
            revision: row.revision,
        },
        configuration,
        context: Arc::new(context),
        memory: Arc::new(memory),
        status: match row.status {
            EntityStatus::Active => Status::Active,
            EntityStatus::Done => Status::Done,
        },
    })
}

/// The entity row after a step. `before` is none for a creation.
pub(crate) fn entity_row(
    key: &EntityKey,
    machine: &Machine,
    step: &Step,
    before: Option<&EntityRow>,
    now: Timestamp,
) -> EntityRow {
    EntityRow {
        key: key.clone(),
        revision: before.map_or(0, |row| row.revision + 1),
        chart_version: machine.version,
        state: step.to.clone(),
        status: match step.snapshot.status {
            Status::Active => EntityStatus::Active,
            Status::Done => EntityStatus::Done,
        },
        context: to_json(&*step.snapshot.context),
        memory: to_json(&*step.snapshot.memory),
        created_at: before.map_or(now, |row| row.created_at),
        entered_at: match before {
            Some(row) if !step.moved() => row.entered_at,
            _ => now,
        },
        updated_at: now,
    }
}

/// The rows of the effects that a step asks for.
pub(crate) fn effect_rows(
    key: &EntityKey,
    version: u32,
    event_id: &str,
    effects: &[EffectRequest],
    now: Timestamp,
) -> Vec<NewEffect> {
    effects
        .iter()
        .map(|effect| NewEffect {
            id: ids::mint(),
            path: effect.path.clone(),
            name: effect.name.clone(),
            kind: effect.request.kind().to_owned(),
            request: to_json(&StoredRequest {
                version,
                request: effect.request.clone(),
            }),
            key: idempotency_key(&key.tenant, &key.machine, &key.id, event_id, &effect.path),
            invoke: effect.invoke.as_ref().map(invoke_row),
            due: now,
        })
        .collect()
}

/// The rows of the timers that a step sets.
pub(crate) fn timer_rows(step: &Step) -> Vec<NewTimer> {
    step.timers
        .iter()
        .map(|timer| NewTimer {
            state: timer.owner.state.clone(),
            name: timer.name.clone(),
            entry: timer.owner.entry,
            due: crate::clock::micros(timer.due),
        })
        .collect()
}

pub(crate) fn invoke_row(invoke: &InvokeRef) -> store::InvokeRef {
    store::InvokeRef {
        state: invoke.state.clone(),
        entry: invoke.entry,
    }
}

pub(crate) fn invoke_ref(invoke: &store::InvokeRef) -> InvokeRef {
    InvokeRef {
        state: invoke.state.clone(),
        entry: invoke.entry,
    }
}

pub(crate) fn actor_json(actor: &Actor) -> String {
    json!({ "id": actor.id, "kind": actor.kind, "roles": actor.roles }).to_string()
}

/// Input as the log may hold it: sensitive fields masked. Fields of undeclared events have no schema and stay.
pub(crate) fn masked_input(machine: &Machine, kind: &str, input: &Value) -> Value {
    match (machine.input_record(kind), input) {
        (Some(record), Value::Object(fields)) => Value::Object(record.mask(fields)),
        _ => input.clone(),
    }
}

/// Writes a value that cannot fail to be written: its keys are strings.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// Reads a column that the engine wrote; null where it is not readable, which only an outside write can cause.
pub(crate) fn from_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}
