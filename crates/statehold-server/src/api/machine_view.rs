//! Machines as callers see them.

use serde::Serialize;
use serde_json::Value;
use statehold_core::Machine;
use statehold_core::codes::Code;
use statehold_core::diagnostic::{Diagnostic, Severity};
use statehold_core::machine::{Deprecated, EventDef, State, StateKind};
use statehold_core::schema::Record;
use statehold_core::source::line_col;

/// A machine in a list.
#[derive(Debug, Serialize)]
pub(crate) struct MachineSummary {
    name: String,
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated: Option<DeprecatedView>,
    hash: String,
    versions: Vec<u32>,
}

/// One version of a machine, whole.
#[derive(Debug, Serialize)]
pub(crate) struct MachineDetails {
    #[serde(flatten)]
    summary: MachineSummary,
    context: Value,
    states: Vec<StateView>,
    events: Vec<EventView>,
    effects: Vec<String>,
    destinations: Vec<String>,
    source: String,
}

#[derive(Debug, Serialize)]
struct StateView {
    path: String,
    name: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated: Option<DeprecatedView>,
}

#[derive(Debug, Serialize)]
struct EventView {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// JSON Schema of the input; none if the event takes no input.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated: Option<DeprecatedView>,
}

/// How something is on its way out.
#[derive(Debug, Serialize)]
pub(crate) struct DeprecatedView {
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    use_instead: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<u32>,
}

/// A problem of a chart with its place in the text, lines and columns from 1.
#[derive(Debug, Serialize)]
pub(crate) struct DiagnosticView {
    code: Code,
    severity: Severity,
    message: String,
    line: usize,
    column: usize,
    pointer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl MachineSummary {
    /// This version of a machine among all its versions.
    pub(crate) fn new(machine: &Machine, versions: &[Machine]) -> Self {
        Self {
            name: machine.name.clone(),
            version: machine.version,
            label: machine.label.clone(),
            description: machine.description.clone(),
            deprecated: deprecated(machine.deprecated.as_ref()),
            hash: machine.hash.clone(),
            versions: versions.iter().map(|machine| machine.version).collect(),
        }
    }
}

impl MachineDetails {
    /// This version of a machine among all its versions.
    pub(crate) fn new(machine: &Machine, versions: &[Machine]) -> Self {
        Self {
            summary: MachineSummary::new(machine, versions),
            context: machine.context.json_schema(),
            // The root has no name and is in every configuration.
            states: machine.states.iter().skip(1).map(StateView::new).collect(),
            events: machine
                .events
                .iter()
                .map(|(name, def)| EventView::new(name, def))
                .collect(),
            effects: machine.effects.keys().cloned().collect(),
            destinations: machine.destinations.clone(),
            source: machine.source.clone(),
        }
    }
}

impl StateView {
    fn new(state: &State) -> Self {
        Self {
            path: state.path.clone(),
            name: state.name.clone(),
            kind: match state.kind {
                StateKind::Atomic => "atomic",
                StateKind::Compound => "compound",
                StateKind::Parallel => "parallel",
                StateKind::Final => "final",
                StateKind::History { .. } => "history",
            },
            label: state.label.clone(),
            description: state.description.clone(),
            tags: state.tags.clone(),
            deprecated: deprecated(state.deprecated.as_ref()),
        }
    }
}

impl EventView {
    fn new(name: &str, event: &EventDef) -> Self {
        Self {
            name: name.to_owned(),
            label: event.label.clone(),
            description: event.description.clone(),
            input: event.input.as_ref().map(Record::json_schema),
            deprecated: deprecated(event.deprecated.as_ref()),
        }
    }
}

impl DiagnosticView {
    /// The problem at its place in the text.
    pub(crate) fn new(text: &str, diagnostic: &Diagnostic) -> Self {
        let (line, column) = line_col(text, diagnostic.span.start);
        Self {
            code: diagnostic.code,
            severity: diagnostic.severity,
            message: diagnostic.message.clone(),
            line,
            column,
            pointer: diagnostic.pointer.clone(),
            label: diagnostic.label.clone(),
            help: diagnostic.help.clone(),
        }
    }
}

fn deprecated(deprecated: Option<&Deprecated>) -> Option<DeprecatedView> {
    deprecated.map(|d| DeprecatedView {
        use_instead: d.use_instead.clone(),
        since: d.since,
    })
}
