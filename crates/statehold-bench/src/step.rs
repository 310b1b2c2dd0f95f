//! Nanoseconds per pure step.

use std::hint::black_box;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::json;
use statehold_core::{Creation, Event, Machine, Snapshot};

use crate::report::{Row, median};

/// Steps per pass: long enough that the timer does not matter.
const STEPS: u32 = 100_000;

const ORDER: &str = include_str!("../../../examples/order/order.chart.yaml");

pub(crate) fn measure(passes: usize) -> anyhow::Result<Vec<Row>> {
    let machine = Machine::load("order.chart.yaml", ORDER)?.machine;
    let now: Timestamp = "2026-03-01T12:00:00Z".parse()?;
    let pending = pending(&machine, now)?;
    let mut paid = pending.clone();
    paid.configuration = machine.decode("paid")?;
    let mut context = (*paid.context).clone();
    context.insert("paid_at".to_owned(), json!("2026-03-01T11:00:00Z"));
    paid.context = context.into();
    let abort = Event::new("abort");
    let cancel = Event::new("cancel");
    Ok(vec![
        timed(
            "pure step: order, no guard",
            passes,
            &machine,
            &pending,
            &abort,
            now,
        )?,
        timed(
            "pure step: order, date guard and an effect",
            passes,
            &machine,
            &paid,
            &cancel,
            now,
        )?,
    ])
}

fn pending(machine: &Machine, now: Timestamp) -> anyhow::Result<Snapshot> {
    let creation = Creation::from(json!({ "customer_id": "c-1", "total": 1200 }));
    Ok(machine.start(creation, now)?.snapshot)
}

fn timed(
    what: &str,
    passes: usize,
    machine: &Machine,
    snapshot: &Snapshot,
    event: &Event,
    now: Timestamp,
) -> anyhow::Result<Row> {
    machine.step(snapshot, event, now)?;
    let rows = (0..passes).map(|_| {
        let begin = Instant::now();
        for _ in 0..STEPS {
            let _ = black_box(machine.step(black_box(snapshot), event, now));
        }
        let nanos = begin.elapsed().as_nanos() / u128::from(STEPS);
        Row {
            what: what.to_owned(),
            ns_per_step: u64::try_from(nanos).ok(),
            ..Row::default()
        }
    });
    median(rows.collect(), |row| row.ns_per_step.unwrap_or(0))
}
