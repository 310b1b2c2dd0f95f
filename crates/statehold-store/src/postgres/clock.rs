//! [`DatabaseTime`]: the database's clock, as seen from here.
//!
//! Nodes whose own clocks disagree would fire timers early and take each other's leases. So all go by the clock of the
//! database they share: asked now and then, and continued in between by this machine's monotonic clock, which does not
//! jump. It never runs backwards; when the database's clock is set back it stands still until that has caught up.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::columns::{self, first};
use super::db::Db;
use super::failure::Failure;
use super::params::params;
use super::sql;

/// Between two looks. Clocks of machines drift apart by microseconds in that time.
const EVERY: Duration = Duration::from_secs(10);

/// The database's clock. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DatabaseTime(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// What the clock said, and when that was here.
    seen: Mutex<(Instant, Timestamp)>,
    /// The latest instant that was told, in microseconds.
    told: AtomicI64,
}

impl DatabaseTime {
    /// Asks the database, and from then on again and again while somebody holds the result.
    pub(super) async fn start(db: &Db) -> Result<Self, Failure> {
        let time = Self(Arc::new(Shared {
            seen: Mutex::new(look(db).await?),
            told: AtomicI64::new(i64::MIN),
        }));
        tokio::spawn(follow(db.clone(), Arc::downgrade(&time.0)));
        Ok(time)
    }

    /// The current instant, cut to microseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let (here, there) = *self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.tell(there, here.elapsed())
    }
}

impl Shared {
    fn tell(&self, there: Timestamp, since: Duration) -> Timestamp {
        let since = SignedDuration::try_from(since).unwrap_or(SignedDuration::ZERO);
        let now = there.checked_add(since).unwrap_or(Timestamp::MAX);
        let now = now.as_microsecond();
        let latest = self.told.fetch_max(now, Ordering::AcqRel).max(now);
        Timestamp::from_microsecond(latest).unwrap_or(there)
    }
}

async fn follow(db: Db, time: Weak<Shared>) {
    loop {
        tokio::time::sleep(EVERY).await;
        if time.strong_count() == 0 {
            return;
        }
        match look(&db).await {
            Ok(seen) => {
                let Some(time) = time.upgrade() else {
                    return;
                };
                *time.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
            }
            // The database is away; the clock goes on by itself meanwhile.
            Err(failure) => tracing::debug!(?failure, "cannot ask for the time"),
        }
    }
}

/// The clock's answer, taken to be from the middle of the time that it took.
async fn look(db: &Db) -> Result<(Instant, Timestamp), Failure> {
    let asked = Instant::now();
    let rows = db.read(sql::NOW, &params![]).await?;
    let now = first(&rows, columns::due)?.flatten();
    let now = now.ok_or_else(|| Failure::unreadable("the database does not know the time"))?;
    Ok((asked + asked.elapsed() / 2, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time within the calendar")
    }

    #[test]
    fn time_goes_on_between_two_looks() {
        let shared = Shared {
            seen: Mutex::new((Instant::now(), at(0))),
            told: AtomicI64::new(i64::MIN),
        };
        assert_eq!(shared.tell(at(100), Duration::from_secs(5)), at(105));
    }

    #[test]
    fn time_stands_still_when_the_clock_is_set_back() {
        let shared = Shared {
            seen: Mutex::new((Instant::now(), at(0))),
            told: AtomicI64::new(i64::MIN),
        };
        assert_eq!(shared.tell(at(100), Duration::ZERO), at(100));
        assert_eq!(shared.tell(at(40), Duration::ZERO), at(100));
        assert_eq!(shared.tell(at(101), Duration::ZERO), at(101));
    }
}
