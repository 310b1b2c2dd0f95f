//! [`Machine`]: a chart that was loaded and found valid. Immutable, cheap to clone, shared between threads.
//!
//! Invariants, established by the loader and relied upon by the interpreter without further checks:
//! - states stand in document order, depth first: `states[0]` is the root, the descendants of a state are the
//!   contiguous ids after it, up to `last`;
//! - every target, initial and default names a state of this machine, and targets of one transition can be active together;
//! - transitions of a state stand in the order in which they are tried;
//! - expressions compiled, and use only names that exist.

mod actions;
mod definition;
mod effects;
mod events;
mod states;
mod timers;
mod transitions;
mod verify;

use std::sync::Arc;

pub use actions::{Action, SendWhen, ValueExpr};
pub use definition::{Definition, Invariant, OnExpressionError, Unhandled};
pub use effects::{
    EffectDef, EffectKind, HandlerTemplate, HeaderValue, HttpTemplate, Invoke, OnDead,
};
pub use events::{Deprecated, EventDef};
pub use states::{Initial, State, StateId, StateKind};
pub use timers::{TimerDef, TimerWhen, timer_event};
pub use transitions::{Descriptor, Guard, Transition};
pub use verify::DefinitionError;

/// A chart that was loaded and found valid.
///
/// It reads like the [`Definition`] it holds.
///
/// ```
/// use statehold_core::Machine;
///
/// let machine = Machine::from_yaml(
///     "{ statehold: 1, machine: door, version: 2, initial: shut, states: { shut: { on: { open: ajar } }, ajar: { on: { close: shut } } } }",
/// )
/// .unwrap();
/// assert_eq!((machine.name.as_str(), machine.version), ("door", 2));
/// let shut = machine.state_at("shut").unwrap();
/// assert_eq!(machine.state(shut.transitions[0].targets[0]).path, "ajar");
/// ```
#[derive(Debug, Clone)]
pub struct Machine(pub(crate) Arc<Definition>);

impl Machine {
    /// A machine that was not read from a chart file but put together by an importer. Its hash is made here.
    ///
    /// # Errors
    /// The definition breaks one of the invariants above. Expressions are not looked at: a name that does not exist
    /// shows when it is evaluated.
    pub fn new(mut definition: Definition) -> Result<Self, DefinitionError> {
        verify::verify(&definition)?;
        definition.hash = blake3::hash(definition.source.as_bytes())
            .to_hex()
            .to_string();
        Ok(Self(Arc::new(definition)))
    }
}

impl std::ops::Deref for Machine {
    type Target = Definition;

    fn deref(&self) -> &Definition {
        &self.0
    }
}
