//! Deferred events: kept while no transition takes them, offered again when the configuration has changed.
//!
//! An entity keeps them in its memory, oldest first. Each is taken, or stays where it is; none overtakes another that
//! could be taken. Taking one is a macrostep of its own, so the caller of these functions makes each durable before it
//! asks for the next.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use crate::codes;
use crate::event::Event;
use crate::machine::Machine;
use crate::outcome::{Outcome, Refusal};
use crate::snapshot::{Deferred, EntityInfo, Snapshot};
use crate::step::Step;

/// Deferred events that one entity keeps, at most. Each change of its state offers all of them.
pub const DEFERRED_MAX: usize = 100;

/// Size of all deferred events of one entity as JSON, in bytes, at most: they are part of its row.
pub const DEFERRED_BYTES_MAX: usize = 1024 * 1024;

impl Machine {
    /// Keeps an event that [`step`](Self::step) refused with [`Outcome::Accepted`]. The step changes nothing but what is
    /// remembered; the event comes last. `id` is the id it was fired under.
    ///
    /// # Errors
    /// As many, or as much, as an entity keeps is kept already.
    pub fn defer(&self, snapshot: &Snapshot, event: &Event, id: &str) -> Result<Step, Refusal> {
        let deferred = Deferred {
            id: id.to_owned(),
            event: event.kind.clone(),
            input: event.input.clone(),
            actor: event.actor.clone(),
        };
        if let Some(refusal) = self.refuse_full(snapshot, &deferred) {
            return Err(refusal);
        }
        let state = self.encode(&snapshot.configuration);
        let mut after = snapshot.clone();
        Arc::make_mut(&mut after.memory).deferred.push(deferred);
        after.entity = EntityInfo {
            revision: snapshot.entity.revision + 1,
            ..after.entity
        };
        Ok(Step::still(after, state))
    }

    /// Offers the deferred event at this position, 0 being the oldest: permission, input and selection as if it came
    /// now. In the step it is not deferred any more. None if there is no such event.
    #[must_use]
    pub fn recall(
        &self,
        snapshot: &Snapshot,
        at: usize,
        now: Timestamp,
    ) -> Option<Result<Step, Refusal>> {
        let mut event = recalled(snapshot.memory.deferred.get(at)?);
        let mut without = snapshot.clone();
        Arc::make_mut(&mut without.memory).deferred.remove(at);
        let step = self
            .authorize(&without, &event, now)
            .and_then(|()| self.check_input(&mut event))
            .and_then(|()| self.step(&without, &event, now));
        Some(step)
    }

    /// Refuses an event for which there is no room.
    pub(super) fn refuse_full(&self, snapshot: &Snapshot, event: &Deferred) -> Option<Refusal> {
        let kept = &snapshot.memory.deferred;
        let bytes: usize = kept.iter().map(size).sum();
        let message = if kept.len() >= DEFERRED_MAX {
            format!("{DEFERRED_MAX} events wait already for the state to change")
        } else if bytes.saturating_add(size(event)) > DEFERRED_BYTES_MAX {
            format!("the events that wait would have more than {DEFERRED_BYTES_MAX} bytes together")
        } else {
            return None;
        };
        let accepted = self.accepted_events(snapshot);
        let refusal = Refusal::new(Outcome::NoTransition, codes::DEFERRED_FULL, message);
        Some(refusal.accepting(accepted))
    }
}

/// The event as it is offered again.
fn recalled(deferred: &Deferred) -> Event {
    Event::new(deferred.event.clone())
        .input(deferred.input.clone())
        .actor(deferred.actor.clone())
}

/// Bytes of an event as it stands in the row. An id counts with its greatest length: whether there is room must be known
/// before there is an id.
fn size(event: &Deferred) -> usize {
    const ID_BYTES: usize = 200;
    let content = json!([event.event, event.input, event.actor]);
    content.to_string().len() + ID_BYTES
}
