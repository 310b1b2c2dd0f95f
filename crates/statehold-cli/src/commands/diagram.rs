//! `diagram`: a chart as a picture, or as text that other tools draw. Pure: reads the chart, writes one file.

use std::path::Path;

use serde_json::{Value, json};
use statehold_core::Machine;
use statehold_core::machine::{Descriptor, State, StateKind, Transition};
use statehold_diagram::{Exported, Highlight, Options, Theme};

use crate::cli::{Diagram, DiagramFormat, DiagramTheme};
use crate::exit::{Exit, Failure};
use crate::input;
use crate::render::Screen;

pub(crate) fn run(screen: &Screen, args: &Diagram) -> Result<Exit, Failure> {
    let machine = input::chart(screen, &args.chart)?;
    let options = Options {
        theme: match args.theme {
            DiagramTheme::Auto => Theme::Auto,
            DiagramTheme::Light => Theme::Light,
            DiagramTheme::Dark => Theme::Dark,
        },
        highlight: highlight(&machine, args.highlight.as_deref())?,
        ..Options::default()
    };
    let bytes = match args.format {
        DiagramFormat::Svg => statehold_diagram::svg(&machine, &options).into_bytes(),
        DiagramFormat::Png => png(&machine, &options)?,
        DiagramFormat::Mermaid => exported(screen, statehold_diagram::mermaid(&machine)),
        DiagramFormat::Dot => exported(screen, statehold_diagram::dot(&machine)),
        DiagramFormat::Plantuml => exported(screen, statehold_diagram::plantuml(&machine)),
        DiagramFormat::Json => (pretty(&graph(&machine)) + "\n").into_bytes(),
    };
    write(screen, args.output.as_deref(), &bytes)
}

fn write(screen: &Screen, output: Option<&Path>, bytes: &[u8]) -> Result<Exit, Failure> {
    match output {
        Some(path) => {
            std::fs::write(path, bytes).map_err(|error| Failure::file(path, "cannot write", &error))?;
            screen.talk(&format!("written: {}", path.display()));
        }
        None => screen.bytes(bytes),
    }
    Ok(Exit::Done)
}

fn highlight(machine: &Machine, state: Option<&str>) -> Result<Highlight, Failure> {
    let Some(state) = state else {
        return Ok(Highlight::default());
    };
    if let Ok(active) = machine.decode(state) {
        return Ok(Highlight::of(machine, &active));
    }
    if machine.by_path.contains_key(state) {
        return Ok(Highlight::state(state));
    }
    let paths = machine.states.iter().skip(1).map(|state| state.path.as_str());
    let failure = Failure::usage(format!("--highlight: `{}` has no state `{state}`", machine.name));
    Err(match statehold_core::source::nearest(state, paths) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure,
    })
}

#[cfg(feature = "png")]
fn png(machine: &Machine, options: &Options) -> Result<Vec<u8>, Failure> {
    /// Pixels per unit of the drawing: sharp on today's screens.
    const SCALE: f32 = 2.0;
    statehold_diagram::png(machine, options, SCALE).map_err(|error| Failure::usage(format!("--format png: {error}")))
}

#[cfg(not(feature = "png"))]
fn png(_: &Machine, _: &Options) -> Result<Vec<u8>, Failure> {
    let help = "write SVG, or build with `cargo build --release --features png`";
    Err(Failure::usage("--format png: this build has no PNG").help(help))
}

fn exported(screen: &Screen, exported: Exported) -> Vec<u8> {
    for loss in &exported.losses {
        screen.talk(&format!("note: {loss}"));
    }
    exported.text.into_bytes()
}

fn pretty(document: &Value) -> String {
    serde_json::to_string_pretty(document).unwrap_or_else(|_| document.to_string())
}

/// States and transitions as data, in the order of the chart.
fn graph(machine: &Machine) -> Value {
    let transitions = machine.states.iter().flat_map(|state| {
        let lists = state.transitions.iter().chain(&state.always);
        lists.map(|transition| edge(machine, state, transition)).collect::<Vec<_>>()
    });
    json!({
        "machine": machine.name,
        "version": machine.version,
        "states": machine.states.iter().skip(1).map(|state| node(machine, state)).collect::<Vec<_>>(),
        "transitions": transitions.collect::<Vec<_>>(),
    })
}

fn node(machine: &Machine, state: &State) -> Value {
    let kind = match state.kind {
        StateKind::Atomic => "atomic",
        StateKind::Compound => "compound",
        StateKind::Parallel => "parallel",
        StateKind::Final => "final",
        StateKind::History { deep: false } => "history",
        StateKind::History { deep: true } => "deep_history",
    };
    let initial = state.initial.as_ref().map(|initial| paths(machine, &initial.targets));
    json!({
        "path": state.path,
        "kind": kind,
        "label": state.label,
        "description": state.description,
        "tags": state.tags,
        "initial": initial,
        "deprecated": state.deprecated.is_some(),
    })
}

fn edge(machine: &Machine, state: &State, transition: &Transition) -> Value {
    json!({
        "source": state.path,
        "event": transition.on.as_ref().map(Descriptor::text),
        "targets": paths(machine, &transition.targets),
        "reenter": transition.reenter,
        "guard": transition.guard.as_ref().map(|guard| guard.expr.source()),
        "guard_name": transition.guard.as_ref().and_then(|guard| guard.name.as_deref()),
        "label": transition.label,
    })
}

fn paths<'m>(machine: &'m Machine, ids: &[statehold_core::machine::StateId]) -> Vec<&'m str> {
    ids.iter().map(|id| machine.state(*id).path.as_str()).collect()
}
