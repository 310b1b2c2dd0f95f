//! The edges of a chart: which event they wait for, under which condition, where they lead.

use super::{Action, StateId};
use crate::diagnostic::Span;
use crate::expr::Expr;

/// An edge.
#[derive(Debug)]
pub struct Transition {
    /// What it waits for; none for an eventless one.
    pub on: Option<Descriptor>,
    /// Matches the results of only this invoke (index into the source state's `invokes`).
    pub invoke: Option<usize>,
    /// State that owns it.
    pub source: StateId,
    /// Where it goes; empty means targetless.
    pub targets: Vec<StateId>,
    /// Leaves and enters its source again even where it would not have to.
    pub reenter: bool,
    /// The condition.
    pub guard: Option<Guard>,
    /// Actions in order (assign first, effects last).
    pub actions: Vec<Action>,
    /// For people.
    pub label: Option<String>,
    /// Where it stands in the file.
    pub span: Span,
}

/// Which events a transition takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Descriptor {
    /// Exactly this name.
    Exact(String),
    /// `a.b.*`: this name and everything below it; from outside only unless `internal`.
    Prefix {
        /// Name without the `.*`.
        prefix: String,
        /// Also takes events raised inside.
        internal: bool,
    },
    /// `*`: everything; from outside only unless `internal`.
    Any {
        /// Also takes events raised inside.
        internal: bool,
    },
}

impl Descriptor {
    /// Whether it takes an event of this type.
    #[must_use]
    pub fn takes(&self, kind: &str, raised_inside: bool) -> bool {
        match self {
            Self::Exact(name) => name == kind,
            Self::Prefix { prefix, internal } => {
                (*internal || !raised_inside)
                    && kind
                        .strip_prefix(prefix.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }
            Self::Any { internal } => *internal || !raised_inside,
        }
    }

    /// As an author writes it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Exact(name) => name.clone(),
            Self::Prefix { prefix, .. } => format!("{prefix}.*"),
            Self::Any { .. } => "*".to_owned(),
        }
    }
}

/// A condition with the words that a refused caller reads.
#[derive(Debug)]
pub struct Guard {
    /// The condition.
    pub expr: Expr,
    /// Its name, if it was declared under `guards:`.
    pub name: Option<String>,
    /// What a refused caller reads.
    pub reason: Option<String>,
    /// A code of the author's own.
    pub code: Option<String>,
    /// Where it stands in the file.
    pub span: Span,
}
