//! Small steps over machines that were read from documents.

use jiff::Timestamp;
use serde_json::{Value, json};
use statehold_core::{Event, Machine, Refusal, Snapshot, Step};
use statehold_formats::scxml::{Loaded, external_event, load};

/// A document around this content.
pub(crate) fn document(content: &str) -> String {
    format!(
        "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\" name=\"doc\">\n{content}\n</scxml>"
    )
}

/// The machine of a document around this content, and what was lost.
#[track_caller]
pub(crate) fn loaded(content: &str) -> Loaded {
    load(&document(content)).unwrap_or_else(|error| panic!("{error}"))
}

/// Creates an entity.
pub(crate) fn start(machine: &Machine) -> Step {
    machine
        .start(json!({}), Timestamp::UNIX_EPOCH)
        .unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// Offers an event.
pub(crate) fn fire(
    machine: &Machine,
    snapshot: &Snapshot,
    event: &str,
) -> Result<Step, Box<Refusal>> {
    let event = external_event(event, &Value::Null);
    Ok(machine.step(snapshot, &event, Timestamp::UNIX_EPOCH)?)
}

/// Offers an event that is not from a document's own world.
pub(crate) fn fire_plain(machine: &Machine, snapshot: &Snapshot, event: &str) -> Step {
    let step = machine.step(snapshot, &Event::new(event), Timestamp::UNIX_EPOCH);
    step.unwrap_or_else(|refusal| panic!("{refusal}"))
}
