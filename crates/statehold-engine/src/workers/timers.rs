//! Firing timers: each is an event like any other, committed together with the removal of its row.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use jiff::Timestamp;
use statehold_core::machine::timer_event;
use statehold_core::{Event, Outcome, codes};
use statehold_store::{Consume, EntityKey, TimerRow};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::fire::{Ended, Incoming};
use crate::ids;
use crate::recall;
use crate::rows;

/// Timers taken in one look. A jump of the clock fires a backlog in portions of this size.
const TIMERS_BATCH: u32 = 256;

/// Entities whose timers fire at the same time. Enough to fill a group commit.
const ENTITIES_AT_ONCE: usize = 64;

/// A timer whose step fails is offered again after this long: the cause is in the chart or the data, and somebody
/// has to mend it first.
const RETRY_AFTER_FAILURE: Duration = Duration::from_secs(60);

impl Engine {
    /// Fires what is due. True if there may be more.
    pub(super) async fn fire_due_timers(&self) -> Result<bool, EngineError> {
        let due = self.shared.store.due_timers(self.now(), TIMERS_BATCH).await;
        let due = due.map_err(EngineError::store("find due timers"))?;
        let more = due.len() == TIMERS_BATCH as usize;
        // Timers of one entity fire one after the other, in order of due time and creation.
        let mut lanes: BTreeMap<EntityKey, Vec<TimerRow>> = BTreeMap::new();
        for timer in due {
            lanes.entry(timer.entity.clone()).or_default().push(timer);
        }
        futures::stream::iter(lanes.into_values())
            .for_each_concurrent(ENTITIES_AT_ONCE, |lane| async move {
                for timer in lane {
                    if recall::is_mark(&timer.timer) {
                        self.offer_what_waits(&timer).await;
                    } else {
                        self.fire_timer(timer).await;
                    }
                }
            })
            .await;
        Ok(more)
    }

    async fn fire_timer(&self, timer: TimerRow) {
        let owner = statehold_core::InvokeRef {
            state: timer.timer.state.clone(),
            entry: timer.timer.entry,
        };
        let event = Event::timer(timer_event(&owner.state, &timer.timer.name), owner);
        let incoming = Incoming {
            event_id: ids::timer_event(&timer),
            event: event.clone(),
            cause: None,
            if_revision: None,
            not_before: Some(timer.timer.due),
            consume: Some(Consume::Timer {
                number: timer.number,
            }),
        };
        let engine = self.for_tenant(&timer.entity.tenant);
        let ended = engine.apply(&timer.entity, incoming).await;
        if let Err(error) = engine.after_timer(&timer, &event, ended).await {
            tracing::warn!(entity = %timer.entity.id, timer = %timer.timer.name, %error, "a timer could not be fired");
        }
    }

    /// The timer's row is gone if it fired. Otherwise it goes unless a later try could end differently.
    async fn after_timer(
        &self,
        timer: &TimerRow,
        event: &Event,
        ended: Result<Ended, EngineError>,
    ) -> Result<(), EngineError> {
        match ended {
            Ok(Ended::Stale) => Ok(()),
            Ok(Ended::Fired(fired)) if fired.outcome == Outcome::Applied => Ok(()),
            // The log has this firing already.
            Ok(Ended::Fired(_)) => self.drop_timer(timer).await,
            Err(EngineError::Refused(refusal)) => match refusal.outcome {
                Outcome::GuardError | Outcome::StepError => {
                    tracing::error!(entity = %timer.entity.id, timer = %timer.timer.name, %refusal, "a timer's step fails");
                    let later = self.later(RETRY_AFTER_FAILURE);
                    self.postpone_timer(timer, later).await
                }
                Outcome::Conflict => Ok(()),
                _ => match self.next_firing(timer, event).await? {
                    Some(next) => self.postpone_timer(timer, next).await,
                    None => self.drop_timer(timer).await,
                },
            },
            Err(error) if error.code() == codes::UNKNOWN_ENTITY => self.drop_timer(timer).await,
            Err(error) => Err(error),
        }
    }

    /// When a recurring timer comes again although its event was refused now.
    async fn next_firing(
        &self,
        timer: &TimerRow,
        event: &Event,
    ) -> Result<Option<Timestamp>, EngineError> {
        let (row, _) = self.load(&timer.entity, None).await?;
        let machine = self.machine(&row.key.machine, Some(row.chart_version))?;
        let snapshot = rows::snapshot(&machine, &row)?;
        let now = self.now().max(timer.timer.due);
        Ok(machine.next_firing(&snapshot, event, now))
    }

    async fn offer_what_waits(&self, mark: &TimerRow) {
        let engine = self.for_tenant(&mark.entity.tenant);
        if let Err(error) = engine.recall(mark).await {
            tracing::warn!(entity = %mark.entity.id, %error, "deferred events could not be offered");
        }
    }

    async fn postpone_timer(&self, timer: &TimerRow, due: Timestamp) -> Result<(), EngineError> {
        let postponed = self.shared.store.postpone_timer(timer.number, due).await;
        let doing = format!("postpone timer `{}`", timer.timer.name);
        postponed.map_err(EngineError::store(doing))?;
        self.note_change();
        Ok(())
    }

    async fn drop_timer(&self, timer: &TimerRow) -> Result<(), EngineError> {
        let dropped = self.shared.store.drop_timer(timer.number).await;
        let doing = format!("drop timer `{}`", timer.timer.name);
        dropped.map_err(EngineError::store(doing))?;
        self.note_change();
        Ok(())
    }
}
