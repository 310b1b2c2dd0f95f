//! Whether charts may name handlers. Importers write them for what is code elsewhere.

use statehold_core::Machine;

/// Whether this core reads `handler` of an effect.
pub(crate) fn are_read() -> bool {
    Machine::from_yaml(
        "statehold: 1\nmachine: m\nversion: 1\ninitial: a\nstates: { a: { entry: { effect: x } } }\neffects: { x: { handler: x } }\n",
    )
    .is_ok()
}
