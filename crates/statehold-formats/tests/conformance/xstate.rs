//! Traces of XState: what that library did with a configuration, and what we do.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use statehold_core::Event;
use statehold_formats::xstate::{Stubs, load};

use crate::report::Report;
use crate::session::Session;
use crate::w3c::{read, read_json};

/// Runs the suite.
pub(crate) fn run(folder: &Path) -> Result<Report, String> {
    let traces = folder.join("traces");
    let mut report = Report::default();
    for file in files(&traces)? {
        let recorded = read_json(&file)?;
        let config = read(&traces.join(recorded["machine"].as_str().unwrap_or_default()))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        for trace in recorded["traces"].as_array().into_iter().flatten() {
            report.ran(
                format!("{name} seed {}", trace["seed"]),
                run_trace(&config, trace),
            );
        }
    }
    Ok(report)
}

/// Files of a folder, sorted.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let listing =
        std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<_> = listing
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    files.sort();
    Ok(files)
}

fn run_trace(config: &str, trace: &Value) -> Result<(), String> {
    let machine = load(config, &stubs(trace)).map_err(|error| error.to_string())?;
    let mut session = Session::start(machine)?;
    compare(&mut session, &trace["initial"], "at the start")?;
    for (at, step) in trace["steps"].as_array().into_iter().flatten().enumerate() {
        take(&mut session, step)?;
        compare(&mut session, step, &format!("after step {}", at + 1))?;
    }
    Ok(())
}

fn stubs(trace: &Value) -> Stubs {
    let fields = |key: &str| trace[key].as_object().into_iter().flatten();
    Stubs {
        guards: fields("guards")
            .map(|(name, value)| (name.clone(), value == true))
            .collect(),
        delays: fields("delays")
            .map(|(name, value)| (name.clone(), value.as_u64().unwrap_or(0)))
            .collect(),
    }
}

fn take(session: &mut Session, step: &Value) -> Result<(), String> {
    if let Some(millis) = step["advance"].as_i64() {
        return session.advance(millis);
    }
    let text = |key: &str| step[key].as_str();
    let kind = match (text("event"), text("actor_done"), text("actor_error")) {
        (Some(event), _, _) => event.to_owned(),
        (_, Some(actor), _) => format!("xstate.done.actor.{actor}"),
        (_, _, Some(actor)) => format!("xstate.error.actor.{actor}"),
        _ => return Err(format!("a step of no known kind: {step}")),
    };
    session.send(&Event::new(kind))
}

fn compare(session: &mut Session, expected: &Value, when: &str) -> Result<(), String> {
    let status = if session.is_done() { "done" } else { "active" };
    let found = json!({
        "value": session.state_value(),
        "actions": session.take_logged(),
        "status": status,
    });
    for key in ["value", "actions", "status"] {
        if found[key] != expected[key] {
            return Err(format!(
                "{when}: {key} is {} instead of {}",
                found[key], expected[key]
            ));
        }
    }
    Ok(())
}
