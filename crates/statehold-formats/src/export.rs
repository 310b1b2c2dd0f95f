//! Exporters: a chart in a format that other tools open.
//!
//! What a format has no words for travels beside its own (`meta.statehold` in XState's JSON, elements and attributes
//! of a namespace of ours in SCXML), so that reading our own export back gives the same chart; what another tool would
//! do differently is named in [`Exported::losses`].

use statehold_core::Machine;

use crate::{scxml, xstate};

/// A format that charts can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExportFormat {
    /// A machine configuration of XState 5 in JSON, for its visual tools.
    XState,
    /// SCXML 1.0.
    Scxml,
}

impl ExportFormat {
    /// All formats.
    pub const ALL: [Self; 2] = [Self::XState, Self::Scxml];

    /// What it is called on a command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::XState => "xstate",
            Self::Scxml => "scxml",
        }
    }

    /// The format with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Suffix of a file in this format.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::XState => ".xstate.json",
            Self::Scxml => ".scxml",
        }
    }
}

/// A chart in another format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The document.
    pub text: String,
    /// What another tool will not do as the chart says: one sentence each, without a full stop.
    pub losses: Vec<String>,
}

/// Writes a machine in another format.
#[must_use]
pub fn export(machine: &Machine, format: ExportFormat) -> Exported {
    match format {
        ExportFormat::XState => xstate::export(machine),
        ExportFormat::Scxml => scxml::export(machine),
    }
}
