//! Ids that the engine mints or derives. The only place with randomness.

use serde_json::{Value, json};
use statehold_core::json;
use statehold_store::{EffectRow, NewTimer, TimerRow};
use uuid::Uuid;

/// A new id: UUIDv7, ascending with time, in canonical text.
pub(crate) fn mint() -> String {
    Uuid::now_v7().to_string()
}

/// The id of an entity that was created under an event id and without an id of its own.
pub(crate) fn derived(machine: &str, event_id: &str) -> String {
    let hash = blake3::derive_key(
        "statehold entity id v1",
        format!("{machine}\0{event_id}").as_bytes(),
    );
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// Event id of a timer: the same however often its firing is tried. One that recurs has a row, and with it a number, for
/// each time.
pub(crate) fn timer_event(timer: &TimerRow) -> String {
    let NewTimer {
        state, name, entry, ..
    } = &timer.timer;
    format!("timer/{state}/{entry}/{name}/{}", timer.number)
}

/// Event id under which a deferred event is taken. Its own was used up when it was deferred.
pub(crate) fn deferred_event(event_id: &str) -> String {
    format!("deferred/{event_id}")
}

/// Event id of an effect's result: the same however often the result is applied, new for each operator's retry.
pub(crate) fn effect_event(effect: &EffectRow) -> String {
    format!("effect/{}/{}", effect.id, effect.generation)
}

/// Whether only the engine makes such event ids.
pub(crate) fn is_reserved(event_id: &str) -> bool {
    ["timer/", "effect/", "deferred/"]
        .iter()
        .any(|prefix| event_id.starts_with(prefix))
}

/// Tells a repeat of an event from another event under the same id: BLAKE3 of type and canonical input.
pub(crate) fn fingerprint(kind: &str, input: &Value) -> String {
    let text = json::canonical(&json!({ "type": kind, "input": input }));
    blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
}

/// A number for seeding jitter, fixed by the text.
pub(crate) fn seed(text: &str) -> u64 {
    let hash = blake3::hash(text.as_bytes());
    hash.as_bytes()[..8]
        .iter()
        .fold(0, |n, byte| n << 8 | u64::from(*byte))
}
