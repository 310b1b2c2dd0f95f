//! Foreign chart formats: what other tools wrote becomes a [`Machine`](statehold_core::Machine).
//!
//! [`scxml`] reads SCXML 1.0 documents, [`xstate`] reads machine configurations of XState 5 in JSON. Both keep the
//! order of the source, give every state a name our state column can hold (the original stays as its label), and say
//! what they could not carry over.
//!
//! What this crate does not know: files, clocks, networks, stores. It decides nothing at run time: what it returns is
//! interpreted by the core, like a chart of our own.

mod problem;
mod skeleton;

pub mod scxml;
pub mod xstate;

pub use problem::{FormatError, Problem};
pub use skeleton::original_name;

/// Deepest nesting of elements that is read, in levels. Bounds recursion; nobody draws charts as deep as this.
pub const NESTING_MAX: usize = 64;
