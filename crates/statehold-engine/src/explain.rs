//! The verdict on an event without firing it.

use serde::Serialize;
use statehold_core::{Event, Outcome, Refusal, TransitionTaken};
use statehold_store::EntityRow;

use crate::door;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::fire::judge;
use crate::offer::FireEvent;
use crate::rows;

/// What firing an event would do at this revision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained {
    /// The event.
    pub event: String,
    /// The outcome a fire would have.
    pub outcome: Outcome,
    /// The revision this verdict is about.
    pub revision: u64,
    /// Configuration now.
    pub from: String,
    /// Configuration afterwards, if it would be applied or deferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Transitions that would be taken.
    pub transitions: Vec<TransitionTaken>,
    /// Names of the effects that would be asked for.
    pub effects: Vec<String>,
    /// The refusal, if it would be refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
}

impl Engine {
    /// The same verdict as [`Engine::fire`] would give at this revision. Writes nothing.
    ///
    /// # Errors
    /// There is no such entity, the event is malformed, or the store failed. A refusal is not an error here.
    pub async fn explain(
        &self,
        machine: &str,
        id: &str,
        event: FireEvent,
    ) -> Result<Explained, EngineError> {
        self.machine(machine, None)?;
        let key = door::entity_key(&self.tenant, machine, id)?;
        door::check_event_type(&event.kind)?;
        let (row, _) = self.load(&key, None).await?;
        self.explain_on(&row, event)
    }

    /// The verdict on every event that the current configuration waits for, each fired without input.
    ///
    /// # Errors
    /// There is no such entity, or the store failed.
    pub async fn explain_all(
        &self,
        machine: &str,
        id: &str,
        actor: &statehold_core::Actor,
    ) -> Result<Vec<Explained>, EngineError> {
        self.machine(machine, None)?;
        let key = door::entity_key(&self.tenant, machine, id)?;
        let (row, _) = self.load(&key, None).await?;
        let events = self.view(&row)?.available_events;
        events
            .into_iter()
            .map(|kind| self.explain_on(&row, FireEvent::new(kind).actor(actor.clone())))
            .collect()
    }

    fn explain_on(&self, row: &EntityRow, event: FireEvent) -> Result<Explained, EngineError> {
        let machine = self.machine(&row.key.machine, Some(row.chart_version))?;
        let snapshot = rows::snapshot(&machine, row)?;
        let mut offered = Event::new(event.kind).input(event.input).actor(event.actor);
        let verdict = judge(&machine, &snapshot, &mut offered, self.now());
        let mut explained = Explained {
            event: offered.kind,
            outcome: Outcome::Applied,
            revision: row.revision,
            from: row.state.clone(),
            to: None,
            transitions: Vec::new(),
            effects: Vec::new(),
            refusal: None,
        };
        match verdict {
            Ok(step) => {
                explained.to = Some(step.to);
                explained.transitions = step.transitions;
                explained.effects = step.effects.into_iter().map(|effect| effect.name).collect();
            }
            // It would be deferred: nothing moves, and nothing is refused.
            Err(refusal) if refusal.outcome == Outcome::Accepted => {
                explained.outcome = Outcome::Accepted;
                explained.to = Some(explained.from.clone());
            }
            Err(refusal) => {
                explained.outcome = refusal.outcome;
                explained.refusal = Some(refusal);
            }
        }
        Ok(explained)
    }
}
