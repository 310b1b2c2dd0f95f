//! The steps that are measured: a machine, an entity of it, and an event that it takes (or refuses).

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};
use statehold_core::{Creation, Event, Machine, Snapshot};

/// Flat, small, with one event for each thing that a transition can have.
pub(crate) const ORDER: &str = include_str!("../charts/order.chart.yaml");

const EXAMPLE: &str = include_str!("../../../examples/order/order.chart.yaml");

/// One step to be repeated.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) machine: Machine,
    pub(crate) snapshot: Snapshot,
    pub(crate) event: Event,
    /// Whether the machine takes the event.
    pub(crate) is_taken: bool,
}

pub(crate) fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 365 * 56)
}

/// All cases, in the order of the report.
pub(crate) fn all() -> anyhow::Result<Vec<Case>> {
    let order = || {
        case_of(
            ORDER,
            json!({ "customer_id": "c-1", "total": 1200, "limit": 5000 }),
        )
    };
    let flat = flat(1_000);
    let nested = nested(&[3, 3, 3, 5, 6]);
    let parallel = parallel(4);
    Ok(vec![
        order()?.fire("flat, no guard", "abort"),
        order()?.fire("flat, guard", "pay"),
        order()?.fire("flat, guard, assign", "charge"),
        order()?.fire("flat, guard, effect", "send"),
        order()?.refuse("flat, guard refuses", "exceed"),
        example()?.fire("example order, date guard, effect", "cancel"),
        case_of(&flat, json!({ "count": 1 }))?.fire("flat, 1,000 states, guard", "next"),
        case_of(&nested, json!({ "count": 1 }))?.fire("nested, 984 states, depth 5, guard", "next"),
        case_of(&parallel, json!({ "count": 1 }))?
            .fire("parallel, 4 regions, guard in each", "next"),
    ])
}

impl Case {
    fn fire(self, name: &'static str, event: &str) -> Self {
        let event = Event::new(event);
        Self {
            name,
            event,
            ..self
        }
    }

    fn refuse(self, name: &'static str, event: &str) -> Self {
        Self {
            is_taken: false,
            ..self.fire(name, event)
        }
    }
}

fn case_of(chart: &str, input: Value) -> anyhow::Result<Case> {
    let machine = Machine::load("bench.chart.yaml", chart)?.machine;
    let creation = Creation {
        id: "o-1".to_owned(),
        ..Creation::from(input)
    };
    let snapshot = machine.start(creation, now())?.snapshot;
    Ok(Case {
        name: "",
        machine,
        snapshot,
        event: Event::new(""),
        is_taken: true,
    })
}

/// The example's order, paid an hour ago.
fn example() -> anyhow::Result<Case> {
    let mut case = case_of(EXAMPLE, json!({ "customer_id": "c-1", "total": 1200 }))?;
    let mut context = (*case.snapshot.context).clone();
    let hour_ago = now() - jiff::SignedDuration::from_hours(1);
    context.insert("paid_at".to_owned(), Value::from(hour_ago.to_string()));
    case.snapshot.context = context.into();
    case.snapshot.configuration = case.machine.decode("paid")?;
    Ok(case)
}

const HEAD: &str = "statehold: 1\nmachine: big\nversion: 1\ncontext: { count: integer }\nevents: { next: {} }\n\
                    guards: { some: ctx.count > 0 }\n";

/// A ring of states side by side.
fn flat(states: usize) -> String {
    let mut chart = format!("{HEAD}initial: s0\nstates:\n");
    for at in 0..states {
        let next = (at + states / 2) % states;
        let _ = writeln!(
            chart,
            "  s{at}: {{ on: {{ next: {{ target: s{next}, guard: some }} }} }}"
        );
    }
    chart
}

/// A tree with this many children on each level. The first leaf's transition leads to the last leaf, so that every
/// level is left and entered.
fn nested(widths: &[usize]) -> String {
    let mut chart = format!("{HEAD}initial: s0\nstates:\n");
    let last: Vec<String> = widths
        .iter()
        .map(|width| format!("s{}", width - 1))
        .collect();
    write_level(widths, &last.join("."), true, 1, &mut chart);
    chart
}

fn write_level(widths: &[usize], last: &str, is_first: bool, depth: usize, chart: &mut String) {
    let Some((width, below)) = widths.split_first() else {
        return;
    };
    let indent = "  ".repeat(depth);
    for at in 0..*width {
        let is_first = is_first && at == 0;
        if !below.is_empty() {
            let _ = writeln!(
                chart,
                "{indent}s{at}:\n{indent}  initial: s0\n{indent}  states:"
            );
            write_level(below, last, is_first, depth + 2, chart);
        } else if is_first {
            let _ = writeln!(
                chart,
                "{indent}s{at}: {{ on: {{ next: {{ target: /{last}, guard: some }} }} }}"
            );
        } else {
            // Never taken, only tried for size: every leaf of a real chart has some way out.
            let _ = writeln!(chart, "{indent}s{at}: {{ on: {{ back: /s0 }} }}");
        }
    }
}

/// Regions of two states each, all of which take the event.
fn parallel(regions: usize) -> String {
    let mut chart =
        format!("{HEAD}initial: all\nstates:\n  all:\n    type: parallel\n    states:\n");
    for at in 0..regions {
        let _ = write!(
            chart,
            "      r{at}:\n        initial: off\n        states:\n          \
             off: {{ on: {{ next: {{ target: on, guard: some }} }} }}\n          \
             on: {{ on: {{ next: off }} }}\n"
        );
    }
    chart
}
