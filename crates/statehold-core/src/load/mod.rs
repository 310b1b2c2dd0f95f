//! The chart loader: text in, a [`Machine`] out, or every problem of the text at once.
//!
//! It works in passes over one positioned tree: names first (states, events, effects, guards), then everything that
//! refers to them, then what only the whole can show (states nobody reaches, loops, definitions nobody uses). A
//! problem never hides the next one, and what this release does not do is refused by name. What leaves here keeps
//! every invariant that [`machine`](crate::machine) lists; the interpreter relies on that.

mod actions;
mod chart;
mod dead_ends;
mod effects;
mod events;
mod exprs;
mod fields;
mod guards;
mod handlers;
mod http;
mod invariants;
mod invokes;
mod json_schema;
mod keys;
mod lint;
mod loops;
mod mistakes;
mod names;
mod never;
mod outline;
mod reach;
mod regions;
mod resolve;
mod sensitive;
mod shapes;
mod states;
mod timers;
mod transitions;
mod trial;
mod walk;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::machine::Machine;
use crate::source::{Reader, line_col, parse_partial};

pub use json_schema::chart_schema;

/// Most states of a chart, the root aside. People stop understanding a chart far earlier; sets of states stay small.
pub(crate) const MAX_STATES: usize = 1_000;

/// Deepest nesting of states. Bounds recursion, and the state column stays readable.
pub(crate) const MAX_NESTING: usize = 16;

/// Longest name of a state, machine, effect or guard, in bytes: what PostgreSQL keeps of an identifier.
pub(crate) const MAX_NAME_BYTES: usize = 63;

/// Longest type of an event, in bytes: it stands in rows, URLs and log lines.
pub(crate) const MAX_EVENT_BYTES: usize = 200;

/// Most fields of one record, declared events, guards or effects of a chart, each.
pub(crate) const MAX_DECLARED: usize = 1_000;

/// Most transitions of a chart. Ten for every state that a chart may have.
pub(crate) const MAX_TRANSITIONS: usize = 10_000;

/// Most text of all expressions of a chart, in bytes, each text counted once. Parsing is the expensive part of
/// loading; a chart of a thousand states that guards every transition stays under half of it.
pub(crate) const MAX_EXPRESSIONS_BYTES: usize = 256 * 1024;

/// Most timers, and most invokes, of one state: each is a row while the state is active.
pub(crate) const MAX_PER_STATE: usize = 100;

/// Most microsteps an author may allow in one macrostep.
pub(crate) const MAX_MICROSTEPS: u32 = 10_000;

/// Longest call an effect may make. A lease outlives the call, so this also bounds how late a crash is noticed.
pub(crate) const MAX_CALL: Duration = Duration::from_secs(5 * 60);

/// A chart that loaded, and what its author may want to look at.
#[derive(Debug)]
pub struct Loaded {
    /// The machine.
    pub machine: Machine,
    /// Problems that do not keep it from working, ordered by place.
    pub warnings: Vec<Diagnostic>,
}

/// A chart that did not load: every problem, ordered by place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartError {
    /// Name of the file, as the caller gave it.
    pub name: String,
    /// The file's text, which the spans refer to.
    pub text: String,
    /// Errors and warnings, at least one error.
    pub diagnostics: Vec<Diagnostic>,
}

impl fmt::Display for ChartError {
    /// One line per problem: `NAME:LINE:COLUMN: CODE message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, diagnostic) in self.diagnostics.iter().enumerate() {
            let (line, column) = line_col(&self.text, diagnostic.span.start);
            let end = if at + 1 < self.diagnostics.len() {
                "\n"
            } else {
                ""
            };
            write!(
                f,
                "{}:{line}:{column}: {} {}{end}",
                self.name, diagnostic.code, diagnostic.message
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for ChartError {}

impl Machine {
    /// Loads a chart. The suffix of the name decides how the text is read: JSON for `.json`, else YAML.
    ///
    /// ```
    /// use statehold_core::Machine;
    ///
    /// let text = "statehold: 1\nmachine: door\nversion: 1\ninitial: shut\nstates:\n  shut: { on: { open: wide } }\n  wide: { type: final }\n";
    /// let loaded = Machine::load("door.chart.yaml", text).unwrap();
    /// assert_eq!(loaded.machine.name, "door");
    ///
    /// let error = Machine::load("door.chart.yaml", &text.replace("wide }", "wid }")).unwrap_err();
    /// assert!(error.to_string().starts_with("door.chart.yaml:6:23: SH0109 "));
    /// ```
    ///
    /// # Errors
    /// Every problem of the text at once.
    pub fn load(name: &str, text: &str) -> Result<Loaded, ChartError> {
        let parsed = parse_partial(name, text);
        let reader = Reader::new(&keys::FORMAT);
        for diagnostic in parsed.diagnostics {
            reader.report(diagnostic);
        }
        let definition = (parsed.root.as_ref()).and_then(|root| chart::load(&reader, root, text));
        let diagnostics = reader.into_diagnostics();
        match definition {
            Some(definition) if !diagnostics.iter().any(Diagnostic::is_error) => Ok(Loaded {
                machine: Machine(Arc::new(definition)),
                warnings: diagnostics,
            }),
            _ => Err(ChartError {
                name: name.to_owned(),
                text: text.to_owned(),
                diagnostics,
            }),
        }
    }

    /// Loads a chart written in YAML; warnings are dropped.
    ///
    /// # Errors
    /// Every problem of the text at once.
    pub fn from_yaml(text: &str) -> Result<Self, ChartError> {
        Self::load("chart.yaml", text).map(|loaded| loaded.machine)
    }

    /// Loads a chart written in JSON; warnings are dropped.
    ///
    /// # Errors
    /// Every problem of the text at once.
    pub fn from_json(text: &str) -> Result<Self, ChartError> {
        Self::load("chart.json", text).map(|loaded| loaded.machine)
    }
}
