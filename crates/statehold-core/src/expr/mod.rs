//! Expressions in charts: a subset-free CEL behind three verbs, [`Expr::compile`], [`check`] and [`Expr::eval`].
//!
//! The grammar is that of the `cel` crate, whose parser reads the text; checking and evaluating are ours, over a small
//! tree of our own, because an expression of a chart is hostile input that runs inside a step: it must be bounded in
//! time, memory and stack, must give the same answer on every run, and must read a large context without copying it.
//!
//! Invariants: evaluation is pure, allocates only what it charges for, and ends within [`TICKS_MAX`]; running out is
//! never swallowed by `||`, `&&`, `all` or `exists`; maps are walked in the order of their keys; a compiled
//! expression is at most [`DEPTH_MAX`] deep. No type of the parser's crate leaves this module.
//!
//! It does not know charts, machines or states: who evaluates says through a [`Scope`] what the names mean.

mod ast;
mod budget;
mod check;
mod error;
mod eval;
mod functions;
mod lower;
mod operators;
mod parse;
mod pattern;
mod references;
mod scan;
mod scope;
mod template;
mod time;
mod value;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

pub(crate) use check::{
    EventPart, EventParts, Place, Purpose, Site, Variable, Variables, check_at,
};
pub use check::{Expected, Names, check};
pub use error::{EvalError, EvalErrorKind, ExprError, ExprErrorKind};
pub use eval::Operand;
pub use references::References;
pub use scope::{ActorScope, EntityScope, EventScope, Scope};
pub use template::{Part, Template};

/// Longest source text in bytes: a guard longer than this is a program, and belongs into several named guards.
pub const SOURCE_BYTES_MAX: usize = 4 * 1024;

/// Most tokens of a source: the parser takes some microseconds and kilobytes for each.
pub const TOKENS_MAX: usize = 1_500;

/// Deepest tree of an expression, counted before parsing: bounds the stack of parser, checker and evaluator alike. A
/// chain of `n` operators of one kind counts `n` (`&&` and `||` are balanced and count their logarithm).
pub const DEPTH_MAX: usize = 64;

/// Steps one evaluation may take: one per node, and one more per piece of bulk work (elements copied or compared, 64
/// bytes of text read). A guard takes about ten; the whole budget is used up in a few milliseconds.
pub const TICKS_MAX: u32 = 100_000;

/// Longest text an expression may build, in bytes; what it only passes on may be longer.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Most elements of a list or map an expression may build.
pub const ITEMS_MAX: usize = 10_000;

/// Bytes one evaluation may allocate in total, freed or not, its result included: enough to rewrite a full context,
/// which takes about ten times its text in memory, and little enough that many evaluations at once do not hurt.
pub const ALLOCATED_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Deepest result: stored data is not deeper, and a field that wraps itself at every event must stop somewhere.
pub const RESULT_DEPTH_MAX: usize = 64;

/// Compiled size of the pattern of `matches`, in bytes: enough for twenty letters of any script (`\pL{1,20}`).
pub const PATTERN_BYTES_MAX: usize = 1024 * 1024;

/// A compiled expression. Cheap to clone; shared between threads.
#[derive(Clone)]
pub struct Expr(Arc<Compiled>);

struct Compiled {
    source: String,
    root: ast::Node,
    references: References,
}

impl Expr {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with the text, and where: syntax, unsupported syntax, or a limit exceeded. Names are not looked
    /// at here but by [`check`].
    pub fn compile(source: &str) -> Result<Self, ExprError> {
        let root = parse::parse(source)?;
        let references = References::of(&root);
        Ok(Self(Arc::new(Compiled {
            source: source.to_owned(),
            root,
            references,
        })))
    }

    /// The text it was compiled from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// The names it uses.
    #[must_use]
    pub fn references(&self) -> &References {
        &self.0.references
    }

    /// Its value, as JSON: timestamps as RFC 3339 in UTC to the microsecond, durations as ISO 8601, objects with
    /// sorted keys.
    ///
    /// # Errors
    /// An absent key, values that do not fit the operation, or a limit exceeded.
    pub fn eval(&self, scope: &Scope<'_>) -> Result<Value, EvalError> {
        eval::eval(&self.0.root, &self.0.source, scope)
    }

    /// The operands that it joins with `&&`, `||` and `!`, those that evaluating it evaluates, in order, with what each
    /// says. An expression that joins nothing is its own only operand.
    #[must_use]
    pub fn operands<'e>(&'e self, scope: &'e Scope<'e>) -> Vec<Operand<'e>> {
        eval::operands(&self.0.root, &self.0.source, scope)
    }

    /// The text of every operand that it joins with `&&`, `||` and `!`, in order; itself if it joins nothing.
    #[must_use]
    pub fn operand_sources(&self) -> Vec<&str> {
        eval::operand_sources(&self.0.root, &self.0.source)
    }

    /// Its value, which must be `true` or `false`.
    ///
    /// # Errors
    /// As [`Expr::eval`], and [`EvalErrorKind::WrongType`] for any other value.
    pub fn eval_bool(&self, scope: &Scope<'_>) -> Result<bool, EvalError> {
        eval::eval_bool(&self.0.root, &self.0.source, scope)
    }
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expr").field(&self.0.source).finish()
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.source)
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.0.source == other.0.source
    }
}

impl Eq for Expr {}
