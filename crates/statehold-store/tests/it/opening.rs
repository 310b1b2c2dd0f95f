//! Opening SQLite files: what is kept, what is refused and in which words, and who else may have the file open.

use std::fs::{self, Permissions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use statehold_store::suite::contents::contents;
use statehold_store::suite::fixtures::*;
use statehold_store::*;
use tempfile::{TempDir, tempdir};

/// A folder and the path of a database in it.
fn place() -> (TempDir, PathBuf) {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("test.db");
    (folder, path)
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(SqliteConfig::path(path)).expect("open")
}

/// Asserts that the location cannot be used, for a reason with these words.
#[track_caller]
fn assert_unusable(path: &Path, words: &str) {
    let error = SqliteStore::open(SqliteConfig::path(path)).expect_err("it must not open");
    let StoreError::Unusable {
        location,
        reason,
        help,
        ..
    } = &error
    else {
        panic!("unusable, not {error:?}");
    };
    assert_eq!(location, &path.display().to_string());
    assert!(reason.contains(words), "{reason}");
    assert!(!help.is_empty());
}

/// A file that a store has made and closed.
async fn closed_file(path: &Path) {
    let store = open(path);
    create(&store, "1").await;
    store.close().await.expect("close");
}

fn raw(path: &Path) -> Connection {
    Connection::open(path).expect("open")
}

#[tokio::test]
async fn reopened_file_keeps_everything() {
    let (_folder, path) = place();
    let store = open(&path);
    create_dead(&store, "1", "e1").await;
    let retried = store.retry_dead("main", "e1", act(700, "again")).await;
    retried.expect("retry_dead");
    claim_one(&store, at(700)).await;
    let mut commit = creation(&key("2"));
    commit.timers = vec![timer("pending", 1, "48h", at(60))];
    apply(&store, commit).await;
    store.refuse(refusal(&key("2"), "x")).await.expect("refuse");
    let published = store.publish(version("main", "order", 1, "aa")).await;
    published.expect("publish");
    let keys = [key("1"), key("2")];
    let before = contents(&store, &keys).await;
    store.close().await.expect("close");
    let store = open(&path);
    assert_eq!(contents(&store, &keys).await, before);
}

#[tokio::test]
async fn dropped_store_keeps_what_it_answered() {
    let (_folder, path) = place();
    let store = open(&path);
    let row = create(&store, "1").await;
    drop(store);
    let store = open(&path);
    assert_eq!(current(&store, &key("1")).await, row);
}

#[tokio::test]
async fn closed_store_leaves_one_file() {
    let (folder, path) = place();
    closed_file(&path).await;
    let names = fs::read_dir(folder.path()).expect("the folder is there");
    let names: Vec<_> = names
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names, ["test.db"]);
}

#[tokio::test]
async fn file_is_in_wal_mode() {
    let (_folder, path) = place();
    closed_file(&path).await;
    let mode: String = raw(&path)
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .expect("journal_mode");
    assert_eq!(mode, "wal");
}

#[tokio::test]
async fn empty_file_becomes_a_database() {
    let (_folder, path) = place();
    fs::write(&path, "").expect("write");
    create(&open(&path), "1").await;
}

#[test]
fn other_files_are_not_databases() {
    let (_folder, path) = place();
    for text in ["hello", &"no database ".repeat(1_000)] {
        fs::write(&path, text).expect("write");
        assert_unusable(&path, "not a SQLite database");
        assert_eq!(fs::read_to_string(&path).expect("read"), *text);
    }
}

#[test]
fn database_of_another_program_is_left_alone() {
    let (_folder, path) = place();
    raw(&path)
        .execute_batch("CREATE TABLE theirs (x)")
        .expect("create");
    let before = fs::read(&path).expect("read");
    assert_unusable(&path, "another program");
    assert_eq!(fs::read(&path).expect("read"), before);
}

#[test]
fn missing_folder_is_named() {
    let (folder, _) = place();
    let path = folder.path().join("absent").join("test.db");
    let words = format!(
        "folder {} does not exist",
        folder.path().join("absent").display()
    );
    assert_unusable(&path, &words);
}

#[test]
fn folder_is_not_a_file() {
    let (folder, _) = place();
    assert_unusable(folder.path(), "it is a folder");
}

#[tokio::test]
async fn read_only_file_is_refused() {
    let (_folder, path) = place();
    closed_file(&path).await;
    let mut permissions = fs::metadata(&path).expect("metadata").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).expect("set_permissions");
    assert_unusable(&path, "the file is read-only");
}

