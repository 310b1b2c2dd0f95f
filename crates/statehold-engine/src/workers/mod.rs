//! The workers: one loop that fires due timers and starts due effects, and the calls it has under way.
//!
//! There is no recovery procedure and no ownership in memory: what a crash leaves behind is a lease that runs out,
//! and the same query that finds new work finds it again.

mod effects;
mod timers;

use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::shutdown::Shutdown;

/// Shortest pause between two looks at the store that found nothing to do: a row that is due but cannot be worked
/// on must not turn the loop into a spin.
const PAUSE_MIN: Duration = Duration::from_millis(5);

/// Pause after the store failed.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

impl Engine {
    /// Works until the shutdown is given, then lets running calls end within the configured grace. Calls that do not
    /// end in time are dropped; their outcome is unknown and their leases run out.
    pub async fn run_workers(&self, mut shutdown: Shutdown) {
        let mut calls = JoinSet::new();
        while !shutdown.is_given() {
            let until = match self.work(&mut calls).await {
                Ok(Work::MoreWaits) => continue,
                Ok(Work::Until(until)) => until,
                Err(error) => {
                    tracing::warn!(%error, "the workers cannot reach the store");
                    self.later(PAUSE_AFTER_ERROR)
                }
            };
            tokio::select! {
                () = shutdown.wait() => break,
                () = self.shared.wake.notified() => {}
                () = self.shared.clock.wait_until(until) => {}
                Some(_) = calls.join_next(), if !calls.is_empty() => {}
            }
        }
        let drained = async { while calls.join_next().await.is_some() {} };
        if tokio::time::timeout(self.shared.config.grace, drained)
            .await
            .is_err()
        {
            tracing::warn!(
                calls = calls.len(),
                "calls did not end in time; they are tried again when their leases run out"
            );
            calls.shutdown().await;
        }
    }

    /// One look at the store.
    async fn work(&self, calls: &mut JoinSet<()>) -> Result<Work, EngineError> {
        while calls.try_join_next().is_some() {}
        // Read before looking, so that a clock that moves meanwhile ends the pause at once.
        let now = self.now();
        let more_timers = self.fire_due_timers().await?;
        let free = self.shared.config.effects_max.saturating_sub(calls.len());
        let claimed = self.claim(free).await?;
        let full = free > 0 && claimed.len() == free;
        for effect in claimed {
            let engine = self.clone();
            calls.spawn(async move { engine.run_effect(effect).await });
        }
        if more_timers || full {
            return Ok(Work::MoreWaits);
        }
        let next = self.shared.store.next_due().await;
        let next = next.map_err(EngineError::store("find what is due next"))?;
        let poll = after(now, self.shared.config.poll);
        Ok(Work::Until(match next {
            // With no call to spare, what is due has to wait for one to end, which wakes the loop.
            Some(next) if free > 0 && next > now => next.min(poll),
            // Due already, and nobody could work on it: a short pause, so that the loop does not spin.
            Some(_) if free > 0 => after(now, PAUSE_MIN).min(poll),
            _ => poll,
        }))
    }

    pub(crate) fn later(&self, by: Duration) -> Timestamp {
        after(self.now(), by)
    }
}

fn after(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// What a look at the store found.
enum Work {
    /// As much as one look takes: look again at once.
    MoreWaits,
    /// Nothing more before this instant, unless something wakes the workers.
    Until(Timestamp),
}
