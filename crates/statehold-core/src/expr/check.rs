//! [`check`]: what is wrong with an expression before it ever runs.

use super::{Expr, ExprError};
use crate::schema::Record;

/// What an expression may refer to, and what it should be.
#[derive(Clone, Copy, Default)]
pub struct Names<'a> {
    /// Fields of `ctx`; none means any.
    pub ctx: Option<&'a Record>,
    /// Fields of `event.input`; none means any.
    pub input: Option<&'a Record>,
    /// Further roots with their fields; none means any.
    pub extra: &'a [(&'a str, Option<&'a Record>)],
    /// Whether a state with this path exists; none means that any may.
    pub in_state: Option<&'a (dyn Fn(&str) -> bool + 'a)>,
    /// What the value must be.
    pub expected: Expected,
}

/// What the value of an expression must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expected {
    /// Anything.
    #[default]
    Any,
    /// True or false.
    Bool,
}

/// Everything that is wrong with an expression; empty if nothing is known to be.
#[must_use]
pub fn check(_expr: &Expr, _names: &Names<'_>) -> Vec<ExprError> {
    Vec::new()
}
