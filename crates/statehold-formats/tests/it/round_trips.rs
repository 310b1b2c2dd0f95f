//! Out and back: what we exported reads as the same machine.

use proptest::prelude::*;
use statehold_core::Machine;
use statehold_formats::{ExportFormat, ImportFormat, ImportOptions, export, import};

use crate::random_chart::chart;
use crate::same::difference;

/// What an export is read back with.
pub(crate) const BOTH: [(ExportFormat, ImportFormat); 2] = [
    (ExportFormat::XState, ImportFormat::XState),
    (ExportFormat::Scxml, ImportFormat::Scxml),
];

/// The machine that an export becomes again.
fn back(text: &str, format: ImportFormat) -> Result<Machine, String> {
    let imported = import(format, text, &ImportOptions::default()).map_err(|e| e.to_string())?;
    let [imported] = imported.as_slice() else {
        return Err("one machine".to_owned());
    };
    if let Some(loss) = imported.losses.first() {
        return Err(format!("lost: {loss}"));
    }
    Machine::load("chart.yaml", &imported.chart)
        .map(|loaded| loaded.machine)
        .map_err(|error| format!("{error}\n{}", imported.chart))
}

/// Whether a machine that goes out and comes back is the same.
pub(crate) fn check(machine: &Machine, to: ExportFormat, from: ImportFormat) -> Result<(), String> {
    let exported = export(machine, to);
    let again = back(&exported.text, from).map_err(|e| format!("{e}\n{}", exported.text))?;
    match difference(machine, &again) {
        None => Ok(()),
        Some(difference) => Err(format!("{difference}\n{}", exported.text)),
    }
}

#[test]
fn the_example_comes_back() {
    let text = include_str!("../../../../examples/order/order.chart.yaml");
    let machine = Machine::from_yaml(text).unwrap();
    for (to, from) in BOTH {
        check(&machine, to, from).unwrap_or_else(|problem| panic!("{problem}"));
    }
}

#[test]
fn rare_shapes_come_back() {
    let deep = "statehold: 1\nmachine: deep\nversion: 1\ninitial: [p.l.two, p.r.two.x]\nstates:\n  p:\n    type: parallel\n    states:\n      l: { initial: one, states: { one: {}, two: {} } }\n      r: { initial: one, states: { one: {}, two: { initial: y, states: { x: {}, y: {} } }, h: { type: history, history: deep, target: two } } }\n";
    let root = "statehold: 1\nmachine: root\nversion: 1\ntype: parallel\nunhandled: defer\nstates:\n  root: { initial: a, on: { root: .b }, states: { a: { on: { go: b } }, b: { type: final } } }\n  end: { initial: a, states: { a: { on: { go: { target: [/root.b, /end.b] }, done.state.root: b, timer.end.a.1d: a }, after: { 1d: b } }, b: { type: final, output: 1 } } }\n";
    for text in [deep, root] {
        let machine = Machine::from_yaml(text).unwrap_or_else(|error| panic!("{error}"));
        for (to, from) in BOTH {
            check(&machine, to, from).unwrap_or_else(|problem| panic!("{problem}"));
        }
    }
}

#[test]
fn a_difference_would_be_seen() {
    let text = include_str!("../../../../examples/order/order.chart.yaml");
    let machine = Machine::from_yaml(text).unwrap();
    for (before, after) in [
        ("48h: expired", "49h: expired"),
        ("guard: in_refund_window, ", ""),
        ("has_role('warehouse')", "has_role('house')"),
        ("attempts: 6", "attempts: 5"),
        ("onError: pending", "onError: expired"),
    ] {
        assert!(text.contains(before), "{before}");
        let changed = Machine::from_yaml(&text.replace(before, after)).unwrap();
        assert!(difference(&machine, &changed).is_some(), "{before}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn random_charts_come_back(chart in chart()) {
        let text = chart.to_string();
        let machine = match Machine::load("chart.json", &text) {
            Ok(loaded) => loaded.machine,
            Err(error) => return Err(TestCaseError::fail(format!("{error}\n{chart:#}"))),
        };
        for (to, from) in BOTH {
            if let Err(problem) = check(&machine, to, from) {
                prop_assert!(false, "{problem}");
            }
        }
    }
}
