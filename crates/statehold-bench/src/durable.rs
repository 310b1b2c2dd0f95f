//! Durable transitions through the engine on SQLite, closed loop: each caller fires at its own entity and waits.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use statehold_core::Machine;
use statehold_engine::testing::ScriptedTransport;
use statehold_engine::{Engine, FireEvent, NewEntity};
use statehold_store::{SqliteConfig, SqliteStore};

use crate::report::{Row, median, percentile};

const CHART: &str = "
statehold: 1
machine: lamp
version: 1
context: { room: { type: string, default: hall } }
initial: off
states:
  off: { on: { toggle: on } }
  on:  { on: { toggle: off } }
";

pub(crate) fn measure(
    folder: &Path,
    callers: usize,
    length: Duration,
    passes: usize,
) -> anyhow::Result<Row> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let rows = (0..passes)
        .map(|_| runtime.block_on(pass(folder, callers, length)))
        .collect::<anyhow::Result<_>>()?;
    median(rows, |row| row.transitions_per_s.unwrap_or(0))
}

async fn pass(folder: &Path, callers: usize, length: Duration) -> anyhow::Result<Row> {
    let folder = tempfile::tempdir_in(folder)?;
    let store = Arc::new(SqliteStore::open(SqliteConfig::path(
        folder.path().join("bench.db"),
    ))?);
    let engine = Engine::builder(store.clone())
        .transport(Arc::new(ScriptedTransport::new([])))
        .open()
        .await?;
    engine
        .publish(Machine::load("lamp.chart.yaml", CHART)?.machine, "bench")
        .await?;
    for caller in 0..callers {
        let new = NewEntity::input(json!({})).id(format!("lamp-{caller}"));
        engine.create("lamp", new).await?;
    }
    let before = store.stats();
    let begin = Instant::now();
    let tasks =
        (0..callers).map(|caller| tokio::spawn(call(engine.clone(), caller, begin + length)));
    let mut latencies = Vec::new();
    for task in futures::future::join_all(tasks).await {
        latencies.extend(task??);
    }
    let elapsed = begin.elapsed();
    let after = store.stats();
    latencies.sort_unstable();
    let commits = (after.commits - before.commits).max(1);
    Ok(Row {
        what: format!("SQLite, engine, durable, {callers} callers"),
        transitions_per_s: Some((latencies.len() as f64 / elapsed.as_secs_f64()) as u64),
        p50_us: percentile(&latencies, 0.5),
        p99_us: percentile(&latencies, 0.99),
        callers: Some(callers),
        batch_mean: Some((after.requests - before.requests) as f64 / commits as f64),
        ..Row::default()
    })
}

async fn call(engine: Engine, caller: usize, until: Instant) -> anyhow::Result<Vec<Duration>> {
    let id = format!("lamp-{caller}");
    let mut latencies = Vec::new();
    while Instant::now() < until {
        let begin = Instant::now();
        engine.fire("lamp", &id, FireEvent::new("toggle")).await?;
        latencies.push(begin.elapsed());
    }
    Ok(latencies)
}
