//! Connections that end around a commit, in every way there is: what was acknowledged is in the log once, what was
//! `unknown` never or once, and a retry under the same event id finds out which.

use std::sync::Arc;

use statehold_store::suite::fixtures::*;
use statehold_store::*;
use statehold_testpg::{execute, is_nightly, query};

use super::proxy::{Cut, Proxy};
use super::{config, database};

const CUTS: [Cut; 3] = [Cut::BeforeRequest, Cut::AfterRequest, Cut::BeforeAnswer];

/// The address of a database through the proxy.
fn through(proxy: &Proxy, url: &str) -> String {
    let (head, tail) = url.split_once('@').expect("an address with a user");
    let (_, tail) = tail.split_once(':').expect("a port");
    let folder = proxy.folder().display().to_string().replace('/', "%2F");
    format!("{head}@{folder}:{tail}")
}

/// The file of the shared server's socket.
fn socket(url: &str) -> std::path::PathBuf {
    let (_, place) = url.split_once('@').expect("an address with a user");
    let (folder, rest) = place.split_once(':').expect("a port");
    let (port, _) = rest.split_once('/').expect("a database");
    std::path::PathBuf::from(folder.replace("%2F", "/")).join(format!(".s.PGSQL.{port}"))
}

async fn times_in_log(store: &dyn Store, id: &str, event: &str) -> usize {
    let log = store.log(&key(id), 0, u32::MAX).await.expect("log");
    log.iter().filter(|row| row.event_id == event).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_lost_answer_of_a_commit_is_unknown_and_its_retry_tells() {
    cut_commits(false).await;
}

/// Without preparing, every cut hits a statement.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_lost_answer_of_a_commit_behind_a_pooler_too() {
    cut_commits(true).await;
}

/// Commits in the shapes that are sent, so that their statements are prepared when a cut comes.
async fn warm(store: &Arc<PostgresStore>, run: usize, writers: usize, effects: bool) {
    for round in 0..2 {
        let together = if round == 0 { 1 } else { writers };
        let mut tasks = Vec::new();
        for n in 0..together {
            let row = current(&**store, &key(&format!("{n}"))).await;
            let mut commit = step(&row, &format!("warm {run} {round}"), "pending");
            if effects {
                commit.effects = vec![effect(&format!("warm {n} {run:04} {round}"), at(0))];
            }
            let store = Arc::clone(store);
            tasks.push(tokio::spawn(async move { store.commit(commit).await }));
        }
        for task in tasks {
            let outcome = task.await.expect("the task ends");
            assert_eq!(outcome.expect("commit"), CommitOutcome::Applied);
        }
    }
}

async fn cut_commits(pooler: bool) {
    let Some(database) = database().await else {
        return;
    };
    let proxy = Proxy::start(socket(database.url())).expect("a proxy");
    let mut config_through = config(&through(&proxy, database.url()));
    config_through.lanes = 1;
    config_through.pooler = pooler;
    let store = Arc::new(PostgresStore::open(config_through).await.expect("open"));
    let direct = PostgresStore::open(config(database.url()))
        .await
        .expect("open");
    for n in 0..4 {
        create(&*store, &format!("{n}")).await;
    }
    let runs = if is_nightly() { 500 } else { 60 };
    let mut unknown = 0;
    let mut committed = 0;
    for run in 0..runs {
        let cut = CUTS[run % CUTS.len()];
        // One alone, or several that share a transaction.
        let writers = 1 + (run / CUTS.len()) % 4;
        let effects = run.is_multiple_of(2);
        warm(&store, run, writers, effects).await;
        let mut commits = Vec::new();
        for n in 0..writers {
            let row = current(&direct, &key(&format!("{n}"))).await;
            let mut commit = step(&row, &format!("run {run}"), "pending");
            if effects {
                commit.effects = vec![effect(&format!("{n} {run:04}"), at(0))];
            }
            commits.push(commit);
        }
        proxy.arm(cut);
        let attempts = commits.iter().map(|commit| {
            let (store, commit) = (Arc::clone(&store), commit.clone());
            tokio::spawn(async move { store.commit(commit).await })
        });
        let attempts: Vec<_> = attempts.collect();
        let mut outcomes = Vec::new();
        for attempt in attempts {
            outcomes.push(attempt.await.expect("the task ends"));
        }
        assert!(!proxy.is_armed(), "run {run}: nothing was cut");
        // On a busy machine writers group in a shape that was not warmed; a cut while its statement is prepared is
        // mended without a word. That most cuts hit a commit is counted below.
        for (commit, outcome) in commits.iter().zip(outcomes) {
            let (id, event) = (&commit.entity.key.id, &commit.log.event_id);
            let times = times_in_log(&direct, id, event).await;
            match outcome {
                Ok(CommitOutcome::Applied) => assert_eq!(times, 1, "run {run}"),
                Err(StoreError::Unknown { .. }) => {
                    unknown += 1;
                    committed += times;
                    assert!(times <= 1, "run {run}");
                    let told = cut != Cut::BeforeRequest || times == 0;
                    assert!(
                        told && (cut != Cut::BeforeAnswer || times == 1),
                        "run {run} {cut:?}"
                    );
                }
                // A statement that was being prepared: nothing was sent yet.
                Err(StoreError::Unavailable { .. }) => assert_eq!(times, 0, "run {run}"),
                other => panic!("run {run}: {other:?}"),
            }
            let again = store.commit(commit.clone()).await.expect("commit");
            // A request that was on its way may have been served after this test looked.
            let late = cut == Cut::AfterRequest && again != CommitOutcome::Applied;
            if times == 1 || late {
                let first = CommitOutcome::Duplicate(Box::new(commit.log.clone()));
                assert_eq!(again, first, "run {run}");
            } else {
                assert_eq!(again, CommitOutcome::Applied, "run {run}");
            }
            assert_eq!(times_in_log(&direct, id, event).await, 1, "run {run}");
        }
    }
    assert!(unknown * 3 > runs * 2, "{unknown} of {runs}");
    assert!(
        committed > 0 && committed < unknown,
        "{committed} of {unknown}"
    );
}

