//! Group commit: who shares a transaction, and that nobody suffers from the company.

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::Connection;
use statehold_store::suite::fixtures::*;
use statehold_store::*;
use tempfile::{TempDir, tempdir};
use tokio::task::{JoinHandle, yield_now};

/// A store whose writer is held up by another connection until told otherwise, so that requests gather.
struct HeldUp {
    store: Arc<SqliteStore>,
    other: Connection,
    _folder: TempDir,
}

impl HeldUp {
    fn new(shape: impl FnOnce(&mut SqliteConfig)) -> Self {
        let folder = tempdir().expect("a folder");
        let path: PathBuf = folder.path().join("test.db");
        let mut config = SqliteConfig::path(&path);
        // Long enough that the writer never gives up while requests gather.
        config.busy_timeout = std::time::Duration::from_secs(60);
        shape(&mut config);
        let store = Arc::new(SqliteStore::open(config).expect("open"));
        let other = Connection::open(path).expect("open");
        other.execute_batch("BEGIN IMMEDIATE").expect("begin");
        Self {
            store,
            other,
            _folder: folder,
        }
    }

    /// Queues a commit. In the single-threaded runtime of these tests a spawned task has been polled once by the time
    /// that its spawner goes on, which is when it queues.
    async fn queue(&self, commit: Commit) -> JoinHandle<Result<CommitOutcome, StoreError>> {
        let store = Arc::clone(&self.store);
        let task = tokio::spawn(async move { store.commit(commit).await });
        yield_now().await;
        task
    }

    fn let_go(&self) {
        self.other.execute_batch("COMMIT").expect("commit");
    }
}

async fn outcome(task: JoinHandle<Result<CommitOutcome, StoreError>>) -> CommitOutcome {
    task.await.expect("the task ends").expect("commit")
}

#[tokio::test]
async fn waiting_commits_share_one_transaction() {
    let held_up = HeldUp::new(|_| {});
    let mut tasks = Vec::new();
    for n in 0..100 {
        tasks.push(held_up.queue(creation(&key(&format!("{n}")))).await);
    }
    held_up.let_go();
    for task in tasks {
        assert_eq!(outcome(task).await, CommitOutcome::Applied);
    }
    let stats = held_up.store.stats();
    assert_eq!(stats.requests, 100);
    // The writer has taken one or more before the rest was queued; all others went together.
    assert!(stats.commits <= 2, "{stats:?}");
    assert!(stats.batch_max >= 50, "{stats:?}");
}

#[tokio::test]
async fn lone_commit_does_not_wait_for_company() {
    let store = SqliteStore::open(SqliteConfig::memory()).expect("open");
    for n in 1..=3 {
        let outcome = store.commit(creation(&key(&format!("{n}")))).await;
        assert_eq!(outcome.expect("commit"), CommitOutcome::Applied);
        let stats = store.stats();
        assert_eq!((stats.commits, stats.requests, stats.batch_max), (n, n, 1));
    }
}

#[tokio::test]
async fn batches_are_bounded() {
    let held_up = HeldUp::new(|config| config.batch_max = 4);
    let mut tasks = Vec::new();
    for n in 0..20 {
        tasks.push(held_up.queue(creation(&key(&format!("{n}")))).await);
    }
    held_up.let_go();
    for task in tasks {
        assert_eq!(outcome(task).await, CommitOutcome::Applied);
    }
    assert_eq!(held_up.store.stats().batch_max, 4);
}

#[tokio::test]
async fn poisoned_request_in_a_batch_fails_alone() {
    let held_up = HeldUp::new(|_| {});
    let mut healthy = Vec::new();
    let mut poisoned = Vec::new();
    for n in 0..10 {
        let mut commit = creation(&key(&format!("healthy {n}")));
        commit.effects = vec![effect(&format!("e{n}"), at(0))];
        healthy.push(held_up.queue(commit).await);
        let mut commit = creation(&key(&format!("poisoned {n}")));
        commit.effects = vec![effect("taken", at(0)), effect("taken", at(0))];
        poisoned.push(held_up.queue(commit).await);
    }
    held_up.let_go();
    for task in healthy {
        assert_eq!(outcome(task).await, CommitOutcome::Applied);
    }
    for task in poisoned {
        assert_broken(task.await.expect("the task ends"));
    }
    let any = EntityFilter::default();
    let rows = held_up
        .store
        .entities("main", "order", &any, &first(100))
        .await;
    let rows = rows.expect("entities");
    assert_eq!(rows.len(), 10);
    assert!(rows.iter().all(|row| row.key.id.starts_with("healthy")));
    assert_eq!(held_up.store.stats().requests, 10);
}

#[tokio::test]
async fn steps_of_one_entity_in_a_batch_see_each_other() {
    let held_up = HeldUp::new(|_| {});
    let created = creation(&key("1"));
    let row = created.entity.clone();
    let first = held_up.queue(created.clone()).await;
    let again = held_up.queue(created.clone()).await;
    let step_1 = held_up.queue(step(&row, "pay", "paid")).await;
    let rival = held_up.queue(step(&row, "cancel", "cancelled")).await;
    held_up.let_go();
    assert_eq!(outcome(first).await, CommitOutcome::Applied);
    let duplicate = CommitOutcome::Duplicate(Box::new(created.log));
    assert_eq!(outcome(again).await, duplicate);
    assert_eq!(outcome(step_1).await, CommitOutcome::Applied);
    let conflict = CommitOutcome::Conflict { found: Some(1) };
    assert_eq!(outcome(rival).await, conflict);
}

#[tokio::test]
async fn full_queue_refuses_at_once() {
    let held_up = HeldUp::new(|config| config.queue_max = 3);
    let mut tasks = Vec::new();
    for n in 0..10 {
        tasks.push(held_up.queue(creation(&key(&format!("{n}")))).await);
    }
    let refused = tasks.iter().filter(|task| task.is_finished()).count();
    // Three wait in the queue, and the writer may hold as many as it found there.
    assert!((4..=7).contains(&refused), "{refused}");
    held_up.let_go();
    let mut applied = 0;
    for task in tasks {
        match task.await.expect("the task ends") {
            Ok(outcome) => {
                assert_eq!(outcome, CommitOutcome::Applied);
                applied += 1;
            }
            refused => assert_unavailable(refused),
        }
    }
    assert_eq!(applied + refused, 10);
}

#[tokio::test]
async fn abandoned_request_is_committed_with_its_batch() {
    let held_up = HeldUp::new(|_| {});
    let abandoned = held_up.queue(creation(&key("abandoned"))).await;
    let kept = held_up.queue(creation(&key("kept"))).await;
    abandoned.abort();
    held_up.let_go();
    assert_eq!(outcome(kept).await, CommitOutcome::Applied);
    assert_eq!(
        current(&*held_up.store, &key("abandoned")).await.revision,
        0
    );
}

#[tokio::test]
async fn closing_waits_for_what_is_queued() {
    let held_up = HeldUp::new(|_| {});
    let queued = held_up.queue(creation(&key("1"))).await;
    let closing = tokio::spawn({
        let store = Arc::clone(&held_up.store);
        async move { store.close().await }
    });
    yield_now().await;
    held_up.let_go();
    closing.await.expect("the task ends").expect("close");
    assert!(queued.is_finished());
    assert_eq!(outcome(queued).await, CommitOutcome::Applied);
}
