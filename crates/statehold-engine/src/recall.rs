//! Deferred events: offered again, each in a commit of its own, after a commit that changed the configuration.
//!
//! Such a commit also sets a mark: a timer row, due at once, that no state of a chart can own. So the offer is made even
//! if the process dies right after the commit: the workers find the mark like any timer that is due. Whoever offers
//! reads the mark first and the entity after it, and takes away only that mark: one that a later commit has set stays.

use jiff::Timestamp;
use statehold_core::{Deferred, Event, Machine, Outcome, Refusal, Snapshot, Step, codes};
use statehold_store::{CommitOutcome, EntityKey, EntityRow, InvokeRef, NewTimer, TimerRow};

use crate::clock::micros;
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::fire::{Incoming, storable};
use crate::ids;
use crate::rows;
use crate::views::Fired;

/// Offers made in one go: each deferred event once, and some more for rivals who were faster. What is left then is
/// taken up by the workers.
const OFFERS_MAX: usize = statehold_core::DEFERRED_MAX + 20;

/// Name of the mark. Entries of states count from 1, so no timer of the root is ever taken for it.
const MARK: &str = "deferred";

/// The entry that owns the mark.
fn mark_owner() -> InvokeRef {
    InvokeRef {
        state: String::new(),
        entry: 0,
    }
}

/// Whether a timer is the mark.
pub(crate) fn is_mark(timer: &NewTimer) -> bool {
    timer.state.is_empty() && timer.entry == 0
}

/// Sets the mark if the commit of this step calls for an offer, and takes an earlier one away that it makes obsolete.
/// After an event was taken the rest is always offered again, from the oldest one on.
pub(crate) fn mark(
    step: &Step,
    is_recalled: bool,
    now: Timestamp,
    timers: &mut Vec<NewTimer>,
    cancel: &mut Vec<InvokeRef>,
) {
    let some_wait = !step.snapshot.memory.deferred.is_empty();
    let offers = some_wait && (is_recalled || step.from != step.to);
    if offers || is_recalled || !step.dropped.is_empty() {
        cancel.push(mark_owner());
    }
    if offers {
        let InvokeRef { state, entry } = mark_owner();
        timers.push(NewTimer {
            state,
            name: MARK.to_owned(),
            entry,
            due: micros(now),
        });
    }
}

/// What one offer came to.
enum Offered {
    /// One event was taken.
    One,
    /// None is taken in this configuration.
    None,
    /// Somebody else changed the entity meanwhile.
    Conflict,
}

impl Engine {
    /// Offers what is deferred right after the commit that calls for it. The mark stands, so a failure loses nothing.
    pub(crate) async fn recall_now(&self, key: &EntityKey) {
        let marks = self.shared.store.timers(key).await;
        let marks = marks.map_err(EngineError::store("find deferred events"));
        let result = match marks.map(|timers| timers.into_iter().find(|t| is_mark(&t.timer))) {
            Ok(Some(mark)) => self.recall(&mark).await,
            // Somebody else was faster.
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            tracing::warn!(entity = %key.id, %error, "deferred events could not be offered; the workers will");
        }
    }

    /// Offers what is deferred until nothing more is taken.
    pub(crate) async fn recall(&self, mark: &TimerRow) -> Result<(), EngineError> {
        let mut mark = Some(mark.clone());
        for _ in 0..OFFERS_MAX {
            let Some(standing) = mark else {
                return Ok(());
            };
            let key = &standing.entity;
            match self.offer_deferred(key).await? {
                Offered::None => {
                    let dropped = self.shared.store.drop_timer(standing.number).await;
                    dropped.map_err(EngineError::store("end the offer of deferred events"))?;
                    self.note_change();
                    return Ok(());
                }
                Offered::One | Offered::Conflict => {
                    let timers = self.shared.store.timers(key).await;
                    let timers = timers.map_err(EngineError::store("find deferred events"))?;
                    mark = timers.into_iter().find(|timer| is_mark(&timer.timer));
                }
            }
        }
        Ok(())
    }

