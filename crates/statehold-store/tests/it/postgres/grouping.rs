//! Group commit: who shares a transaction, and that nobody suffers from the company.
//!
//! A lane is held up by a row that another connection holds, so that commits gather behind it.

use std::sync::Arc;
use std::time::Duration;

use statehold_store::suite::fixtures::*;
use statehold_store::*;
use statehold_testpg::Database;
use tokio::task::{JoinHandle, yield_now};

use super::{config, database};

/// A store with one lane, which waits for a row until told otherwise.
struct HeldUp {
    store: Arc<PostgresStore>,
    holder: tokio_postgres::Client,
    plug: JoinHandle<Result<CommitOutcome, StoreError>>,
    database: Database,
}

impl HeldUp {
    async fn new(shape: impl FnOnce(&mut PostgresConfig)) -> Option<Self> {
        let database = database().await?;
        let mut config = config(database.url());
        config.lanes = 1;
        // Long enough that the lane never gives up while commits gather.
        config.lock_timeout = Duration::from_secs(60);
        config.statement_timeout = Duration::from_secs(60);
        shape(&mut config);
        let store = Arc::new(PostgresStore::open(config).await.expect("open"));
        let row = create(&*store, "plug").await;
        let (holder, connection) = tokio_postgres::connect(database.url(), tokio_postgres::NoTls)
            .await
            .expect("connect");
        tokio::spawn(connection);
        let hold = "BEGIN; SELECT FROM statehold.entity WHERE id = 'plug' FOR UPDATE";
        holder.batch_execute(hold).await.expect("hold");
        let plug = queue(&store, step(&row, "plug", "plugged")).await;
        let held_up = Self {
            store,
            holder,
            plug,
            database,
        };
        held_up.until_it_waits().await;
        Some(held_up)
    }

    /// Until the server says that the lane waits for the row.
    async fn until_it_waits(&self) {
        let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while self
            .holder
            .query(waiting, &[])
            .await
            .expect("rows")
            .is_empty()
        {
            yield_now().await;
        }
    }

    /// The store, and the database that must outlive it.
    async fn let_go(self) -> (Arc<PostgresStore>, Database) {
        self.holder.batch_execute("ROLLBACK").await.expect("let go");
        assert_eq!(outcome(self.plug).await, CommitOutcome::Applied);
        (self.store, self.database)
    }
}

/// Queues a commit. In the single-threaded runtime of these tests a spawned task has been polled once by the time that its
/// spawner goes on, which is when it queues.
async fn queue(
    store: &Arc<PostgresStore>,
    commit: Commit,
) -> JoinHandle<Result<CommitOutcome, StoreError>> {
    let store = Arc::clone(store);
    let task = tokio::spawn(async move { store.commit(commit).await });
    yield_now().await;
    task
}

async fn outcome(task: JoinHandle<Result<CommitOutcome, StoreError>>) -> CommitOutcome {
    task.await.expect("the task ends").expect("commit")
}

#[tokio::test]
async fn waiting_commits_share_one_transaction() {
    let Some(held_up) = HeldUp::new(|_| {}).await else {
        return;
    };
    let mut tasks = Vec::new();
    for n in 0..100 {
        tasks.push(queue(&held_up.store, creation(&key(&format!("{n}")))).await);
    }
    let (store, _database) = held_up.let_go().await;
    for task in tasks {
        assert_eq!(outcome(task).await, CommitOutcome::Applied);
    }
    let stats = store.stats();
    assert_eq!(
        (stats.requests, stats.commits, stats.batch_max),
        (102, 3, 100)
    );
}

#[tokio::test]
async fn lone_commit_does_not_wait_for_company() {
    let Some(database) = database().await else {
        return;
    };
    let store = PostgresStore::open(config(database.url()))
        .await
        .expect("open");
    for n in 1..=3 {
        let outcome = store.commit(creation(&key(&format!("{n}")))).await;
        assert_eq!(outcome.expect("commit"), CommitOutcome::Applied);
        let stats = store.stats();
        assert_eq!((stats.commits, stats.requests, stats.batch_max), (n, n, 1));
    }
}

#[tokio::test]
async fn batches_are_bounded() {
    let Some(held_up) = HeldUp::new(|config| config.batch_max = 4).await else {
        return;
    };
    let mut tasks = Vec::new();
    for n in 0..20 {
        tasks.push(queue(&held_up.store, creation(&key(&format!("{n}")))).await);
    }
    let (store, _database) = held_up.let_go().await;
    for task in tasks {
        assert_eq!(outcome(task).await, CommitOutcome::Applied);
    }
    assert_eq!(store.stats().batch_max, 4);
}

