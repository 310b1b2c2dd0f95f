//! The suites once more, over charts that the importers made: a document that becomes a chart without a loss that could
//! matter must behave as it did. What is refused, or loses something that decides, is out of scope.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};
use statehold_core::machine::StateId;
use statehold_core::{Event, Machine};
use statehold_formats::{ImportFormat, ImportOptions, Imported, import, original_name};

use crate::conf::Bindings;
use crate::report::Report;
use crate::session::Session;
use crate::w3c::{read, read_json};
use crate::{scion, xstate};

/// Losses after which a machine still moves as before.
const HARMLESS: [&str; 4] = ["log", "event sent to itself", "delayed event", "transition"];

/// What the traces of XState say in the place of code that a configuration only names, and what decides nothing.
const GIVEN: [&str; 12] = [
    "guard",
    "named delay",
    "action",
    "inline action",
    "invoke",
    "context",
    "context field",
    "params",
    "input",
    "event name",
    "version",
    "output",
];

/// A chart, or why there is none to try.
fn chart(format: ImportFormat, text: &str, harmless: &[&str]) -> Result<Imported, String> {
    let all = import(format, text, &ImportOptions::default()).map_err(|error| error.to_string())?;
    let imported = all.into_iter().next().ok_or("no machine")?;
    let decisive = (imported.losses.iter()).find(|loss| {
        !harmless.contains(&loss.construct.as_str()) && !loss.construct.starts_with("key ")
    });
    match decisive {
        Some(loss) => Err(loss.to_string()),
        None => Ok(imported),
    }
}

fn machine(chart: &str) -> Result<Machine, String> {
    Machine::from_yaml(chart).map_err(|error| format!("{error}\n{chart}"))
}

/// The W3C tests.
pub(crate) fn run_w3c(folder: &Path) -> Result<Report, String> {
    let index = read_json(&folder.join("index.json"))?;
    let bindings = Bindings::read(&read(&folder.join("conf-cel.json"))?)?;
    let mut report = Report::default();
    for test in tests(&index).filter(|test| test["scope"] == "core") {
        let id = test["id"].as_str().unwrap_or_default();
        let file = folder.join(test["file"].as_str().unwrap_or_default());
        let document = bindings.bind(&read(&file)?)?;
        match chart(ImportFormat::Scxml, &document, &HARMLESS) {
            Ok(imported) => report.ran(id, ends_in_pass(&imported.chart)),
            Err(reason) => report.left_out(id, reason),
        }
    }
    Ok(report)
}

fn ends_in_pass(chart: &str) -> Result<(), String> {
    let mut session = Session::start(machine(chart)?)?;
    session.run_out()?;
    let leaves = session.leaves();
    match session.is_done() && leaves == ["pass"] {
        true => Ok(()),
        false => Err(format!("ends in {}\n{chart}", leaves.join(", "))),
    }
}

/// The tests of scxml-test-framework.
pub(crate) fn run_scion(folder: &Path) -> Result<Report, String> {
    let index = read_json(&folder.join("index.json"))?;
    let mut report = Report::default();
    for test in tests(&index).filter(|test| test["scope"] == "core") {
        let id = test["id"].as_str().unwrap_or_default();
        let script = read_json(&folder.join(format!("{id}.json")))?;
        let document = read(&folder.join(format!("{id}.scxml")))?;
        match chart(ImportFormat::Scxml, &document, &HARMLESS) {
            Ok(imported) => {
                let outcome = follows(&imported.chart, &script);
                report.ran(id, outcome.map_err(|e| format!("{e}\n{}", imported.chart)));
            }
            Err(reason) => report.left_out(id, reason),
        }
    }
    Ok(report)
}

fn follows(chart: &str, script: &Value) -> Result<(), String> {
    let mut session = Session::start(machine(chart)?)?;
    session.settle()?;
    scion::compare(&session, &script["initialConfiguration"], "at the start")?;
    for (at, step) in script["events"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        session.advance(step["after"].as_i64().unwrap_or(0))?;
        let name = step["event"]["name"].as_str().unwrap_or_default();
        session.send(&Event::new(name))?;
        let when = format!("after event {} ({name})", at + 1);
        scion::compare(&session, &step["nextConfiguration"], &when)?;
    }
    Ok(())
}

/// The traces of XState.
pub(crate) fn run_xstate(folder: &Path) -> Result<Report, String> {
    let traces = folder.join("traces");
    let mut report = Report::default();
    for file in xstate::files(&traces)? {
        let recorded = read_json(&file)?;
        let config = read(&traces.join(recorded["machine"].as_str().unwrap_or_default()))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let imported = match chart(ImportFormat::XState, &config, &GIVEN) {
            Ok(imported) => imported,
            Err(reason) => {
                report.left_out(name, reason);
                continue;
            }
        };
        let config: Value = serde_json::from_str(&config).map_err(|error| error.to_string())?;
        for trace in recorded["traces"].as_array().into_iter().flatten() {
            let chart = filled_in(&imported.chart, trace);
            let outcome = replay(&chart, &config, trace).map_err(|e| format!("{e}\n{chart}"));
            report.ran(format!("{name} seed {}", trace["seed"]), outcome);
        }
    }
    Ok(report)
}

