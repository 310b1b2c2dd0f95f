//! A server that is killed under load: what was acknowledged is there, what was not is there completely or not at all, and
//! the same event id tells which.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use statehold_store::suite::fixtures::*;
use statehold_store::*;
use statehold_testpg::{Options, is_nightly, server};
use tokio::sync::watch;
use tokio::task::JoinSet;

const WRITERS: usize = 8;

/// How a writer stood when its server was gone.
struct Left {
    id: String,
    /// The last revision that was acknowledged.
    known: u64,
    /// The commit whose outcome was not told.
    open: Commit,
}

/// Steps an entity until the server does not answer any more.
async fn write(
    store: Arc<PostgresStore>,
    id: String,
    count: Arc<AtomicU64>,
    more: watch::Sender<()>,
) -> Left {
    let mut row = match store.load(&key(&id), None).await.expect("load") {
        Some((row, _)) => row,
        None => create(&*store, &id).await,
    };
    loop {
        let event = format!("event {}", row.revision + 1);
        let mut commit = step(&row, &event, "pending");
        commit.effects = vec![effect(&format!("{id} {event}"), at(0))];
        let next = commit.entity.clone();
        match store.commit(commit.clone()).await {
            Ok(CommitOutcome::Applied) => {
                row = next;
                count.fetch_add(1, Ordering::Relaxed);
                more.send_replace(());
            }
            Err(StoreError::Unknown { .. } | StoreError::Unavailable { .. }) => {
                return Left {
                    id,
                    known: row.revision,
                    open: commit,
                };
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn assert_whole(store: &PostgresStore, left: &Left) {
    let row = current(store, &key(&left.id)).await;
    assert!((left.known..=left.known + 1).contains(&row.revision));
    let log = store.log(&key(&left.id), 0, u32::MAX).await.expect("log");
    let seqs: Vec<u64> = log.iter().map(|row| row.seq).collect();
    assert_eq!(seqs, (0..=row.revision).collect::<Vec<_>>());
    assert_eq!(log.last().map(|last| &last.to_state), Some(&row.state));
    let filter = EffectFilter {
        entity: Some(key(&left.id)),
        ..EffectFilter::default()
    };
    let effects = store.effects("main", &filter, &first(u32::MAX)).await;
    let effects = effects.expect("effects").len();
    assert_eq!(u64::try_from(effects).expect("a number"), row.revision);
}

/// The retry of what was left open is applied once, now or before.
async fn resolve(store: &PostgresStore, left: &Left) {
    let before = current(store, &key(&left.id)).await.revision;
    let outcome = store.commit(left.open.clone()).await.expect("commit");
    if before == left.known {
        assert_eq!(outcome, CommitOutcome::Applied);
    } else {
        let first = CommitOutcome::Duplicate(Box::new(left.open.log.clone()));
        assert_eq!(outcome, first);
    }
    let after = current(store, &key(&left.id)).await.revision;
    assert_eq!(after, left.known + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_server_loses_nothing_it_acknowledged() {
    let Some(mut server) = server(&Options::default()) else {
        return;
    };
    let url = server.url("postgres");
    let rounds = if is_nightly() { 10 } else { 3 };
    for round in 1..=rounds {
        let mut config = PostgresConfig::url(&url).expect("an address");
        config.database_clock = false;
        let store = Arc::new(PostgresStore::open(config.clone()).await.expect("open"));
        let count = Arc::<AtomicU64>::default();
        let (more, mut told) = watch::channel(());
        let mut writers = JoinSet::new();
        for n in 0..WRITERS {
            let (store, count) = (Arc::clone(&store), Arc::clone(&count));
            writers.spawn(write(store, format!("{n}"), count, more.clone()));
        }
        // A different moment each round.
        while count.load(Ordering::Relaxed) < 70 * round {
            told.changed().await.expect("the writers live");
        }
        server.kill().expect("kill");
        let left = writers.join_all().await;
        server.start_again().expect("start");
        // The store of before finds the way back by itself.
        for left in &left {
            assert_whole(&store, left).await;
            resolve(&store, left).await;
        }
        store.close().await.expect("close");
    }
}
