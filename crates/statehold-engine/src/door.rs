//! The one door: what comes from outside is checked here before anything else sees it.

use serde_json::Value;
use statehold_core::{codes, is_reserved};
use statehold_store::EntityKey;

use crate::error::EngineError;
use crate::ids;

/// Size of an event's input as JSON, in bytes, at most. Larger data belongs beside the entity, not into its log.
pub const EVENT_BYTES_MAX: usize = 256 * 1024;

/// Length of entity ids and event ids in bytes, at most: they lead every key and stand in every row.
pub const ID_BYTES_MAX: usize = 200;

/// The tenant of those who need none.
pub const MAIN_TENANT: &str = "main";

/// Names an entity, if the names are usable.
pub(crate) fn entity_key(tenant: &str, machine: &str, id: &str) -> Result<EntityKey, EngineError> {
    check_id("tenant", tenant)?;
    check_id("entity id", id)?;
    if matches!(id, "." | "..") {
        // In an address these mean another place, whichever way they are written.
        return Err(EngineError::invalid(
            codes::BAD_ID,
            format!("the entity id may not be `{id}`"),
        ));
    }
    Ok(EntityKey {
        tenant: tenant.to_owned(),
        machine: machine.to_owned(),
        id: id.to_owned(),
    })
}

/// A caller's event id, if it is usable; a new one if the caller gave none.
pub(crate) fn event_id(given: Option<&str>) -> Result<String, EngineError> {
    let Some(id) = given else {
        return Ok(ids::mint());
    };
    check_id("event id", id)?;
    if ids::is_reserved(id) {
        return Err(EngineError::invalid(
            codes::BAD_ID,
            format!(
                "event id `{id}`: ids that begin with `timer/`, `effect/` or `deferred/` are reserved"
            ),
        ));
    }
    Ok(id.to_owned())
}

/// Event types that only the engine fires are refused from outside.
pub(crate) fn check_event_type(kind: &str) -> Result<(), EngineError> {
    if is_reserved(kind) {
        return Err(EngineError::invalid(
            codes::INVALID_INPUT,
            format!(
                "events named `done.`, `error.`, `timer.` or `effect.` are fired by the engine only, not `{kind}`"
            ),
        ));
    }
    check_id("event type", kind)
}

/// Bounds the input whichever way it came in.
pub(crate) fn check_input_size(input: &Value) -> Result<(), EngineError> {
    let size = input.to_string().len();
    if size > EVENT_BYTES_MAX {
        return Err(EngineError::invalid(
            codes::BODY_TOO_LARGE,
            format!("the input has {size} bytes, at most {EVENT_BYTES_MAX} are taken"),
        ));
    }
    Ok(())
}

fn check_id(what: &str, id: &str) -> Result<(), EngineError> {
    let problem = if id.is_empty() {
        "is empty".to_owned()
    } else if id.len() > ID_BYTES_MAX {
        format!("has {} bytes, at most {ID_BYTES_MAX} are taken", id.len())
    } else if id.chars().any(char::is_control) {
        "holds control characters".to_owned()
    } else {
        return Ok(());
    };
    Err(EngineError::invalid(
        codes::BAD_ID,
        format!("the {what} {problem}"),
    ))
}
