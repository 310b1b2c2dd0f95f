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
pub(super) const READERS: usize = 2;

/// A fixed set of read connections.
#[derive(Debug)]
pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    /// One permit per connection. Closed when the store is.
    places: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(connections: [Connection; READERS]) -> Self {
        Self {
            idle: Arc::new(Mutex::new(connections.into())),
            places: Arc::new(Semaphore::new(READERS)),
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
        let all = self.places.acquire_many(READERS as u32).await;
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

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::{Context, Waker};

    use super::*;

    fn readers() -> Readers {
        let open = |_| Connection::open_in_memory().expect("open");
        Readers::new(std::array::from_fn(open))
    }

    /// Reads on every connection, so that a missing one is noticed.
    async fn read_on_all(readers: &Readers) {
        let all = Arc::new(std::sync::Barrier::new(READERS));
        let mut reads = tokio::task::JoinSet::new();
        for _ in 0..READERS {
            let (all, idle) = (Arc::clone(&all), Arc::clone(&readers.idle));
            let places = Arc::clone(&readers.places);
            let readers = Readers { idle, places };
            reads.spawn(async move {
                let read = readers.run("read", move |db| {
                    all.wait();
                    db.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))
                });
                read.await.expect("read")
            });
        }
        assert_eq!(reads.join_all().await, [1; READERS]);
    }

    #[tokio::test]
    async fn closing_waits_for_running_reads() {
        let readers = readers();
        let (let_go, held) = mpsc::channel::<()>();
        let mut read = pin!(readers.run("read", move |_| {
            let _ = held.recv();
            Ok(1)
        }));
        let mut context = Context::from_waker(Waker::noop());
        assert!(read.as_mut().poll(&mut context).is_pending());
        let mut close = pin!(readers.close());
        assert!(close.as_mut().poll(&mut context).is_pending());
        let_go.send(()).expect("the read is there");
        assert_eq!(read.await.expect("read"), 1);
        close.await;
        let late = readers.run("read", |_| Ok(2)).await;
        assert!(matches!(late, Err(StoreError::Unavailable { .. })));
    }

    #[tokio::test]
    async fn abandoned_read_gives_its_connection_back() {
        let readers = readers();
        let mut running = Vec::new();
        for _ in 0..READERS {
            let (let_go, held) = mpsc::channel::<()>();
            running.push(let_go);
            let mut context = Context::from_waker(Waker::noop());
            let mut read = pin!(readers.run("read", move |_| {
                let _ = held.recv();
                Ok(1)
            }));
            assert!(read.as_mut().poll(&mut context).is_pending());
        }
        drop(running);
        read_on_all(&readers).await;
    }

    #[tokio::test]
    async fn read_that_panics_is_broken_and_gives_its_connection_back() {
        let readers = readers();
        for _ in 0..READERS {
            let read = readers.run("read", |_| -> SqliteResult<()> { panic!("a bug") });
            let told = read.await;
            assert!(matches!(told, Err(StoreError::Broken { .. })), "{told:?}");
        }
        read_on_all(&readers).await;
    }

    #[tokio::test]
    async fn read_that_fails_ends_its_snapshot() {
        let readers = readers();
        for _ in 0..=READERS {
            let read = readers.run("read", |db| db.execute("SELECT FROM nowhere", []));
            assert!(matches!(read.await, Err(StoreError::Broken { .. })));
        }
        read_on_all(&readers).await;
    }
}