/// Every other verb that writes says the same, and the next call works.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_answer_of_any_write_is_unknown() {
    let Some(database) = database().await else {
        return;
    };
    let proxy = Proxy::start(socket(database.url())).expect("a proxy");
    let store = PostgresStore::open(config(&through(&proxy, database.url()))).await;
    let store = store.expect("open");
    create_with(&store, "1", vec![effect("e1", at(0))]).await;
    // Prepares the statements, so that what is cut is the statement and not its preparation.
    let held = claim_one(&store, at(10)).await;
    store
        .heartbeat("e1", held.epoch, at(20))
        .await
        .expect("heartbeat");
    proxy.arm(Cut::BeforeAnswer);
    let beat = store.heartbeat("e1", held.epoch, at(30)).await;
    assert!(matches!(beat, Err(StoreError::Unknown { .. })), "{beat:?}");
    assert_eq!(stored(&store, "e1").await.lease_until, Some(at(30)));
    let beat = store.heartbeat("e1", held.epoch, at(40)).await;
    assert!(beat.expect("the next connection works"));
}

/// A caller that goes away leaves its statement to run to its end, on a connection that nobody finds in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_dropped_calls_leave_clean_connections() {
    let Some(database) = database().await else {
        return;
    };
    let store = PostgresStore::open(config(database.url()))
        .await
        .expect("open");
    create_with(&store, "1", vec![effect("e1", at(0))]).await;
    for polls in 0..4 {
        for _ in 0..20 {
            let any = EffectFilter::default();
            let keys = [key("1"), key("2")];
            poll_and_drop(store.load(&keys[0], None), polls).await;
            poll_and_drop(store.commit(creation(&keys[1])), polls).await;
            poll_and_drop(store.claim_effects(at(10), LEASE, 1), polls).await;
            poll_and_drop(store.release("e1", 1), polls).await;
            let page = first(10);
            poll_and_drop(store.effects("main", &any, &page), polls).await;
        }
    }
    assert_eq!(current(&store, &key("1")).await.revision, 0);
    store.close().await.expect("close");
    let sessions = query(
        database.url(),
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
    );
    assert_eq!(sessions.await.expect("rows"), [["0"]]);
}

async fn poll_and_drop<T>(call: impl Future<Output = T>, polls: u32) {
    let mut call = std::pin::pin!(call);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 || call.as_mut().poll(context).is_ready() {
            return std::task::Poll::Ready(());
        }
        left -= 1;
        std::task::Poll::Pending
    })
    .await;
}

/// A row that somebody holds for ever: the statement ends by itself, and nothing was written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn held_row_ends_in_unavailable() {
    let Some(database) = database().await else {
        return;
    };
    let mut impatient = config(database.url());
    impatient.lock_timeout = std::time::Duration::from_millis(20);
    let store = PostgresStore::open(impatient).await.expect("open");
    let row = create(&store, "1").await;
    create(&store, "2").await;
    let (holder, connection) = tokio_postgres::connect(database.url(), tokio_postgres::NoTls)
        .await
        .expect("connect");
    let driving = tokio::spawn(connection);
    let hold = "BEGIN; SELECT FROM statehold.entity WHERE id = '1' FOR UPDATE";
    holder.batch_execute(hold).await.expect("hold");
    assert_unavailable(store.commit(step(&row, "pay", "paid")).await);
    // Others are not in the way.
    let other = current(&store, &key("2")).await;
    apply(&store, step(&other, "pay", "paid")).await;
    holder.batch_execute("ROLLBACK").await.expect("let go");
    apply(&store, step(&row, "pay", "paid")).await;
    drop(holder);
    driving.await.expect("it ends").expect("without an error");
}

/// Connections that the server has closed in the meantime are not an error of the next call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closed_connections_are_replaced() {
    let Some(database) = database().await else {
        return;
    };
    let store = PostgresStore::open(config(database.url()))
        .await
        .expect("open");
    let row = create(&store, "1").await;
    let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
    execute(database.url(), terminate).await.expect("terminate");
    // A commit that meets the closing itself does not know; its retry does.
    let commit = step(&row, "pay", "paid");
    let mut outcome = store.commit(commit.clone()).await;
    if matches!(outcome, Err(StoreError::Unknown { .. })) {
        outcome = store.commit(commit).await;
    }
    assert!(
        matches!(
            outcome,
            Ok(CommitOutcome::Applied | CommitOutcome::Duplicate(_))
        ),
        "{outcome:?}"
    );
}