    /// Takes the oldest deferred event that a transition waits for now.
    async fn offer_deferred(&self, key: &EntityKey) -> Result<Offered, EngineError> {
        let found = self.load(key, None).await;
        let row = match found {
            Err(error) if error.code() == codes::UNKNOWN_ENTITY => return Ok(Offered::None),
            found => found?.0,
        };
        let machine = self.machine(&key.machine, Some(row.chart_version))?;
        let snapshot = rows::snapshot(&machine, &row)?;
        let now = self.now();
        for (at, deferred) in snapshot.memory.deferred.iter().enumerate() {
            match offer(&machine, &snapshot, at, now) {
                Ok(step) => return self.take(&row, &machine, deferred, step, now).await,
                Err(refusal) => self.note_unfit(&row, deferred, refusal).await,
            }
        }
        Ok(Offered::None)
    }

    async fn take(
        &self,
        row: &EntityRow,
        machine: &Machine,
        deferred: &Deferred,
        step: Step,
        now: Timestamp,
    ) -> Result<Offered, EngineError> {
        let event_id = ids::deferred_event(&deferred.id);
        let masked = rows::masked_input(machine, &deferred.event, &deferred.input);
        let draft = Draft {
            key: &row.key,
            machine,
            kind: &deferred.event,
            event_id: &event_id,
            fingerprint: &ids::fingerprint(&deferred.event, &deferred.input),
            actor: &deferred.actor,
            cause: Some(&deferred.id),
            masked_input: &masked,
            outcome: Outcome::Applied,
            is_recalled: true,
        };
        let (commit, fired) = draft.build(&step, Some(row), None, now);
        let doing = format!(
            "take deferred event `{}` of entity `{}`",
            deferred.id, row.key.id
        );
        let outcome = self.shared.store.commit(commit).await;
        match outcome.map_err(EngineError::store(doing))? {
            CommitOutcome::Applied => {
                self.record_dropped(row, &fired, step.dropped).await;
                self.note_change();
                Ok(Offered::One)
            }
            CommitOutcome::Conflict { .. } | CommitOutcome::Stale => Ok(Offered::Conflict),
            CommitOutcome::Duplicate(_) => Err(EngineError::invalid(
                codes::STORE_FAILED,
                format!(
                    "deferred event `{}` of entity `{}` is kept although it was taken",
                    deferred.id, row.key.id
                ),
            )),
        }
    }

    /// That an event is not taken now is what deferring is about. Anything else would remain unseen.
    async fn note_unfit(&self, row: &EntityRow, deferred: &Deferred, refusal: Refusal) {
        let is_usual = matches!(
            refusal.outcome,
            Outcome::Accepted | Outcome::NoTransition | Outcome::Ignored | Outcome::GuardFailed
        );
        if !is_usual {
            tracing::error!(entity = %row.key.id, event = %deferred.event, %refusal, "a deferred event cannot be taken and stays");
            self.note_refused(row, deferred, refusal).await;
        }
    }

    /// Notes events that come to nothing because the entity is done.
    pub(crate) async fn record_dropped(
        &self,
        before: &EntityRow,
        fired: &Fired,
        dropped: Vec<Deferred>,
    ) {
        let row = EntityRow {
            revision: fired.seq,
            state: fired.to.clone(),
            ..before.clone()
        };
        for deferred in &dropped {
            let message = format!(
                "`{}` was deferred, and the entity is done (in `{}`)",
                deferred.event, fired.to
            );
            let refusal = Refusal::new(Outcome::NoTransition, codes::NO_TRANSITION, message);
            self.note_refused(&row, deferred, refusal).await;
        }
    }

    async fn note_refused(&self, row: &EntityRow, deferred: &Deferred, refusal: Refusal) {
        let incoming = Incoming {
            event: Event::new(deferred.event.clone())
                .input(deferred.input.clone())
                .actor(deferred.actor.clone()),
            event_id: ids::deferred_event(&deferred.id),
            cause: None,
            if_revision: None,
            consume: None,
            not_before: None,
        };
        self.record_refusal(row, &incoming, &refusal.into()).await;
    }
}

/// The verdict on the deferred event at this position.
fn offer(
    machine: &Machine,
    snapshot: &Snapshot,
    at: usize,
    now: Timestamp,
) -> Result<Step, Refusal> {
    let offered = machine.recall(snapshot, at, now);
    let nothing = || Refusal::new(Outcome::NoTransition, codes::NO_TRANSITION, "nothing waits");
    storable(offered.unwrap_or_else(|| Err(nothing()))?)
}
