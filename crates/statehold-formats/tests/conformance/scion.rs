//! The tests of scxml-test-framework: events with pauses before them, and the active leaves after each.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use statehold_formats::scxml::external_event;

use crate::report::Report;
use crate::session::Session;
use crate::w3c::{read, read_json};

/// Runs the suite.
pub(crate) fn run(folder: &Path) -> Result<Report, String> {
    let index = read_json(&folder.join("index.json"))?;
    let mut report = Report::default();
    for test in index["tests"]
        .as_array()
        .ok_or("the index lists no tests")?
    {
        let id = test["id"].as_str().unwrap_or_default();
        if test["scope"] == "core" {
            report.ran(id, run_test(folder, id));
        } else {
            let reason = test["reason"].as_str().or(test["scope"].as_str());
            report.left_out(id, reason.unwrap_or("no reason given"));
        }
    }
    Ok(report)
}

fn run_test(folder: &Path, id: &str) -> Result<(), String> {
    let script = read_json(&folder.join(format!("{id}.json")))?;
    let document = read(&folder.join(format!("{id}.scxml")))?;
    let loaded = statehold_formats::scxml::load(&document).map_err(|error| error.to_string())?;
    let mut session = Session::start(loaded.machine)?;
    session.settle()?;
    compare(&session, &script["initialConfiguration"], "at the start")?;
    for (at, step) in script["events"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        session.advance(step["after"].as_i64().unwrap_or(0))?;
        let name = step["event"]["name"].as_str().unwrap_or_default();
        session.send(&external_event(name, &Value::Null))?;
        compare(
            &session,
            &step["nextConfiguration"],
            &format!("after event {} ({name})", at + 1),
        )?;
    }
    Ok(())
}

pub(crate) fn compare(session: &Session, expected: &Value, when: &str) -> Result<(), String> {
    let names = expected
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let expected: BTreeSet<String> = names.map(str::to_owned).collect();
    let found: BTreeSet<String> = session.leaves().into_iter().collect();
    match found == expected {
        true => Ok(()),
        false => Err(format!("{when}: {found:?} instead of {expected:?}")),
    }
}
