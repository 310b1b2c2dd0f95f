//! What the database itself refuses, from whoever opens the file with another tool.

use std::path::PathBuf;

use rusqlite::Connection;
use statehold_store::suite::fixtures::*;
use statehold_store::*;
use tempfile::{TempDir, tempdir};

/// A file with an entity at revision 1, a claimed and a dead effect, and an operator's act; opened without the store.
async fn file() -> (TempDir, Connection) {
    let folder = tempdir().expect("a folder");
    let path: PathBuf = folder.path().join("test.db");
    let store = SqliteStore::open(SqliteConfig::path(&path)).expect("open");
    create_dead(&store, "1", "e1").await;
    let retried = store.retry_dead("main", "e1", act(700, "again")).await;
    retried.expect("retry_dead");
    claim_one(&store, at(700)).await;
    let row = current(&store, &key("1")).await;
    apply(&store, step(&row, "pay", "paid")).await;
    let published = store.publish(version("main", "order", 1, "aa")).await;
    published.expect("publish");
    store.close().await.expect("close");
    let db = Connection::open(path).expect("open");
    // As in the sqlite3 shell.
    db.pragma_update(None, "foreign_keys", false)
        .expect("pragma");
    (folder, db)
}

#[track_caller]
fn assert_refused(db: &Connection, statement: &str, words: &str) {
    let error = db.execute(statement, []).expect_err(statement);
    assert!(error.to_string().contains(words), "{statement}: {error}");
}

/// A statement that copies the newest log row with some columns changed.
fn log_copy(verb: &str, changes: &[(&str, &str)]) -> String {
    let columns = [
        "tenant",
        "machine",
        "id",
        "seq",
        "at",
        "event",
        "event_id",
        "fingerprint",
        "actor",
        "cause",
        "from_state",
        "to_state",
        "transitions",
        "patch",
        "input",
        "result",
        "chart_version",
    ];
    let values = columns.map(|column| {
        let change = changes.iter().find(|(name, _)| *name == column);
        change.map_or(column, |(_, value)| value)
    });
    format!(
        "{verb} INTO log ({}) SELECT {} FROM log ORDER BY position DESC LIMIT 1",
        columns.join(", "),
        values.join(", ")
    )
}

#[tokio::test]
async fn log_rows_cannot_be_changed_or_deleted() {
    let (_folder, db) = file().await;
    assert_refused(&db, "UPDATE log SET to_state = 'x'", "never changed");
    assert_refused(
        &db,
        "UPDATE log SET input = '{}' WHERE seq = 1",
        "never changed",
    );
    assert_refused(&db, "DELETE FROM log", "never deleted");
}

/// Two rows of one position or of one event cannot be, whoever writes them.
#[tokio::test]
async fn log_holds_each_position_and_event_once() {
    let (_folder, db) = file().await;
    let same_seq = log_copy("INSERT", &[("event_id", "'new'")]);
    assert_refused(&db, &same_seq, "log.seq");
    let same_event = log_copy("INSERT", &[("seq", "2")]);
    assert_refused(&db, &same_event, "log.event_id");
}

#[tokio::test]
async fn state_column_moves_only_with_its_log_row() {
    let (_folder, db) = file().await;
    let forgeries = [
        "UPDATE entity SET state = 'refunded'",
        "UPDATE entity SET state = 'refunded', revision = revision + 1",
        "UPDATE entity SET revision = revision + 1",
        "UPDATE entity SET revision = 0",
    ];
    for forged in forgeries {
        assert_refused(&db, forged, "only together with a log row");
    }
    // A log row that starts elsewhere, leads elsewhere or leaves a gap does not help.
    let next = [
        ("seq", "2"),
        ("event_id", "'new'"),
        ("from_state", "to_state"),
        ("to_state", "'refunded'"),
    ];
    for wrong in [
        ("from_state", "'elsewhere'"),
        ("to_state", "'elsewhere'"),
        ("seq", "3"),
        ("id", "'2'"),
    ] {
        db.execute_batch("BEGIN").expect("begin");
        let mut changes = vec![wrong];
        changes.extend(next);
        let inserted = db.execute(&log_copy("INSERT", &changes), []);
        assert_eq!(inserted.expect("insert"), 1);
        for forged in forgeries {
            assert_refused(&db, forged, "only together with a log row");
        }
        db.execute_batch("ROLLBACK").expect("rollback");
    }
    let inserted = db.execute(&log_copy("INSERT", &next), []);
    assert_eq!(inserted.expect("insert"), 1);
    let moved = db.execute(forgeries[1], []);
    assert_eq!(moved.expect("the row and its log row agree"), 1);
}

#[tokio::test]
async fn published_and_audited_rows_never_change() {
    let (_folder, db) = file().await;
    assert_refused(
        &db,
        "UPDATE machine_version SET source = ''",
        "never changes",
    );
    assert_refused(&db, "UPDATE operator_act SET reason = ''", "never changed");
    assert_refused(&db, "DELETE FROM operator_act", "never deleted");
}

#[tokio::test]
async fn columns_hold_only_what_belongs_together() {
    let (_folder, db) = file().await;
    for wrong in [
        "UPDATE entity SET status = 'halted'",
        "UPDATE entity SET id = ''",
        "UPDATE entity SET context = NULL",
        "UPDATE effect SET status = 'unheard of'",
        "UPDATE effect SET status = 'ready'",
        "UPDATE effect SET lease_until = NULL",
        "UPDATE effect SET status = 'ok', lease_until = NULL",
        "UPDATE effect SET settled_at = 1",
        "UPDATE effect SET epoch = -1",
        "UPDATE effect SET invoke_state = 'x'",
        "UPDATE effect_attempt SET n = 0",
        "INSERT INTO operator_act VALUES (99, 'main', 'e1', 'bribe', 1, '{}', 'why')",
    ] {
        assert_refused(&db, wrong, "constraint failed");
    }
    let wrong_type = "UPDATE entity SET updated_at = 'yesterday'";
    assert_refused(&db, wrong_type, "cannot store TEXT");
}

#[tokio::test]
async fn rows_belong_to_a_committed_step() {
    let (_folder, db) = file().await;
    db.pragma_update(None, "foreign_keys", true)
        .expect("pragma");
    for orphan in [
        log_copy(
            "INSERT",
            &[("id", "'absent'"), ("seq", "0"), ("from_state", "''")],
        ),
        "UPDATE effect SET seq = 77".to_owned(),
        "INSERT INTO timer VALUES (99, 'main', 'order', 'absent', 's', 'n', 1, 1)".to_owned(),
        "INSERT INTO operator_act VALUES (99, 'main', 'absent', 'retry', 1, '{}', 'why')"
            .to_owned(),
        "DELETE FROM entity".to_owned(),
    ] {
        assert_refused(&db, &orphan, "FOREIGN KEY");
    }
}