#[tokio::test]
async fn poisoned_commit_in_a_batch_fails_alone() {
    let Some(held_up) = HeldUp::new(|_| {}).await else {
        return;
    };
    let mut healthy = Vec::new();
    let mut poisoned = Vec::new();
    for n in 0..10 {
        let mut commit = creation(&key(&format!("healthy {n}")));
        commit.effects = vec![effect(&format!("e{n}"), at(0))];
        healthy.push(queue(&held_up.store, commit).await);
        let mut commit = creation(&key(&format!("poisoned {n}")));
        commit.effects = vec![effect("taken", at(0)), effect("taken", at(0))];
        poisoned.push(queue(&held_up.store, commit).await);
    }
    let (store, _database) = held_up.let_go().await;
    for task in healthy {
        assert_eq!(outcome(task).await, CommitOutcome::Applied);
    }
    for task in poisoned {
        assert_broken(task.await.expect("the task ends"));
    }
    let any = EntityFilter::default();
    let rows = store.entities("main", "order", &any, &first(100)).await;
    let rows = rows.expect("entities");
    assert_eq!(rows.len(), 11);
    assert!(!rows.iter().any(|row| row.key.id.starts_with("poisoned")));
}

#[tokio::test]
async fn steps_of_one_entity_in_a_batch_see_each_other() {
    let Some(held_up) = HeldUp::new(|_| {}).await else {
        return;
    };
    let created = creation(&key("1"));
    let row = created.entity.clone();
    let first = queue(&held_up.store, created.clone()).await;
    let again = queue(&held_up.store, created.clone()).await;
    let step_1 = queue(&held_up.store, step(&row, "pay", "paid")).await;
    let rival = queue(&held_up.store, step(&row, "cancel", "cancelled")).await;
    let _database = held_up.let_go().await;
    assert_eq!(outcome(first).await, CommitOutcome::Applied);
    let duplicate = CommitOutcome::Duplicate(Box::new(created.log));
    assert_eq!(outcome(again).await, duplicate);
    assert_eq!(outcome(step_1).await, CommitOutcome::Applied);
    let conflict = CommitOutcome::Conflict { found: Some(1) };
    assert_eq!(outcome(rival).await, conflict);
}

/// Every kind of answer comes up in one batch, and each gets its own.
#[tokio::test]
async fn refused_commits_do_not_hold_up_their_batch() {
    let Some(held_up) = HeldUp::new(|_| {}).await else {
        return;
    };
    // The lane is held up, so these go through another store.
    let other = PostgresStore::open(config(held_up.database.url()))
        .await
        .expect("open");
    let mut rows = Vec::new();
    for id in ["applied", "conflict", "duplicate", "stale", "broken"] {
        rows.push(create(&other, id).await);
    }
    let moved = step(&rows[1], "elsewhere", "elsewhere");
    apply(&other, moved).await;
    let repeated = step(&rows[2], "pay", "paid");
    apply(&other, repeated.clone()).await;
    let mut stale = step(&rows[3], "timer", "late");
    stale.consume = Some(Consume::Timer { number: 404 });
    let mut broken = step(&rows[4], "pay", "paid");
    broken.log.from_state = "nowhere".to_owned();
    let mut tasks = Vec::new();
    for commit in [
        step(&rows[0], "pay", "paid"),
        step(&rows[1], "pay", "paid"),
        repeated.clone(),
        stale,
        broken,
    ] {
        tasks.push(queue(&held_up.store, commit).await);
    }
    let (store, _database) = held_up.let_go().await;
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.expect("the task ends"));
    }
    assert_broken(outcomes.pop().expect("five answers"));
    let outcomes: Vec<_> = outcomes.into_iter().map(|o| o.expect("commit")).collect();
    assert_eq!(
        outcomes,
        [
            CommitOutcome::Applied,
            CommitOutcome::Conflict { found: Some(1) },
            CommitOutcome::Duplicate(Box::new(repeated.log)),
            CommitOutcome::Stale,
        ]
    );
    assert_eq!(
        store.stats().requests,
        3,
        "the plug, its creation, the applied one"
    );
}

#[tokio::test]
async fn full_queue_refuses_at_once() {
    let Some(held_up) = HeldUp::new(|config| config.queue_max = 3).await else {
        return;
    };
    let mut tasks = Vec::new();
    for n in 0..10 {
        tasks.push(queue(&held_up.store, creation(&key(&format!("{n}")))).await);
    }
    let refused = tasks.iter().filter(|task| task.is_finished()).count();
    assert_eq!(refused, 7, "three wait in the queue");
    let _database = held_up.let_go().await;
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
    assert_eq!(applied, 3);
}

#[tokio::test]
async fn abandoned_commit_is_written_with_its_batch() {
    let Some(held_up) = HeldUp::new(|_| {}).await else {
        return;
    };
    let abandoned = queue(&held_up.store, creation(&key("abandoned"))).await;
    let kept = queue(&held_up.store, creation(&key("kept"))).await;
    abandoned.abort();
    let (store, _database) = held_up.let_go().await;
    assert_eq!(outcome(kept).await, CommitOutcome::Applied);
    assert_eq!(current(&*store, &key("abandoned")).await.revision, 0);
}
