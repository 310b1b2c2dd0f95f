//! What can be wrong with an expression: with its text ([`ExprError`]), or with its evaluation ([`EvalError`]).

use std::fmt;
use std::ops::Range;

/// What is wrong with the text of an expression, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExprErrorKind {
    /// It is not an expression, or uses what is not supported.
    Syntax,
    /// It is longer, deeper or larger than is allowed.
    TooLarge,
    /// It uses a name, field, function or state that is not there.
    UnknownName,
    /// Its types visibly do not fit.
    TypeMistake,
    /// It compiles and means nothing: a comparison in it always has the same answer.
    Constant,
}

/// Something wrong with the text of an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExprError {
    /// The kind, for programs.
    pub kind: ExprErrorKind,
    /// Where, in bytes of the expression's text.
    pub range: Range<usize>,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl ExprError {
    pub(super) fn new(
        kind: ExprErrorKind,
        range: Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            range,
            message: message.into(),
            help: None,
        }
    }

    pub(super) fn syntax(range: Range<usize>, message: impl Into<String>) -> Self {
        Self::new(ExprErrorKind::Syntax, range, message)
    }

    pub(super) fn too_large(range: Range<usize>, message: impl Into<String>) -> Self {
        Self::new(ExprErrorKind::TooLarge, range, message)
    }

    pub(super) fn unknown(range: Range<usize>, message: impl Into<String>) -> Self {
        Self::new(ExprErrorKind::UnknownName, range, message)
    }

    pub(super) fn mistake(range: Range<usize>, message: impl Into<String>) -> Self {
        Self::new(ExprErrorKind::TypeMistake, range, message)
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error for a text in which this expression begins at byte `offset`.
    #[must_use]
    pub fn shifted(mut self, offset: usize) -> Self {
        self.range = self.range.start + offset..self.range.end + offset;
        self
    }
}

/// Why an expression has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EvalErrorKind {
    /// A field, key or element that is not there.
    MissingKey,
    /// Values that do not fit the operation, or each other.
    WrongType,
    /// A number, timestamp or duration out of range; division by zero.
    Overflow,
    /// More than [`TICKS_MAX`](super::TICKS_MAX) steps.
    OutOfFuel,
    /// A text, list or result larger than is allowed.
    TooLarge,
    /// Anything else: a text that is no number, an unknown name.
    Other,
}

/// Why an expression has no value, in words for its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvalError {
    /// The kind, for programs.
    pub kind: EvalErrorKind,
    /// What happened, without a full stop. Names fields and types, never values: they may be sensitive.
    pub message: String,
    /// Where, in bytes of the expression's text.
    pub range: Range<usize>,
    /// Text of the whole expression.
    pub expression: String,
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (in `{}`)", self.message, self.expression)
    }
}

impl std::error::Error for EvalError {}

/// An [`EvalError`] on its way up, before it is known whether anything swallows it. Boxed: it is rare, and values
/// travel through the same `Result`.
pub(super) struct Fault(Box<FaultContent>);

struct FaultContent {
    kind: EvalErrorKind,
    message: String,
    span: Option<super::ast::Span>,
}

impl Fault {
    pub(super) fn new(kind: EvalErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(FaultContent {
            kind,
            message: message.into(),
            span: None,
        }))
    }

    pub(super) fn wrong_type(message: impl Into<String>) -> Self {
        Self::new(EvalErrorKind::WrongType, message)
    }

    pub(super) fn missing(message: impl Into<String>) -> Self {
        Self::new(EvalErrorKind::MissingKey, message)
    }

    pub(super) fn overflow(message: impl Into<String>) -> Self {
        Self::new(EvalErrorKind::Overflow, message)
    }

    pub(super) fn too_large(message: impl Into<String>) -> Self {
        Self::new(EvalErrorKind::TooLarge, message)
    }

    pub(super) fn other(message: impl Into<String>) -> Self {
        Self::new(EvalErrorKind::Other, message)
    }

    /// Says where it happened, unless something further inside already did.
    pub(super) fn at(mut self, span: super::ast::Span) -> Self {
        self.0.span.get_or_insert(span);
        self
    }

    /// Whether `||`, `&&`, `all` and `exists` may swallow it. A limit may not be swallowed: the evaluation is over.
    pub(super) fn is_absorbable(&self) -> bool {
        !matches!(
            self.0.kind,
            EvalErrorKind::OutOfFuel | EvalErrorKind::TooLarge
        )
    }

    pub(super) fn into_error(self, source: &str) -> EvalError {
        let content = *self.0;
        EvalError {
            kind: content.kind,
            message: content.message,
            range: content
                .span
                .map_or(0..source.len(), super::ast::Span::range),
            expression: source.to_owned(),
        }
    }
}
