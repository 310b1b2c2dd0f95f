//! Places for connections: a bounded number, and nobody keeps one by doing nothing.
//!
//! When all places are taken, a newcomer gets the one whose owner has been without a request for the longest time:
//! thousands of connections that are only held open must not keep those out that want something. A connection with
//! a request under way is never sent away.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// All connections of a listener.
#[derive(Clone)]
pub(super) struct Crowd {
    places: Arc<Semaphore>,
    idle: Arc<Mutex<Idle>>,
}

/// Connections without a request under way.
#[derive(Default)]
struct Idle {
    /// Ascending in the order in which they became idle.
    since: BTreeMap<u64, Arc<Notify>>,
    next: u64,
}

/// One connection's place.
pub(super) struct Place {
    crowd: Crowd,
    /// Tells the connection to go.
    leave: Arc<Notify>,
    /// Its number among the idle ones; none while a request is under way.
    number: Mutex<Option<u64>>,
    _permit: OwnedSemaphorePermit,
}

impl Crowd {
    /// Room for this many.
    pub(super) fn of(places: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            idle: Arc::default(),
        }
    }

    /// A place for a new connection, at the cost of the longest idle one if there is no other; waits if all are at
    /// work. None never happens: the semaphore is not closed.
    pub(super) async fn enter(&self) -> Option<Place> {
        if self.places.available_permits() == 0
            && let Some((_, leave)) = self.idle().since.pop_first()
        {
            leave.notify_one();
        }
        let permit = Arc::clone(&self.places).acquire_owned().await.ok()?;
        let place = Place {
            crowd: self.clone(),
            leave: Arc::new(Notify::new()),
            number: Mutex::new(None),
            _permit: permit,
        };
        place.rest();
        Some(place)
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        // A panic between two map operations leaves the map whole.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// A request begins. False if the connection has just been told to go: then the request must not be done.
    pub(super) fn work(&self) -> bool {
        match self.number().take() {
            Some(number) => self.crowd.idle().since.remove(&number).is_some(),
            None => true,
        }
    }

    /// A request ended.
    pub(super) fn rest(&self) {
        let mut idle = self.crowd.idle();
        let number = idle.next;
        idle.next += 1;
        idle.since.insert(number, Arc::clone(&self.leave));
        drop(idle);
        *self.number() = Some(number);
    }

    /// Returns when the place is needed for somebody else.
    pub(super) async fn needed(&self) {
        self.leave.notified().await;
    }

    fn number(&self) -> MutexGuard<'_, Option<u64>> {
        self.number.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.work();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_longest_idle_one_makes_room() {
        let crowd = Crowd::of(2);
        let (first, second) = (crowd.enter().await.unwrap(), crowd.enter().await.unwrap());
        assert!(first.work());
        first.rest();
        let newcomer = tokio::spawn({
            let crowd = crowd.clone();
            async move { crowd.enter().await.is_some() }
        });
        second.needed().await;
        assert!(!second.work(), "it was told to go");
        drop(second);
        assert!(newcomer.await.unwrap());
        assert!(first.work());
    }

    #[tokio::test]
    async fn nobody_at_work_is_sent_away() {
        let crowd = Crowd::of(1);
        let busy = crowd.enter().await.unwrap();
        assert!(busy.work());
        let waiting = crowd.enter();
        tokio::select! {
            biased;
            _ = waiting => panic!("there is no place"),
            () = busy.needed() => panic!("it is at work"),
            () = tokio::task::yield_now() => {}
        }
        drop(busy);
        assert!(crowd.enter().await.is_some());
    }
}
