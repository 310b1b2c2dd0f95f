//! [`Observer`]: whoever wants to know what a step looked at, beside what it did. For tests of charts; a step that is
//! not observed pays nothing for it.

use super::run::Run;
use crate::expr::{Expr, Operand};
use crate::machine::Transition;

/// Is told what a step asks and takes, as it happens, also of a step that fails in the end. What it keeps is its own
/// affair: the step only ever reads.
pub trait Observer {
    /// A condition was evaluated: the guard of `transition`, or that of an `if` action (none). `operands` are the parts
    /// it joins with `&&`, `||` and `!`, those that were evaluated, in order; a condition without any is its own.
    fn condition(
        &self,
        condition: &Expr,
        transition: Option<&Transition>,
        holds: bool,
        operands: &[Operand<'_>],
    );

    /// A transition was taken.
    fn taken(&self, transition: &Transition);
}

impl Run<'_> {
    /// Tells the observer, if there is one, about a condition that could be evaluated.
    pub(super) fn observe_condition(
        &self,
        condition: &Expr,
        transition: Option<&Transition>,
        holds: bool,
    ) {
        if let Some(observer) = self.observer {
            self.view().with(|scope| {
                let operands = condition.operands(scope);
                observer.condition(condition, transition, holds, &operands);
            });
        }
    }

    /// Tells the observer, if there is one, about a transition taken.
    pub(super) fn observe_taken(&self, transition: &Transition) {
        if let Some(observer) = self.observer {
            observer.taken(transition);
        }
    }
}
