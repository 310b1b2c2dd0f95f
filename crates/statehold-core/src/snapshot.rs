//! [`Snapshot`]: everything an entity is between two events. It can be stored and read back without loss.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::configuration::StateSet;
use crate::event::Actor;

/// The entity as expressions see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityInfo {
    /// Its id. Shared, as it stays the same through all snapshots.
    pub id: Arc<str>,
    /// Id of the actor that created it.
    pub owner: Option<Arc<str>>,
    /// Its revision: how many commits it has seen since its creation.
    pub revision: u64,
}

/// Whether the entity still accepts events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It does.
    Active,
    /// Its root reached a final state.
    Done,
}

/// What an entity remembers beside its configuration and context.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Path of a history state → paths it remembers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub history: BTreeMap<String, Vec<String>>,
    /// Path of a state with timers or invokes → how often it was entered.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub entries: BTreeMap<String, u64>,
    /// Id of the actor that created the entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The output, once done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// Events that wait for the configuration to change, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deferred: Vec<Deferred>,
}

/// An event that no transition took and that is offered again later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deferred {
    /// The id it was fired under.
    pub id: String,
    /// Its type.
    pub event: String,
    /// Its input, complete: also what is sensitive, since its transition will need it.
    pub input: Value,
    /// Who fired it.
    pub actor: Actor,
}

/// Everything an entity is between two events.
///
/// It is what an engine stores: the configuration as one text, the context and the memory as JSON.
///
/// ```
/// use serde_json::json;
/// use statehold_core::{Machine, Memory};
///
/// let machine = Machine::from_yaml(
///     "{ statehold: 1, machine: m, version: 1, type: parallel, states: { a: { initial: x, states: { x: {} } }, b: {} } }",
/// )
/// .unwrap();
/// let snapshot = machine.start(json!({}), jiff::Timestamp::UNIX_EPOCH).unwrap().snapshot;
///
/// let text = machine.encode(&snapshot.configuration);
/// assert_eq!(text, "(a.x|b)");
/// assert_eq!(machine.decode(&text).unwrap(), snapshot.configuration);
/// let memory = serde_json::to_string(&*snapshot.memory).unwrap();
/// assert_eq!(serde_json::from_str::<Memory>(&memory).unwrap(), *snapshot.memory);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Id, owner, revision.
    pub entity: EntityInfo,
    /// Active states, ancestors included.
    pub configuration: StateSet,
    /// The entity's data.
    pub context: Arc<Map<String, Value>>,
    /// History values, entry numbers, deferred events.
    pub memory: Arc<Memory>,
    /// Active or done.
    pub status: Status,
}
