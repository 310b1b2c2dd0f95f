//! A server that waits for a synchronous standby which never answers.

use std::time::Duration;

use statehold_store::suite::fixtures::*;
use statehold_store::*;
use statehold_testpg::{Options, execute, query, server};

async fn wait_for_standby(url: &str, name: &str) {
    let set = format!("ALTER SYSTEM SET synchronous_standby_names = '{name}'");
    execute(url, &set).await.expect("alter");
    execute(url, "SELECT pg_reload_conf()")
        .await
        .expect("reload");
}

/// Waits until a commit waits for the standby, and makes it stop.
async fn cancel_the_wait(url: &str) {
    let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    while query(url, cancel).await.expect("rows").is_empty() {
        tokio::task::yield_now().await;
    }
}

/// The commit is there and perhaps nowhere else; neither it nor its repeat is told as done before the standby has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f03_commit_that_no_standby_has_is_unknown() {
    let Some(server) = server(&Options::default()) else {
        return;
    };
    let url = server.url("postgres");
    let mut config = PostgresConfig::url(&url).expect("an address");
    config.database_clock = false;
    let before = PostgresStore::open(config.clone()).await.expect("open");
    before.close().await.expect("close");
    wait_for_standby(&url, "nobody").await;
    let store = PostgresStore::open(config).await.expect("open");
    let commit = creation(&key("1"));
    for _ in 0..2 {
        let (outcome, ()) = tokio::join!(store.commit(commit.clone()), cancel_the_wait(&url));
        assert!(
            matches!(outcome, Err(StoreError::Unknown { .. })),
            "{outcome:?}"
        );
    }
    wait_for_standby(&url, "").await;
    // Reloading takes the server a moment, in which a commit may begin to wait; then it is let go.
    let outcome = store.commit(commit.clone()).await.expect("commit");
    assert_eq!(outcome, CommitOutcome::Duplicate(Box::new(commit.log)));
}

/// A standby that keeps silent: the caller is not kept waiting for ever, and does not know.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f03_silence_is_unknown_too() {
    let Some(server) = server(&Options::default()) else {
        return;
    };
    let url = server.url("postgres");
    let mut config = PostgresConfig::url(&url).expect("an address");
    config.statement_timeout = Duration::from_millis(100);
    let before = PostgresStore::open(config.clone()).await.expect("open");
    before.close().await.expect("close");
    wait_for_standby(&url, "nobody").await;
    let store = PostgresStore::open(config).await.expect("open");
    let outcome = store.commit(creation(&key("1"))).await;
    assert!(
        matches!(outcome, Err(StoreError::Unknown { .. })),
        "{outcome:?}"
    );
    // The transaction is still on its way; whoever repeats it now learns nothing yet.
    let again = store.commit(creation(&key("1"))).await;
    assert_unavailable(again);
}
