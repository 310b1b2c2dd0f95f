//! [`Definition`]: what a machine consists of, and how its parts are found.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::{Deprecated, EffectDef, EventDef, State, StateId};
use crate::diagnostic::Span;
use crate::expr::Expr;
use crate::interpreter::CREATE_EVENT;
use crate::lookup;
use crate::schema::Record;

/// The content of a [`Machine`](super::Machine).
#[derive(Debug)]
pub struct Definition {
    /// Name of the machine.
    pub name: String,
    /// Version of the machine, from 1.
    pub version: u32,
    /// For people.
    pub label: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Set when the whole machine is on its way out.
    pub deprecated: Option<Deprecated>,
    /// What to do with an external event that no transition takes.
    pub unhandled: Unhandled,
    /// Bound of a macrostep, 1 to 10,000.
    pub max_microsteps: u32,
    /// What an expression error does to the step.
    pub on_expression_error: OnExpressionError,
    /// The entity's data.
    pub context: Record,
    /// Declared events by name or descriptor (`payment.*`).
    pub events: IndexMap<String, EventDef>,
    /// Default permission of every event.
    pub authorize: Option<Expr>,
    /// Conditions that hold after every macrostep, in the order of the file.
    pub invariants: Vec<Invariant>,
    /// All states in document order, the root first.
    pub states: Vec<State>,
    /// Path of each state but the root → its id.
    pub by_path: HashMap<String, StateId>,
    /// Declared effects by name.
    pub effects: IndexMap<String, EffectDef>,
    /// Names of `${env.NAME}` used by effects, sorted.
    pub destinations: Vec<String>,
    /// The file's text.
    pub source: String,
    /// BLAKE3 of the source text, lower-case hexadecimal.
    pub hash: String,
}

impl Definition {
    /// The state with this id.
    #[must_use]
    pub fn state(&self, id: StateId) -> &State {
        &self.states[id.index()]
    }

    /// The state with this path; the empty path is the root.
    #[must_use]
    pub fn state_at(&self, path: &str) -> Option<&State> {
        if path.is_empty() {
            return self.states.first();
        }
        self.by_path.get(path).map(|id| self.state(*id))
    }

    /// Whether `inner` stands below `outer` (a state is not below itself).
    #[must_use]
    pub fn is_below(&self, inner: StateId, outer: StateId) -> bool {
        inner > outer && inner <= self.state(outer).last
    }

    /// Schema of an event's input; a creation's input is the context.
    #[must_use]
    pub fn input_record(&self, kind: &str) -> Option<&Record> {
        match kind {
            CREATE_EVENT => Some(&self.context),
            _ => self.event(kind)?.input.as_ref(),
        }
    }

    /// The declaration of an event: its own, else that of the longest declared prefix (`payment.*`).
    #[must_use]
    pub fn event(&self, kind: &str) -> Option<&EventDef> {
        if let Some(def) = lookup::entry(&self.events, kind) {
            return Some(def);
        }
        (self.events.iter())
            .filter(|(name, _)| is_prefix(name, kind))
            .max_by_key(|(name, _)| name.len())
            .map(|(_, def)| def)
    }
}

/// Whether the name of an event is a descriptor with a star that takes events of this type.
fn is_prefix(name: &str, kind: &str) -> bool {
    let Some(prefix) = name.strip_suffix('*') else {
        return false;
    };
    match prefix.strip_suffix('.') {
        Some(prefix) => kind
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
        None => prefix.is_empty(),
    }
}

/// A condition that holds after every macrostep.
#[derive(Debug)]
pub struct Invariant {
    /// Its name.
    pub name: String,
    /// The condition.
    pub check: Expr,
    /// A macrostep that breaks it fails; otherwise the step only reports it.
    pub enforce: bool,
    /// What a refused caller reads.
    pub reason: Option<String>,
    /// Where it stands in the file.
    pub span: Span,
}

/// What to do with an external event that no transition takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unhandled {
    /// Refuse it as `no_transition`.
    #[default]
    Reject,
    /// Answer `ignored` and change nothing.
    Ignore,
    /// Keep it, and offer it again after every macrostep that changes the configuration.
    Defer,
}

/// What an expression error does to the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnExpressionError {
    /// The step fails and changes nothing.
    #[default]
    Reject,
    /// As SCXML says: a guard counts as false, `error.execution` is queued, the rest of the action block is skipped.
    Raise,
}

#[cfg(test)]
mod tests {
    use super::is_prefix;

    #[test]
    fn a_star_takes_its_prefix_and_all_below_it() {
        for (name, kind, takes) in [
            ("*", "a", true),
            ("*", "", true),
            ("a.*", "a", true),
            ("a.*", "a.b", true),
            ("a.*", "a.b.c", true),
            ("a.*", "ab", false),
            ("a.*", "b.a", false),
            ("a.b.*", "a", false),
            ("a.b", "a.b", false),
            ("a*", "ab", false),
            ("", "", false),
        ] {
            assert_eq!(is_prefix(name, kind), takes, "`{name}` and `{kind}`");
        }
    }
}
