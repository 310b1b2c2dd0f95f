//! A server that waits for a synchronous standby which never answers.

use std::time::Duration;

use statehold_store::suite::fixtures::*;
use statehold_store::*;
use statehold_testpg::{Options, execute, server};

async fn wait_for_standby(url: &str, name: &str) {
    let set = format!("ALTER SYSTEM SET synchronous_standby_names = '{name}'");
    execute(url, &set).await.expect("alter");
    execute(url, "SELECT pg_reload_conf()")
        .await
        .expect("reload");
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
    PostgresStore::open(config.clone()).await.expect("open");
    wait_for_standby(&url, "nobody").await;
    config.statement_timeout = Duration::from_millis(300);
    let store = PostgresStore::open(config).await.expect("open");
    let commit = creation(&key("1"));
    for _ in 0..2 {
        let outcome = store.commit(commit.clone()).await;
        assert!(
            matches!(outcome, Err(StoreError::Unknown { .. })),
            "{outcome:?}"
        );
    }
    wait_for_standby(&url, "").await;
    // Reloading takes the server a moment, in which it may still wait.
    let outcome = loop {
        match store.commit(commit.clone()).await {
            Err(StoreError::Unknown { .. }) => {}
            outcome => break outcome.expect("commit"),
        }
    };
    assert_eq!(outcome, CommitOutcome::Duplicate(Box::new(commit.log)));
}
