//! The one thread that writes, and group commit.
//!
//! Requests arrive over a bounded queue. The thread takes one, drains whatever else waits, runs all of it in one
//! transaction and answers everybody after the COMMIT: while one batch syncs, the next gathers by itself, so nothing
//! is ever delayed on purpose and an idle store commits a lone request at once.
//!
//! Invariants: no answer before its COMMIT; a request that fails harms only itself (the batch is rolled back and each
//! request runs in its own transaction); a caller that went away changes nothing; after a COMMIT of unknown outcome
//! nothing is written any more.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Result as SqliteResult};
use tokio::sync::{mpsc, oneshot, watch};

use super::failure::Failure;
use crate::StoreError;

/// How much the writer has done since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqliteStats {
    /// Transactions committed.
    pub commits: u64,
    /// Requests answered after those commits.
    pub requests: u64,
    /// Requests in the largest of those transactions.
    pub batch_max: u64,
}

/// The callers' side of the writer thread.
#[derive(Debug)]
pub(super) struct Writer {
    /// None once closed. Dropping it ends the thread, after what is queued.
    queue: Mutex<Option<mpsc::Sender<Box<dyn Request>>>>,
    /// Fails to change when the thread has ended.
    ended: watch::Receiver<()>,
    counters: Arc<Counters>,
}

#[derive(Debug, Default)]
struct Counters {
    commits: AtomicU64,
    requests: AtomicU64,
    batch_max: AtomicU64,
}

impl Writer {
    /// Starts the thread. It owns the connection and closes it at its end.
    pub(super) fn start(db: Connection, queue_max: usize, batch_max: usize) -> io::Result<Self> {
        let (queue, requests) = mpsc::channel(queue_max);
        let (alive, ended) = watch::channel(());
        let counters = Arc::<Counters>::default();
        let lane = Lane {
            db,
            batch_max,
            counters: Arc::clone(&counters),
            stopped: false,
        };
        thread::Builder::new()
            .name("statehold-sqlite".to_owned())
            .spawn(move || {
                lane.run(requests);
                drop(alive);
            })?;
        Ok(Self {
            queue: Mutex::new(Some(queue)),
            ended,
            counters,
        })
    }

    /// Queues `work` and waits for the COMMIT of its batch. The work may run twice, the first time rolled back.
    /// Dropping the future after its first poll does not call the work back.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnMut(&Connection) -> SqliteResult<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let request = Box::new(Pending {
            operation,
            work,
            done: None,
            reply,
        });
        self.submit(operation, request)?;
        // The thread answers everything it takes; if it died of a bug it may have done so after the COMMIT.
        answer.await.unwrap_or_else(|lost| {
            Err(StoreError::Unknown {
                operation,
                source: lost.into(),
            })
        })
    }

    fn submit(&self, operation: &'static str, request: Box<dyn Request>) -> Result<(), StoreError> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(queue) = queue.as_ref() else {
            return Err(StoreError::closed(operation));
        };
        queue.try_send(request).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => {
                StoreError::unavailable(operation, "too many writes are waiting")
            }
            mpsc::error::TrySendError::Closed(_) => {
                StoreError::unavailable(operation, "the writer has died of a bug")
            }
        })
    }

    /// Takes no more requests, and waits until those queued are answered and the connection is closed.
    pub(super) async fn close(&self) {
        drop(
            self.queue
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }

    pub(super) fn stats(&self) -> SqliteStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        SqliteStats {
            commits: read(&self.counters.commits),
            requests: read(&self.counters.requests),
            batch_max: read(&self.counters.batch_max),
        }
    }
}

/// One caller's work, whatever its answer's type.
trait Request: Send {
    /// Does the work inside an open transaction and keeps its answer. May be called again after a rollback.
    fn run(&mut self, db: &Connection) -> SqliteResult<()>;
    /// Gives the kept answer.
    fn answer(self: Box<Self>);
    /// Says that nothing came of it.
    fn fail(self: Box<Self>, failure: &Failure);
}

