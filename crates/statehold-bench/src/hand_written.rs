//! What a careful team writes by hand for SQLite: one transaction per transition, conditional update and log row,
//! the same durability settings.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior, params};

use crate::report::{Row, median, percentile};

const SCHEMA: &str = "
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE entity (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, state TEXT NOT NULL, context TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE log (id TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (id, seq)) WITHOUT ROWID;
";

pub(crate) fn measure(folder: &Path, length: Duration, passes: usize) -> anyhow::Result<Row> {
    let rows = (0..passes)
        .map(|_| pass(folder, length))
        .collect::<anyhow::Result<_>>()?;
    median(rows, |row| row.transitions_per_s.unwrap_or(0))
}

fn pass(folder: &Path, length: Duration) -> anyhow::Result<Row> {
    let folder = tempfile::tempdir_in(folder)?;
    let mut connection = Connection::open(folder.path().join("hand.db"))?;
    connection.execute_batch(SCHEMA)?;
    connection.execute("INSERT INTO entity VALUES ('e', 0, 'off', '{}')", [])?;
    let mut latencies = Vec::new();
    let begin = Instant::now();
    let mut revision = 0i64;
    while begin.elapsed() < length {
        let start = Instant::now();
        transition(&mut connection, revision)?;
        revision += 1;
        latencies.push(start.elapsed());
    }
    let rate = latencies.len() as f64 / begin.elapsed().as_secs_f64();
    latencies.sort_unstable();
    Ok(Row {
        what: "SQLite, hand-written, one commit per transition".to_owned(),
        transitions_per_s: Some(rate as u64),
        p50_us: percentile(&latencies, 0.5),
        p99_us: percentile(&latencies, 0.99),
        callers: Some(1),
        ..Row::default()
    })
}

fn transition(connection: &mut Connection, revision: i64) -> anyhow::Result<()> {
    let (from, to) = if revision % 2 == 0 {
        ("off", "on")
    } else {
        ("on", "off")
    };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let changed = transaction
        .prepare_cached(
            "UPDATE entity SET revision = ?2 + 1, state = ?3 WHERE id = ?1 AND revision = ?2",
        )?
        .execute(params!["e", revision, to])?;
    anyhow::ensure!(changed == 1, "the row moved under us");
    transaction
        .prepare_cached("INSERT INTO log VALUES (?1, ?2, 'toggle', ?3, ?4)")?
        .execute(params!["e", revision + 1, from, to])?;
    transaction.commit()?;
    Ok(())
}