/// A chart whose guards and delays are what the trace says: what an author would write in their place.
fn filled_in(chart: &str, trace: &Value) -> String {
    let mut lines: Vec<String> = chart.lines().map(str::to_owned).collect();
    for at in 0..lines.len() {
        let line = lines[at].trim_start().to_owned();
        if let Some(name) = asked(
            &line,
            "# TODO: say when this holds. It was the guard `",
            "`.",
        ) {
            let verdict = trace["guards"][name].as_bool().unwrap_or(false);
            let below = (at + 1..lines.len()).find(|at| !lines[*at].trim_start().starts_with('#'));
            if let Some(below) = below {
                lines[below] = lines[below].replace(": true", &format!(": {verdict}"));
            }
        }
        if let Some(name) = asked(&line, "# TODO: how long is `", "`?") {
            let millis = trace["delays"][name].as_u64().unwrap_or(0);
            let below = (at + 1..lines.len()).find(|at| lines[*at].contains("delay: 1d"));
            if let Some(below) = below {
                lines[below] = lines[below].replacen("delay: 1d", &format!("delay: {millis}ms"), 1);
            }
        }
    }
    lines.join("\n")
}

fn asked<'l>(line: &'l str, before: &str, after: &str) -> Option<&'l str> {
    line.strip_prefix(before)?.strip_suffix(after)
}

fn replay(chart: &str, config: &Value, trace: &Value) -> Result<(), String> {
    let mut session = Session::start(machine(chart)?)?;
    compare(&mut session, &trace["initial"], "at the start")?;
    for (at, step) in trace["steps"].as_array().into_iter().flatten().enumerate() {
        take(&mut session, config, step)?;
        compare(
            &mut session,
            step,
            &format!("after step {} ({step})", at + 1),
        )?;
    }
    Ok(())
}

fn take(session: &mut Session, config: &Value, step: &Value) -> Result<(), String> {
    if let Some(millis) = step["advance"].as_i64() {
        return session.advance(millis);
    }
    let text = |key: &str| step[key].as_str();
    let event = match (text("event"), text("actor_done"), text("actor_error")) {
        (Some(event), _, _) => Event::new(event_name(session, event)),
        (_, Some(actor), _) => {
            let (state, effect) = actor_of(session, config, actor)?;
            let Some(owner) = session.invoke(&state, &effect) else {
                return Ok(());
            };
            Event::effect_done(&effect, Some(owner), Value::Null, 1)
        }
        (_, _, Some(actor)) => {
            let (state, effect) = actor_of(session, config, actor)?;
            let Some(owner) = session.invoke(&state, &effect) else {
                return Ok(());
            };
            Event::effect_error(&effect, Some(owner), json!({ "kind": "failed" }), 1)
        }
        _ => return Err(format!("a step of no known kind: {step}")),
    };
    session.send(&event)
}

/// The name an event has here: the one it had, unless it was declared under another one.
fn event_name(session: &Session, original: &str) -> String {
    let declared = session.machine().events.iter();
    let renamed = declared
        .filter(|(_, event)| event.label.as_deref() == Some(original))
        .map(|(name, _)| name.clone())
        .next();
    renamed.unwrap_or_else(|| original.to_owned())
}

/// State and effect of an actor: by the id it was given, or by its place.
fn actor_of(session: &Session, config: &Value, actor: &str) -> Result<(String, String), String> {
    let mut found = HashMap::new();
    let id = config["id"].as_str().unwrap_or("(machine)");
    collect(session.machine(), StateId::ROOT, config, id, &mut found);
    (found.remove(actor)).ok_or_else(|| format!("there is no actor `{actor}`"))
}

fn collect(
    machine: &Machine,
    id: StateId,
    node: &Value,
    full_id: &str,
    found: &mut HashMap<String, (String, String)>,
) {
    let state = machine.state(id);
    let full_id = node["id"].as_str().unwrap_or(full_id);
    let invokes: &[Value] = match &node["invoke"] {
        Value::Array(items) => items,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    };
    for (at, (invoke, made)) in invokes.iter().zip(&state.invokes).enumerate() {
        let name = match invoke["id"].as_str() {
            Some(name) => name.to_owned(),
            None => format!("{at}.{full_id}"),
        };
        found.insert(name, (state.path.clone(), made.effect.clone()));
    }
    for child in &state.children {
        let name = original_name(machine.state(*child));
        let full_id = format!("{full_id}.{name}");
        collect(machine, *child, &node["states"][name], &full_id, found);
    }
}

fn compare(session: &mut Session, expected: &Value, when: &str) -> Result<(), String> {
    let asked: Vec<String> = session.take_asked();
    let machine = session.machine();
    let handler = |name: &String| {
        let effect = machine
            .effects
            .get(name)
            .and_then(|effect| effect.handler());
        effect.map(|handler| handler.name.clone())
    };
    let actions: Vec<Option<String>> = asked.iter().map(handler).collect();
    let status = if session.is_done() { "done" } else { "active" };
    let found = json!({ "value": session.state_value(), "actions": actions, "status": status });
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

fn tests(index: &Value) -> impl Iterator<Item = &Value> {
    index["tests"].as_array().into_iter().flatten()
}
