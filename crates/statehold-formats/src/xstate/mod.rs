//! XState 5: a machine configuration in JSON becomes a machine.
//!
//! Such a file holds the graph and names only: guards, actions, delays and actors are code that lives elsewhere. An
//! action becomes a log line with its name; guards and named delays take the values that [`Stubs`] give them; an
//! invoked actor becomes nothing but the events of its end, `xstate.done.actor.ID` and `xstate.error.actor.ID`.
//! `context`, `input`, `meta` and `output` are not read.

mod export;
mod import;
mod outline;
mod read;
mod target;
mod transitions;

pub(crate) use export::export;
pub(crate) use import::import;
use std::collections::BTreeMap;

use statehold_core::Machine;
use statehold_core::source::parse_json;

use crate::{FormatError, Problem};

/// Key under `meta` and `params` where our exports say what a configuration cannot.
const OWN: &str = "statehold";

/// Version of what stands under [`OWN`].
const OWN_FORMAT: i64 = 1;

/// What stands in for the code that a configuration only names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stubs {
    /// What each named guard says.
    pub guards: BTreeMap<String, bool>,
    /// How long each named delay is, in milliseconds.
    pub delays: BTreeMap<String, u64>,
}

/// Reads a configuration and makes a machine of it.
///
/// # Errors
/// Every problem of the text: what is no JSON, no configuration, or names something that is not there.
pub fn load(text: &str, stubs: &Stubs) -> Result<Machine, FormatError> {
    let root = parse_json(text).map_err(|diagnostics| FormatError {
        problems: diagnostics
            .into_iter()
            .map(|diagnostic| Problem::at(text, diagnostic.span.start, diagnostic.message))
            .collect(),
    })?;
    let definition = read::definition(text, &root, stubs)?;
    Machine::new(definition)
        .map_err(|error| FormatError::one(Problem::at(text, 0, error.to_string())))
}
