//! Group commit: a few lanes, each a task with a connection of its own.
//!
//! A lane takes whatever commits wait (never waiting for more), writes them in one transaction and answers them after it.
//! While one batch syncs, the next gathers by itself. An entity always goes through the same lane, and a batch holds one
//! commit per entity: the others of that entity follow in the next.
//!
//! Invariants: no answer before the end of its transaction; a commit that fails harms only itself (each of its batch is
//! tried alone); a caller that went away changes nothing; a batch whose answer was lost is `unknown` to all of it.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::db::{Db, Session, TRIES_MAX, pause};
use super::failure::{Failure, Kind};
use super::verbs::commit::{self, Company, Verdict};
use crate::StoreError;
use crate::rows::*;

/// The verb of this module, for errors.
const OPERATION: &str = "commit";

/// How much the lanes have done since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostgresStats {
    /// Transactions that committed something.
    pub commits: u64,
    /// Commits applied in those transactions.
    pub requests: u64,
    /// Commits in the largest of those transactions.
    pub batch_max: u64,
}

#[derive(Debug, Default)]
struct Counters {
    commits: AtomicU64,
    requests: AtomicU64,
    batch_max: AtomicU64,
}

/// The callers' side of the lanes.
#[derive(Debug)]
pub(super) struct Lanes {
    /// Empty once closed. Dropping it ends the tasks, after what is queued.
    queues: Mutex<Vec<mpsc::Sender<Job>>>,
    tasks: tokio::sync::Mutex<Vec<JoinHandle<()>>>,
    counters: Arc<Counters>,
}

/// One commit and who waits for it.
#[derive(Debug)]
struct Job {
    commit: Commit,
    reply: oneshot::Sender<Result<CommitOutcome, StoreError>>,
}

impl Lanes {
    /// Starts the tasks.
    pub(super) fn start(
        db: &Db,
        lanes: usize,
        queue_max: usize,
        batch_max: usize,
        standby: bool,
    ) -> Self {
        let counters = Arc::<Counters>::default();
        let mut queues = Vec::new();
        let mut tasks = Vec::new();
        for _ in 0..lanes {
            let (queue, jobs) = mpsc::channel(queue_max.div_ceil(lanes));
            let lane = Lane {
                db: db.clone(),
                session: None,
                batch_max,
                standby,
                counters: Arc::clone(&counters),
            };
            queues.push(queue);
            tasks.push(tokio::spawn(lane.run(jobs)));
        }
        Self {
            queues: Mutex::new(queues),
            tasks: tokio::sync::Mutex::new(tasks),
            counters,
        }
    }

    /// Queues a commit and waits for the end of its transaction. Dropping the future after its first poll does not call
    /// it back.
    pub(super) async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job { commit, reply })?;
        // A lane answers everything it takes; if it ended in the middle it may have committed.
        answer.await.unwrap_or_else(|lost| {
            Err(StoreError::Unknown {
                operation: OPERATION,
                source: lost.into(),
            })
        })
    }

    fn submit(&self, job: Job) -> Result<(), StoreError> {
        let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if queues.is_empty() {
            return Err(StoreError::closed(OPERATION));
        }
        let lane = lane_of(&job.commit.entity.key, queues.len());
        queues[lane].try_send(job).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => {
                StoreError::unavailable(OPERATION, "too many commits are waiting")
            }
            mpsc::error::TrySendError::Closed(_) => {
                StoreError::unavailable(OPERATION, "the lane has died of a bug")
            }
        })
    }

    /// Takes no more commits, and waits until those queued are answered.
    pub(super) async fn close(&self) {
        self.queues
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        // Whoever closes at the same time waits here for the first.
        let mut tasks = self.tasks.lock().await;
        for task in tasks.drain(..) {
            if let Err(error) = task.await {
                tracing::error!(%error, "a lane did not end well");
            }
        }
    }

    pub(super) fn stats(&self) -> PostgresStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        PostgresStats {
            commits: read(&self.counters.commits),
            requests: read(&self.counters.requests),
            batch_max: read(&self.counters.batch_max),
        }
    }
}

fn lane_of(key: &EntityKey, lanes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let lanes = lanes as u64;
    // Smaller than the number of lanes, which is a usize.
    (hasher.finish() % lanes) as usize
}

/// A task's side.
struct Lane {
    db: Db,
    session: Option<Session>,
    batch_max: usize,
    /// The server waits for synchronous standbys.
    standby: bool,
    counters: Arc<Counters>,
}

