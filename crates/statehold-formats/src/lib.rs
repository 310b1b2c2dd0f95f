//! Foreign chart formats: what other tools wrote becomes a chart of ours, and ours becomes what other tools open.
//!
//! [`import`] makes chart text of a document and says what it lost; [`export`] writes a machine in a format of others.
//! Beside that, [`scxml`] and [`xstate`] read a document straight into a [`Machine`](statehold_core::Machine) that does
//! exactly what the document says, which charts cannot always: third-party suites run over these.
//!
//! What this crate does not know: files, clocks, networks, stores. It decides nothing at run time: what it returns is
//! interpreted by the core, like a chart of our own.

mod asl;
mod draft;
mod export;
mod import;
mod losses;
mod mermaid;
mod notes;
mod plantuml;
mod problem;
mod skeleton;
mod sketch;
mod symfony;

pub mod scxml;
pub mod xstate;

pub use export::{ExportFormat, Exported, export};
pub use import::{ImportFormat, ImportOptions, Imported, Loss, import};
pub use problem::{FormatError, Problem};
pub use skeleton::original_name;

/// Deepest nesting of elements that is read, in levels. Bounds recursion; nobody draws charts as deep as this.
pub const NESTING_MAX: usize = 64;