#[cfg(unix)]
#[tokio::test]
async fn read_only_folder_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let (folder, path) = place();
    closed_file(&path).await;
    let set = |mode| fs::set_permissions(folder.path(), Permissions::from_mode(mode));
    set(0o555).expect("set_permissions");
    assert_unusable(&path, "the folder is read-only");
    set(0o755).expect("set_permissions");
}

#[tokio::test]
async fn file_of_a_newer_release_is_refused() {
    let (_folder, path) = place();
    closed_file(&path).await;
    raw(&path)
        .execute_batch(
            "INSERT INTO statehold_migrations (version, name, applied_on, checksum)
             VALUES (999, 'from_the_future', '2030-01-01T00:00:00Z', '1')",
        )
        .expect("insert");
    assert_unusable(&path, "made by a newer release: its schema is version 999");
}

#[tokio::test]
async fn file_with_a_changed_migration_is_refused() {
    let (_folder, path) = place();
    closed_file(&path).await;
    raw(&path)
        .execute_batch("UPDATE statehold_migrations SET checksum = '1' WHERE version = 1")
        .expect("update");
    assert_unusable(&path, "not made by a release");
}

#[tokio::test]
async fn damaged_file_is_refused() {
    let (_folder, path) = place();
    let store = open(&path);
    for n in 0..200 {
        create(&store, &format!("{n}")).await;
    }
    store.close().await.expect("close");
    let mut bytes = fs::read(&path).expect("read");
    let half = bytes.len() / 2;
    bytes[half..half + 4_096].fill(0xa5);
    fs::write(&path, bytes).expect("write");
    assert_unusable(&path, "damaged");
}

#[test]
fn bounds_of_zero_are_refused() {
    for (queue_max, batch_max) in [(0, 1), (1, 0)] {
        let config = SqliteConfig {
            queue_max,
            batch_max,
            ..SqliteConfig::memory()
        };
        let error = SqliteStore::open(config).expect_err("it must not open");
        assert!(matches!(error, StoreError::Unusable { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn another_writer_makes_writes_unavailable_and_reads_go_on() {
    let (_folder, path) = place();
    let config = SqliteConfig {
        busy_timeout: Duration::from_millis(20),
        ..SqliteConfig::path(&path)
    };
    let store = SqliteStore::open(config).expect("open");
    let row = create(&store, "1").await;
    let other = raw(&path);
    other.execute_batch("BEGIN IMMEDIATE").expect("begin");
    assert_unavailable(store.commit(step(&row, "pay", "paid")).await);
    assert_unavailable(store.claim_effects(at(0), LEASE, 1).await);
    assert_eq!(current(&store, &key("1")).await, row);
    other.execute_batch("COMMIT").expect("commit");
    apply(&store, step(&row, "pay", "paid")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_stores_may_share_a_file() {
    let (_folder, path) = place();
    let stores = [Arc::new(open(&path)), Arc::new(open(&path))];
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..60 {
        let store = Arc::clone(&stores[n % 2]);
        writers.spawn(async move { create(&*store, &format!("{n:02}")).await });
    }
    writers.join_all().await;
    for store in &stores {
        let any = EntityFilter::default();
        let rows = store.entities("main", "order", &any, &first(100)).await;
        assert_eq!(rows.expect("entities").len(), 60);
    }
}

#[test]
fn new_file_may_be_opened_by_many_at_once() {
    let (_folder, path) = place();
    let start = std::sync::Barrier::new(6);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                start.wait();
                open(&path)
            });
        }
    });
}

#[tokio::test]
async fn full_database_is_unavailable_and_recovers() {
    let (_folder, path) = place();
    closed_file(&path).await;
    let config = SqliteConfig {
        size_max: Some(fs::metadata(&path).expect("metadata").len() + 64 * 1024),
        ..SqliteConfig::path(&path)
    };
    let store = SqliteStore::open(config).expect("open");
    let row = current(&store, &key("1")).await;
    let mut large = step(&row, "pay", "paid");
    large.entity.context = "x".repeat(256 * 1024);
    let before = contents(&store, &[key("1")]).await;
    assert_unavailable(store.commit(large).await);
    assert_eq!(contents(&store, &[key("1")]).await, before);
    apply(&store, step(&row, "pay", "paid")).await;
}