impl Lane {
    async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut batch = Vec::new();
        while jobs.recv_many(&mut batch, self.batch_max).await > 0 {
            while !batch.is_empty() {
                let round = one_per_entity(&mut batch);
                self.serve(round).await;
            }
        }
    }

    /// Answers every job, all together if that works and one by one if not.
    async fn serve(&mut self, round: Vec<Job>) {
        if round.len() == 1 {
            return self.serve_alone(round).await;
        }
        match self.write(&round, Company::Batch).await {
            Ok(written) => {
                let rest = self.answer_written(round, &written);
                for job in self.answer_refused(rest).await {
                    self.serve_alone(vec![job]).await;
                }
            }
            Err(failure) if failure.kind() == Kind::Broken => {
                for job in round {
                    self.serve_alone(vec![job]).await;
                }
            }
            Err(failure) => fail(round, &failure),
        }
    }

    /// Answers one job, however often others get in its way.
    async fn serve_alone(&mut self, mut round: Vec<Job>) {
        for tries in 1..=TRIES_MAX {
            let rest = match self.write(&round, Company::Alone).await {
                Ok(written) => self.answer_written(round, &written),
                // Perhaps somebody else wrote the same event or the same revision in the same instant.
                Err(failure) if failure.kind() == Kind::Broken => {
                    let rest = self.answer_refused(round).await;
                    return fail(rest, &failure);
                }
                Err(failure) => return fail(round, &failure),
            };
            round = self.answer_refused(rest).await;
            if round.is_empty() {
                return;
            }
            pause(tries).await;
        }
        fail(round, &Failure::too_busy());
    }

    /// Writes what can be written, trying again while others are in the way. True for each that was.
    async fn write(&mut self, round: &[Job], company: Company) -> Result<Vec<bool>, Failure> {
        let commits: Vec<&Commit> = round.iter().map(|job| &job.commit).collect();
        let mut tries = 1;
        loop {
            let session = self.session().await?;
            match commit::write(session, &commits, company).await {
                Err(failure) if failure.kind() == Kind::Again && tries < TRIES_MAX => {
                    pause(tries).await;
                    tries += 1;
                }
                outcome => return outcome,
            }
        }
    }

    /// Tells those whose commit is written; gives back the others.
    fn answer_written(&self, round: Vec<Job>, written: &[bool]) -> Vec<Job> {
        let before = round.len();
        let mut rest = Vec::new();
        for (job, written) in round.into_iter().zip(written) {
            if *written {
                job.answer(Ok(CommitOutcome::Applied));
            } else {
                rest.push(job);
            }
        }
        self.count(before - rest.len());
        rest
    }

    /// Tells those in whose way something stands that will stay; gives back those who should try again.
    async fn answer_refused(&mut self, round: Vec<Job>) -> Vec<Job> {
        if round.is_empty() {
            return round;
        }
        let verdicts = self.verdicts(&round).await;
        let verdicts = match verdicts {
            Ok(verdicts) => verdicts,
            Err(failure) => {
                fail(round, &failure);
                return Vec::new();
            }
        };
        let mut rest = Vec::new();
        for (job, verdict) in round.into_iter().zip(verdicts) {
            match verdict {
                Verdict::Refused(outcome) => job.answer(Ok(outcome)),
                Verdict::Contradiction => {
                    let failure = Failure::contradiction("the log must be a path");
                    job.answer(Err(failure.told(OPERATION)));
                }
                Verdict::Free => rest.push(job),
            }
        }
        rest
    }

    async fn verdicts(&mut self, round: &[Job]) -> Result<Vec<Verdict>, Failure> {
        let commits: Vec<&Commit> = round.iter().map(|job| &job.commit).collect();
        let standby = self.standby;
        let mut tries = 1;
        loop {
            let session = self.session().await?;
            match verdicts_on(session, &commits, standby).await {
                Err(failure) if failure.kind() == Kind::Again && tries < TRIES_MAX => {
                    pause(tries).await;
                    tries += 1;
                }
                outcome => return outcome,
            }
        }
    }

    /// The lane's connection, a new one if it is not usable any more.
    async fn session(&mut self) -> Result<&mut Session, Failure> {
        let usable = self.session.take().filter(Session::is_usable);
        let session = match usable {
            Some(session) => session,
            None => self.db.session().await?,
        };
        Ok(self.session.insert(session))
    }

    fn count(&self, written: usize) {
        if written == 0 {
            return;
        }
        let written = written as u64;
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        self.counters.requests.fetch_add(written, Ordering::Relaxed);
        self.counters
            .batch_max
            .fetch_max(written, Ordering::Relaxed);
    }
}

impl Job {
    fn answer(self, answer: Result<CommitOutcome, StoreError>) {
        // The caller may have gone; the work is done all the same.
        let _ = self.reply.send(answer);
    }
}

async fn verdicts_on(
    session: &mut Session,
    commits: &[&Commit],
    standby: bool,
) -> Result<Vec<Verdict>, Failure> {
    let verdicts = commit::why(session, commits).await?;
    if standby {
        for verdict in &verdicts {
            if let Verdict::Refused(CommitOutcome::Duplicate(row)) = verdict {
                commit::wait_for_standby(session, &row.key).await?;
            }
        }
    }
    Ok(verdicts)
}

fn fail(jobs: Vec<Job>, failure: &Failure) {
    for job in jobs {
        job.answer(Err(failure.told(OPERATION)));
    }
}

/// Takes the first job of each entity out of the batch, in the order of their keys. What stays keeps its order.
fn one_per_entity(batch: &mut Vec<Job>) -> Vec<Job> {
    let mut first = BTreeMap::new();
    let mut rest = Vec::new();
    for job in batch.drain(..) {
        match first.entry(job.commit.entity.key.clone()) {
            std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(job)),
            std::collections::btree_map::Entry::Occupied(_) => rest.push(job),
        }
    }
    *batch = rest;
    first.into_values().collect()
}