struct Pending<T, W> {
    operation: &'static str,
    work: W,
    done: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Request for Pending<T, W>
where
    T: Send,
    W: FnMut(&Connection) -> SqliteResult<T> + Send,
{
    fn run(&mut self, db: &Connection) -> SqliteResult<()> {
        self.done = Some((self.work)(db)?);
        Ok(())
    }

    fn answer(self: Box<Self>) {
        if let Some(answer) = self.done {
            // Nobody there to hear it: the work is done all the same.
            let _ = self.reply.send(Ok(answer));
        }
    }

    fn fail(self: Box<Self>, failure: &Failure) {
        let _ = self.reply.send(Err(failure.told(self.operation)));
    }
}

/// The thread's side.
struct Lane {
    db: Connection,
    batch_max: usize,
    counters: Arc<Counters>,
    /// Set for ever by a COMMIT of unknown outcome.
    stopped: bool,
}

/// How far a transaction came.
enum Fate {
    Committed,
    /// One of its requests failed; the transaction is rolled back.
    Poisoned(Failure),
    /// BEGIN or COMMIT failed, which concerns all of its requests.
    Failed(Failure),
}

impl Lane {
    fn run(mut self, mut requests: mpsc::Receiver<Box<dyn Request>>) {
        loop {
            let mut batch = Vec::new();
            if requests.blocking_recv_many(&mut batch, self.batch_max) == 0 {
                return self.close();
            }
            self.serve(batch);
        }
    }

    /// Answers every request of the batch, together if that works and one by one if not.
    fn serve(&mut self, mut batch: Vec<Box<dyn Request>>) {
        match self.transact(&mut batch) {
            Fate::Committed => batch.into_iter().for_each(Request::answer),
            Fate::Poisoned(_) if batch.len() > 1 => {
                for request in batch {
                    self.serve(vec![request]);
                }
            }
            Fate::Poisoned(failure) | Fate::Failed(failure) => {
                for request in batch {
                    request.fail(&failure);
                }
            }
        }
    }

    fn transact(&mut self, batch: &mut [Box<dyn Request>]) -> Fate {
        if self.stopped {
            return Fate::Failed(Failure::stopped());
        }
        // IMMEDIATE: the write lock comes first, so no statement can fail later because the snapshot is old.
        if let Err(error) = self.execute("BEGIN IMMEDIATE") {
            return Fate::Failed(Failure::of_statement(error));
        }
        for request in batch.iter_mut() {
            if let Err(error) = request.run(&self.db) {
                self.roll_back();
                return Fate::Poisoned(Failure::of_statement(error));
            }
        }
        if let Err(error) = self.execute("COMMIT") {
            return Fate::Failed(self.failed_commit(error));
        }
        self.count(batch.len());
        Fate::Committed
    }

    fn execute(&self, sql: &str) -> SqliteResult<usize> {
        self.db.prepare_cached(sql)?.execute([])
    }

    fn failed_commit(&mut self, error: rusqlite::Error) -> Failure {
        let failure = Failure::of_commit(error);
        self.roll_back();
        if failure.is_unknown() {
            tracing::error!(?failure, "a commit could not be synced: no more writes");
            self.stop();
        }
        failure
    }

    /// From here on nothing is written, not even by the checkpoint that closing a connection makes.
    fn stop(&mut self) {
        self.stopped = true;
        let no_checkpoint = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        if let Err(error) = self.db.set_db_config(no_checkpoint, true) {
            tracing::error!(%error, "cannot turn off the last checkpoint");
        }
    }

    /// SQLite rolls back by itself on some errors. If the rollback fails, so will the next BEGIN, which tells.
    fn roll_back(&self) {
        if !self.db.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK")
        {
            tracing::error!(%error, "cannot roll back");
        }
    }

    fn count(&self, batch: usize) {
        let batch = batch as u64;
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        self.counters.requests.fetch_add(batch, Ordering::Relaxed);
        self.counters.batch_max.fetch_max(batch, Ordering::Relaxed);
    }

    /// Everything is committed and synced by now; what fails here costs the next opening a recovery, nothing more.
    fn close(self) {
        if let Err((_, error)) = self.db.close() {
            tracing::warn!(%error, "cannot close the database cleanly");
        }
    }
}
