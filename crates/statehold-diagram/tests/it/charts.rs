//! Charts that the tests draw.

use statehold_core::Machine;

/// Loads a chart that must be valid.
pub(crate) fn load(text: &str) -> Machine {
    match Machine::from_yaml(text) {
        Ok(machine) => machine,
        Err(error) => panic!("{error}"),
    }
}
