//! Connections that only read, beside the writer: in WAL mode neither waits for the other.
//!
//! A read runs on a blocking thread and gives its connection back itself, so a caller that goes away takes none along.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Result as SqliteResult};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::failure::Failure;
use crate::StoreError;

/// Connections kept. Reads are short and mostly served from memory: two keep a slow listing from holding up the
/// loading of entities, and more would only take cores from the writer.
pub(super) const READERS: u32 = 2;

/// A fixed set of read connections.
#[derive(Debug)]
pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    /// One permit per connection. Closed when the store is.
    places: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        let places = Semaphore::new(connections.len());
        Self {
            idle: Arc::new(Mutex::new(connections)),
            places: Arc::new(places),
        }
    }

    /// Runs `work` in a read transaction: all its statements see one snapshot.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        operation: &'static str,
        mut work: impl FnMut(&Connection) -> SqliteResult<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| StoreError::closed(operation))?;
        let idle = Arc::clone(&self.idle);
        let read = spawn_blocking(move || {
            let lent = Lent::take(idle, place);
            let Some(db) = &lent.db else {
                return Err(StoreError::closed(operation));
            };
            snapshot(db, &mut work).map_err(|error| Failure::of_statement(error).told(operation))
        });
        // A read that panicked is a bug; one that was cancelled belongs to a runtime that is going down.
        read.await.unwrap_or_else(|lost| {
            Err(if lost.is_panic() {
                StoreError::broken(operation, lost)
            } else {
                StoreError::unavailable(operation, lost)
            })
        })
    }

    /// Waits for running reads and closes the connections. Later reads are refused.
    pub(super) async fn close(&self) {
        // An error means that somebody else has closed already.
        let all = self.places.acquire_many(READERS).await;
        self.places.close();
        drop(all);
        lock(&self.idle).clear();
    }
}

fn snapshot<T>(
    db: &Connection,
    work: &mut impl FnMut(&Connection) -> SqliteResult<T>,
) -> SqliteResult<T> {
    db.prepare_cached("BEGIN")?.execute([])?;
    let answer = work(db);
    // Ends the snapshot on every path. Nothing was written, so there is nothing to lose.
    let ended = db.prepare_cached("ROLLBACK")?.execute([]);
    let answer = answer?;
    ended?;
    Ok(answer)
}

/// A connection out of the set. Goes back when dropped, before its place does.
struct Lent {
    /// None after the set was closed.
    db: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
    _place: OwnedSemaphorePermit,
}

impl Lent {
    fn take(idle: Arc<Mutex<Vec<Connection>>>, place: OwnedSemaphorePermit) -> Self {
        let db = lock(&idle).pop();
        Self {
            db,
            idle,
            _place: place,
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(db) = self.db.take() {
            // A panic inside the work leaves its snapshot open; such a connection is not lent again as it is.
            if db.is_autocommit() || db.execute_batch("ROLLBACK").is_ok() {
                lock(&self.idle).push(db);
            }
        }
    }
}

fn lock(idle: &Mutex<Vec<Connection>>) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
