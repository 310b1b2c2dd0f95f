//! A process that dies or cannot write: what was acknowledged is there, what was not is there completely or not at all.
//!
//! The process is this test binary itself, asked to run only [`child_writes_until_it_dies`].

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use statehold_store::suite::fixtures::*;
use statehold_store::*;
use tempfile::tempdir;
use tokio::task::JoinSet;

/// Names the database of a child; without it the child's test does nothing.
const DATABASE: &str = "STATEHOLD_TEST_CRASH_DATABASE";

const CHILD: &str = "crashes::child_writes_until_it_dies";

/// Steps per child: more than it lives to take.
const STEPS_MAX: u64 = 1_000_000;

const WRITERS: usize = 8;

/// Eight writers that step an entity each, and say after every answer which it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_writes_until_it_dies() {
    let Some(path) = env::var_os(DATABASE) else {
        return;
    };
    let store = Arc::new(SqliteStore::open(SqliteConfig::path(path)).expect("open"));
    let mut writers = JoinSet::new();
    for n in 0..WRITERS {
        writers.spawn(write(Arc::clone(&store), format!("{n}")));
    }
    writers.join_all().await;
}

async fn write(store: Arc<SqliteStore>, id: String) {
    let found = store.load(&key(&id), None).await.expect("load");
    let mut row = match found {
        Some((row, _)) => row,
        None => create(&*store, &id).await,
    };
    for _ in 0..STEPS_MAX {
        let event = format!("event {}", row.revision + 1);
        let mut commit = step(&row, &event, "pending");
        let effect_id = format!("{id} {event}");
        commit.effects = vec![effect(&effect_id, at(0))];
        let next = commit.entity.clone();
        match store.commit(commit).await {
            Ok(CommitOutcome::Applied) => row = next,
            Ok(other) => panic!("{other:?}"),
            Err(StoreError::Unknown { .. }) => {
                say(&id, "unknown", next.revision);
                let again = store.commit(step(&row, &event, "pending")).await;
                assert_unavailable(again);
                return say(&id, "refused", next.revision);
            }
            Err(StoreError::Unavailable { .. }) => return say(&id, "refused", next.revision),
            Err(error) => panic!("{error:?}"),
        }
        say(&id, "applied", row.revision);
    }
}

/// One line per answer. A dead reader is no reason to stop: the parent kills when it has heard enough.
fn say(id: &str, what: &str, revision: u64) {
    let line = format!("\n@ {id} {what} {revision}\n");
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
}

/// The child's own command line, at a database.
fn child(path: &Path, command: &mut Command) -> std::process::Child {
    command
        .args([CHILD, "--exact", "--nocapture"])
        .env(DATABASE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the child starts")
}

/// An answer that a child has said it got.
fn heard(line: &str) -> Option<(String, String, u64)> {
    let mut words = line.strip_prefix("@ ")?.split(' ');
    let (id, what, revision) = (words.next()?, words.next()?, words.next()?);
    Some((id.to_owned(), what.to_owned(), revision.parse().ok()?))
}

/// Each log is gap-free and agrees with its entity and effects, and holds all that was acknowledged.
async fn assert_whole(path: &Path, acknowledged: &BTreeMap<String, u64>) {
    let store = SqliteStore::open(SqliteConfig::path(path)).expect("open");
    for n in 0..WRITERS {
        let id = format!("{n}");
        let known = acknowledged.get(&id).copied().unwrap_or(0);
        let Some((row, _)) = store.load(&key(&id), None).await.expect("load") else {
            assert_eq!(known, 0);
            continue;
        };
        assert!(row.revision >= known, "{id}: {} < {known}", row.revision);
        // One step of each writer is in flight at a time.
        assert!(
            row.revision <= known + 1,
            "{id}: {} > {known} + 1",
            row.revision
        );
        let log = store.log(&key(&id), 0, u32::MAX).await.expect("log");
        let seqs: Vec<u64> = log.iter().map(|row| row.seq).collect();
        assert_eq!(seqs, (0..=row.revision).collect::<Vec<_>>());
        let filter = EffectFilter {
            entity: Some(key(&id)),
            ..EffectFilter::default()
        };
        let effects = store.effects("main", &filter, &first(u32::MAX)).await;
        let effects = effects.expect("effects").len();
        assert_eq!(u64::try_from(effects).expect("a number"), row.revision);
    }
    store.close().await.expect("close");
}

#[tokio::test]
async fn killed_process_loses_nothing_it_acknowledged() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("test.db");
    let mut acknowledged = BTreeMap::new();
    for round in 1..=8_usize {
        let mut child = child(
            &path,
            &mut Command::new(env::current_exe().expect("a path")),
        );
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        // A different moment each round, from the first answers on.
        for _ in 0..round * round * 5 {
            note(&mut acknowledged, lines.next().expect("a line"));
        }
        child.kill().expect("kill");
        child.wait().expect("wait");
        lines.for_each(|line| note(&mut acknowledged, line));
        assert_whole(&path, &acknowledged).await;
        // What was in flight may have happened; from here on it counts.
        settle_in_flight(&path, &mut acknowledged).await;
    }
}

fn note(acknowledged: &mut BTreeMap<String, u64>, line: std::io::Result<String>) {
    if let Some((id, what, revision)) = line.ok().as_deref().and_then(heard) {
        assert_eq!(what, "applied");
        acknowledged.insert(id, revision);
    }
}

async fn settle_in_flight(path: &Path, acknowledged: &mut BTreeMap<String, u64>) {
    let store = SqliteStore::open(SqliteConfig::path(path)).expect("open");
    for n in 0..WRITERS {
        let id = format!("{n}");
        if let Some((row, _)) = store.load(&key(&id), None).await.expect("load") {
            acknowledged.insert(id, row.revision);
        }
    }
    store.close().await.expect("close");
}

/// A limit on the size of files stands in for a disk that fails in the middle of a commit.
#[cfg(unix)]
#[tokio::test]
async fn failed_write_at_commit_is_unknown_and_stops_the_writer() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("test.db");
    let mut shell = Command::new("sh");
    // With the signal ignored, writing beyond the limit fails instead of killing.
    let limited = "trap '' XFSZ; ulimit -f 2000; exec \"$0\" \"$@\"";
    shell
        .args(["-c", limited])
        .arg(env::current_exe().expect("a path"));
    let mut child = child(&path, &mut shell);
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut acknowledged = BTreeMap::new();
    let mut answers = BTreeMap::<String, u32>::new();
    for (id, what, revision) in lines.filter_map(|line| heard(&line.ok()?)) {
        if what == "applied" {
            acknowledged.insert(id, revision);
        }
        *answers.entry(what).or_default() += 1;
    }
    let ended = child.wait().expect("wait");
    assert!(ended.success(), "the child saw what it expected");
    assert!(answers["applied"] > 10, "{answers:?}");
    assert!(answers["unknown"] >= 1, "{answers:?}");
    assert_eq!(
        answers["refused"], 8,
        "every writer was stopped: {answers:?}"
    );
    assert_whole(&path, &acknowledged).await;
}
