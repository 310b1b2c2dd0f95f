//! The same two steps, `charge` and `refund` of an order, through others' machines in the same run. What each of them
//! does and does not do beside that is told in docs/performance.md: a ratio alone says little.

mod statig_order;
mod xstate;

use std::io::Write as _;

use serde::Serialize;
use serde_json::json;
use statehold_core::{Event, Machine, Snapshot};

use crate::cases::{self, ORDER};
use crate::step::{middle, nanos_of};

/// Steps between two looks at the clock; even, as each is half of a way there and back.
const STEPS: u32 = 1_000;

/// Rounds of each per pass.
const ROUNDS: usize = 40;

#[derive(Serialize)]
struct Peer {
    what: String,
    ns_per_step: f64,
    /// Time as a multiple of Statehold's `step`.
    ratio: f64,
}

/// Runs all of them, pass by pass, so that a disturbance hits all alike.
pub(crate) fn run(passes: usize, json: bool) -> anyhow::Result<()> {
    let installed = xstate::install()?;
    let order = Order::new()?;
    let mut nanos: [Vec<f64>; 4] = Default::default();
    for _ in 0..passes {
        for _ in 0..ROUNDS {
            nanos[0].push(nanos_of(STEPS, || order.step(STEPS)));
            nanos[1].push(nanos_of(STEPS, || order.whole(STEPS)));
            nanos[2].push(statig_order::nanos_per_step());
        }
        nanos[3].extend(installed.measure(ROUNDS, STEPS)?);
    }
    let names = [
        "Statehold: step".to_owned(),
        "Statehold: authorize, check_input, step".to_owned(),
        "statig 0.4.1: handle".to_owned(),
        format!("XState {}: transition", xstate::VERSION),
    ];
    let middles = nanos.map(middle);
    let peers = names
        .into_iter()
        .zip(middles)
        .map(|(what, ns_per_step)| Peer {
            what,
            ns_per_step,
            ratio: round(ns_per_step / middles[0], 1_000.0),
        });
    print(&peers.collect::<Vec<_>>(), json)
}

fn round(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

fn print(peers: &[Peer], json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, peers)?;
        writeln!(out)?;
        return Ok(());
    }
    writeln!(out, "{:<44} {:>8} {:>8}", "what", "ns/step", "ratio")?;
    for peer in peers {
        writeln!(
            out,
            "{:<44} {:>8.1} {:>8.3}",
            peer.what, peer.ns_per_step, peer.ratio
        )?;
    }
    Ok(())
}

struct Order {
    machine: Machine,
    pending: Snapshot,
    charge: Event,
    refund: Event,
}

impl Order {
    fn new() -> anyhow::Result<Self> {
        let machine = Machine::load("order.chart.yaml", ORDER)?.machine;
        let input = json!({ "customer_id": "c-1", "total": 1200, "limit": 5000 });
        let pending = machine.start(input, cases::now())?.snapshot;
        Ok(Self {
            machine,
            pending,
            charge: Event::new("charge"),
            refund: Event::new("refund"),
        })
    }

    fn step(&self, steps: u32) {
        self.there_and_back(steps, |snapshot, event| {
            self.machine.step(snapshot, event, cases::now()).ok()
        });
    }

    /// What the engine does around a step, storage apart.
    fn whole(&self, steps: u32) {
        self.there_and_back(steps, |snapshot, event| {
            let mut event = event.clone();
            self.machine
                .authorize(snapshot, &event, cases::now())
                .ok()?;
            self.machine.check_input(&mut event).ok()?;
            self.machine.step(snapshot, &event, cases::now()).ok()
        });
    }

    fn there_and_back(
        &self,
        steps: u32,
        step: impl Fn(&Snapshot, &Event) -> Option<statehold_core::Step>,
    ) {
        let mut snapshot = self.pending.clone();
        for at in 0..steps {
            let (event, to) = match at % 2 {
                0 => (&self.charge, "paid"),
                _ => (&self.refund, "pending"),
            };
            let taken = step(&snapshot, event);
            let taken = taken.filter(|step| step.to == to);
            snapshot = taken.expect("the chart takes both").snapshot;
        }
    }
}
