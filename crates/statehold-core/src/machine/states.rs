//! The nodes of a chart, in document order.

use super::{Action, Deprecated, Invoke, TimerDef, Transition, ValueExpr};
use crate::diagnostic::Span;

/// Index of a state in document order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StateId(pub u16);

impl StateId {
    /// The root of every machine.
    pub const ROOT: StateId = StateId(0);

    /// As an index into [`Definition::states`](super::Definition::states).
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A node of the chart.
#[derive(Debug)]
pub struct State {
    /// Its own id.
    pub id: StateId,
    /// Its parent; none for the root.
    pub parent: Option<StateId>,
    /// Last descendant in document order; itself if it has none.
    pub last: StateId,
    /// Nesting depth, 0 for the root.
    pub depth: u16,
    /// Last segment of the path; empty for the root.
    pub name: String,
    /// Full dotted path from the root; empty for the root.
    pub path: String,
    /// What kind of node it is.
    pub kind: StateKind,
    /// Children in document order, history nodes included.
    pub children: Vec<StateId>,
    /// For a compound state: where it begins. For a history state: where it leads without memory (none: the parent's initial).
    pub initial: Option<Initial>,
    /// Actions on entering, in order.
    pub entry: Vec<Action>,
    /// Actions on leaving, in order.
    pub exit: Vec<Action>,
    /// Transitions on events (also those of timers, invokes and done events), in the order in which they are tried.
    pub transitions: Vec<Transition>,
    /// Eventless transitions in order.
    pub always: Vec<Transition>,
    /// Timers set on entering.
    pub timers: Vec<TimerDef>,
    /// Effects tied to the state.
    pub invokes: Vec<Invoke>,
    /// For a final state (and the root): the output.
    pub output: Option<ValueExpr>,
    /// For people.
    pub label: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Free marks.
    pub tags: Vec<String>,
    /// Set when it is on its way out.
    pub deprecated: Option<Deprecated>,
    /// Where it stands in the file.
    pub span: Span,
}

/// Kind of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateKind {
    /// No children.
    Atomic,
    /// Exactly one child is active.
    Compound,
    /// All children (regions) are active.
    Parallel,
    /// An end.
    Final,
    /// A memory of what was active; never active itself.
    History {
        /// Remembers leaves instead of direct children.
        deep: bool,
    },
}

/// Where a compound state begins, or a history state without memory leads.
#[derive(Debug)]
pub struct Initial {
    /// Target states, usually one child.
    pub targets: Vec<StateId>,
    /// Actions run when it is taken.
    pub actions: Vec<Action>,
}
