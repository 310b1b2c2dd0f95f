//! The engine's only source of time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// Tells the time and waits for it. Times are cut to microseconds, as stores keep them.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// The current instant.
    fn now(&self) -> Timestamp;

    /// Returns when `now()` has reached `until`, or earlier; the caller looks again.
    async fn wait_until(&self, until: Timestamp);
}

/// Cuts an instant to microseconds.
pub(crate) fn micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        micros(Timestamp::now())
    }

    async fn wait_until(&self, until: Timestamp) {
        tokio::time::sleep(remaining(self.now(), until)).await;
    }
}

/// The clock of the database that nodes share.
#[cfg(feature = "postgres")]
#[async_trait]
impl Clock for statehold_store::DatabaseTime {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }

    async fn wait_until(&self, until: Timestamp) {
        tokio::time::sleep(remaining(Self::now(self), until)).await;
    }
}

fn remaining(now: Timestamp, until: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO)
}

/// The machine's clock moved forward by hand: for development, where nobody wants to wait 48 hours.
#[derive(Debug, Default)]
pub struct OffsetClock {
    offset_us: AtomicI64,
    moved: Notify,
}

impl OffsetClock {
    /// A clock that is ahead by `offset` from the start.
    #[must_use]
    pub fn ahead_by(offset: SignedDuration) -> Self {
        let clock = Self::default();
        clock.store(offset);
        clock
    }

    /// Moves the clock forward. It never goes back: a negative amount counts as zero.
    pub fn advance(&self, by: Duration) -> SignedDuration {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::ZERO);
        let offset = self.offset().saturating_add(by);
        self.store(offset);
        self.moved.notify_waiters();
        offset
    }

    /// How far it is ahead.
    #[must_use]
    pub fn offset(&self) -> SignedDuration {
        SignedDuration::from_micros(self.offset_us.load(Ordering::Acquire))
    }

    fn store(&self, offset: SignedDuration) {
        let micros = i64::try_from(offset.as_micros()).unwrap_or(i64::MAX);
        self.offset_us.store(micros, Ordering::Release);
    }
}

#[async_trait]
impl Clock for OffsetClock {
    fn now(&self) -> Timestamp {
        let ahead = Timestamp::now().checked_add(self.offset());
        micros(ahead.unwrap_or(Timestamp::MAX))
    }

    async fn wait_until(&self, until: Timestamp) {
        tokio::select! {
            () = tokio::time::sleep(remaining(self.now(), until)) => {}
            () = self.moved.notified() => {}
        }
    }
}
