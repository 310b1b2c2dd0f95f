//! Several processes' worth of stores on one database: nobody's write is lost, no work is handed out twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use statehold_store::suite::fixtures::*;
use statehold_store::*;
use tokio::task::JoinSet;

use super::{config, database};

const CLIENTS: usize = 16;

async fn stores(url: &str) -> [Arc<PostgresStore>; 2] {
    let store = async || Arc::new(PostgresStore::open(config(url)).await.expect("open"));
    [store().await, store().await]
}

/// Steps an entity until it was its own step that applied; how often it met a conflict.
async fn step_once(store: &dyn Store, id: &str, event: &str) -> u32 {
    let mut conflicts = 0;
    loop {
        let row = current(store, &key(id)).await;
        match store.commit(step(&row, event, "pending")).await {
            Ok(CommitOutcome::Applied) => return conflicts,
            Ok(CommitOutcome::Conflict { .. }) => conflicts += 1,
            other => panic!("{other:?}"),
        }
    }
}

/// Few entities and many clients, so that everybody meets all the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_no_update_is_lost_between_processes() {
    const STEPS: u64 = 8;
    let Some(database) = database().await else {
        return;
    };
    let stores = stores(database.url()).await;
    for id in ["1", "2"] {
        create(&*stores[0], id).await;
    }
    let mut clients = JoinSet::new();
    for n in 0..CLIENTS {
        let store = Arc::clone(&stores[n % 2]);
        clients.spawn(async move {
            let mut conflicts = 0;
            for step in 0..STEPS {
                let id = if (n as u64 + step).is_multiple_of(2) {
                    "1"
                } else {
                    "2"
                };
                conflicts += step_once(&*store, id, &format!("{n} {step}")).await;
            }
            conflicts
        });
    }
    let conflicts: u32 = clients.join_all().await.into_iter().sum();
    assert!(conflicts > 0, "the clients never met");
    let mut steps = 0;
    for id in ["1", "2"] {
        let row = current(&*stores[0], &key(id)).await;
        let log = stores[1].log(&key(id), 0, u32::MAX).await.expect("log");
        let seqs: Vec<u64> = log.iter().map(|row| row.seq).collect();
        assert_eq!(seqs, (0..=row.revision).collect::<Vec<_>>());
        steps += row.revision;
    }
    assert_eq!(steps, CLIENTS as u64 * STEPS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_never_claim_the_same_effect() {
    let Some(database) = database().await else {
        return;
    };
    let stores = stores(database.url()).await;
    let asked = (0..120).map(|n| effect(&format!("e{n:03}"), at(0)));
    create_with(&*stores[0], "1", asked.collect()).await;
    let mut claimers = JoinSet::new();
    for n in 0..CLIENTS {
        let store = Arc::clone(&stores[n % 2]);
        claimers.spawn(async move {
            let mut held = Vec::new();
            loop {
                let claimed = claim(&*store, at(10), 7).await;
                if claimed.is_empty() {
                    return held;
                }
                held.extend(claimed.into_iter().map(|row| row.id));
            }
        });
    }
    let mut times = BTreeMap::<String, u32>::new();
    for id in claimers.join_all().await.into_iter().flatten() {
        *times.entry(id).or_default() += 1;
    }
    // Whoever found everything locked by others stopped early; whatever was claimed was claimed once.
    assert!(times.values().all(|times| *times == 1), "{times:?}");
    let rest = claim(&*stores[1], at(10), 1_000).await.len();
    assert_eq!(times.len() + rest, 120);
}

/// The same repeated event from two processes at once is applied once, and both are told so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeated_event_is_applied_once_between_processes() {
    let Some(database) = database().await else {
        return;
    };
    let stores = stores(database.url()).await;
    for n in 0..20 {
        let row = create(&*stores[0], &format!("{n}")).await;
        let commit = step(&row, "pay", "paid");
        let (one, two) = tokio::join!(
            stores[0].commit(commit.clone()),
            stores[1].commit(commit.clone())
        );
        let outcomes = [one.expect("commit"), two.expect("commit")];
        let duplicate = CommitOutcome::Duplicate(Box::new(commit.log));
        assert!(outcomes.contains(&CommitOutcome::Applied), "{outcomes:?}");
        assert!(outcomes.contains(&duplicate), "{outcomes:?}");
    }
}

/// Of two that create the same entity one is told of the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn second_creation_between_processes_is_a_conflict() {
    let Some(database) = database().await else {
        return;
    };
    let stores = stores(database.url()).await;
    for n in 0..20 {
        let first = creation(&key(&format!("{n}")));
        let mut second = first.clone();
        second.log.event_id = "created elsewhere".to_owned();
        let (one, two) = tokio::join!(stores[0].commit(first), stores[1].commit(second));
        let outcomes = [one.expect("commit"), two.expect("commit")];
        let conflict = CommitOutcome::Conflict { found: Some(0) };
        assert!(outcomes.contains(&CommitOutcome::Applied), "{outcomes:?}");
        assert!(outcomes.contains(&conflict), "{outcomes:?}");
    }
}

/// Many processes that start at once on an empty database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_migrate_at_once() {
    let Some(server) = statehold_testpg::shared() else {
        return;
    };
    for pooler in [false, true] {
        let database = statehold_testpg::Database::empty(server).await;
        let database = database.expect("a database");
        let mut starting = JoinSet::new();
        for _ in 0..6 {
            let mut config = config(database.url());
            config.pooler = pooler;
            starting.spawn(PostgresStore::open(config));
        }
        for opened in starting.join_all().await {
            let store = opened.expect("open");
            store.close().await.expect("close");
        }
    }
}

/// A step that leaves a state and an operator who revives that state's dead invoke: whoever comes second sees the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revived_invoke_of_a_left_state_never_stays_ready() {
    let Some(database) = database().await else {
        return;
    };
    let stores = stores(database.url()).await;
    for n in 0..20 {
        let id = format!("{n}");
        let mut commit = creation(&key(&id));
        commit.effects = vec![invoke(&format!("e{n}"), "pending", 1)];
        let row = apply(&*stores[0], commit).await;
        let held = claim_one(&*stores[0], at(10)).await;
        settle(&*stores[0], end(&held, EffectStatus::Dead)).await;
        let mut leaving = step(&row, "leave", "gone");
        leaving.cancel_invokes = vec![entry_of("pending", 1)];
        let (left, revived) = tokio::join!(
            stores[0].commit(leaving),
            stores[1].retry_dead("main", &held.id, act(700, "again"))
        );
        assert_eq!(left.expect("commit"), CommitOutcome::Applied);
        revived.expect("retry_dead");
        let now = stored(&*stores[0], &held.id).await;
        assert_eq!(now.status, EffectStatus::Cancelled);
    }
}
