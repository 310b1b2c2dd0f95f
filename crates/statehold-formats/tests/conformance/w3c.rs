//! The W3C SCXML IRP tests: a test passes when its machine ends in the top state `pass`.

use std::path::Path;

use serde_json::Value;

use crate::conf::Bindings;
use crate::report::Report;
use crate::session::Session;

/// Runs the suite.
pub(crate) fn run(folder: &Path) -> Result<Report, String> {
    let index = read_json(&folder.join("index.json"))?;
    let bindings = Bindings::read(&read(&folder.join("conf-cel.json"))?)?;
    let mut report = Report::default();
    for test in index["tests"]
        .as_array()
        .ok_or("the index lists no tests")?
    {
        let id = test["id"].as_str().unwrap_or_default();
        match test["scope"].as_str() {
            Some("core") => {
                let file = folder.join(test["file"].as_str().unwrap_or_default());
                report.ran(id, run_test(&file, &bindings));
            }
            scope => report.left_out(id, scope.unwrap_or("no scope")),
        }
    }
    Ok(report)
}

fn run_test(file: &Path, bindings: &Bindings) -> Result<(), String> {
    let document = bindings.bind(&read(file)?)?;
    let loaded = statehold_formats::scxml::load(&document).map_err(|error| error.to_string())?;
    let mut session = Session::start(loaded.machine)?;
    session.run_out()?;
    let leaves = session.leaves();
    match session.is_done() && leaves == ["pass"] {
        true => Ok(()),
        false => Err(format!("ends in {}", leaves.join(", "))),
    }
}

/// Reads a file of the suite.
pub(crate) fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// Reads a JSON file of the suite.
pub(crate) fn read_json(file: &Path) -> Result<Value, String> {
    serde_json::from_str(&read(file)?).map_err(|error| format!("{}: {error}", file.display()))
}
