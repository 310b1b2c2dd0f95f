//! Small helpers for tests of formats that are read only.

use statehold_core::Machine;
use statehold_formats::{ImportFormat, ImportOptions, Imported, import};

/// The chart of a document.
#[track_caller]
pub(crate) fn imported(format: ImportFormat, text: &str) -> Imported {
    let mut all = import(format, text, &ImportOptions::default())
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(all.len(), 1, "{text}");
    all.remove(0)
}

/// Why a document does not become a chart.
#[track_caller]
pub(crate) fn refused(format: ImportFormat, text: &str) -> String {
    match import(format, text, &ImportOptions::default()) {
        Ok(all) => panic!("this became a chart:\n{}", all[0].chart),
        Err(error) => error.to_string(),
    }
}

/// The machine of a chart that was made.
#[track_caller]
pub(crate) fn machine(imported: &Imported) -> Machine {
    let loaded = Machine::load("chart.yaml", &imported.chart);
    loaded
        .unwrap_or_else(|error| panic!("{error}\n{}", imported.chart))
        .machine
}

/// The chart from the key `initial` or `type` on, which is what a test is about.
pub(crate) fn states_of(imported: &Imported) -> &str {
    let chart = imported.chart.as_str();
    let begins = |key: &str| chart.find(&format!("\n{key}:")).map(|at| at + 1);
    let at = [begins("initial"), begins("type")]
        .into_iter()
        .flatten()
        .min();
    &chart[at.unwrap_or(0)..]
}

/// Constructs that were lost, in order.
pub(crate) fn losses(imported: &Imported) -> Vec<String> {
    let loss = |loss: &statehold_formats::Loss| format!("{}:{}", loss.line, loss.construct);
    imported.losses.iter().map(loss).collect()
}
