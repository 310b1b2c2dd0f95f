//! What stands in a state: where it begins, transitions, timers, invokes, actions.

use serde_json::{Map, Value};

/// Something in the chart's own syntax, with the comment lines that stand above it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    pub(crate) value: Value,
    pub(crate) comments: Vec<String>,
}

impl Piece {
    /// Without comments.
    pub(crate) fn new(value: impl Into<Value>) -> Self {
        Self {
            value: value.into(),
            comments: Vec::new(),
        }
    }
}

/// An action in the chart's own syntax: `{"effect": "x"}`, `{"assign": {...}}`, `{"raise": "e"}`, `{"if": ...}`.
pub(crate) type ActionDraft = Piece;

/// Where a compound state begins.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct InitialDraft {
    /// Paths from the root.
    pub(crate) targets: Vec<String>,
    pub(crate) actions: Vec<ActionDraft>,
}

impl InitialDraft {
    /// Begins in the state at this path from the root.
    pub(crate) fn at(path: impl Into<String>) -> Self {
        Self {
            targets: vec![path.into()],
            actions: Vec::new(),
        }
    }
}

/// A transition. Without targets, guard and actions it means: handled, do nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TransitionDraft {
    pub(crate) comments: Vec<String>,
    /// Paths from the root, without a `/`.
    pub(crate) targets: Vec<String>,
    pub(crate) guard: Option<GuardDraft>,
    /// In order; the writer uses the short forms `assign` and `effects` where they say the same.
    pub(crate) actions: Vec<ActionDraft>,
    pub(crate) reenter: bool,
    pub(crate) label: Option<String>,
    pub(crate) description: Option<String>,
    /// Further keys: `meta`, ...
    pub(crate) more: Map<String, Value>,
    pub(crate) at: usize,
}

impl TransitionDraft {
    /// Leads to the state at this path from the root.
    pub(crate) fn to(path: impl Into<String>, at: usize) -> Self {
        Self {
            targets: vec![path.into()],
            at,
            ..Self::default()
        }
    }

    /// Leads nowhere.
    pub(crate) fn nowhere(at: usize) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum GuardDraft {
    /// A declared guard.
    Named(String),
    /// An expression.
    Expr(String),
    /// As the chart writes it: `{"if": ..., "reason": ..., "code": ...}`.
    Form(Value),
}

/// A timer of a state.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TimerDraft {
    pub(crate) comments: Vec<String>,
    /// A name of its own; else it is called like its delay.
    pub(crate) name: Option<String>,
    pub(crate) when: TimerWhen,
    /// Candidates in order, at least one.
    pub(crate) transitions: Vec<TransitionDraft>,
    /// Further keys of a timer that has one transition.
    pub(crate) more: Map<String, Value>,
}

/// When a timer is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TimerWhen {
    /// A length of time like `48h`.
    Delay(String),
    /// An expression of an instant.
    At(String),
    /// Anything else that a timer may be, under its own keys in `more`.
    Other,
}

impl TimerDraft {
    /// After a length of time.
    pub(crate) fn after(delay: impl Into<String>, transitions: Vec<TransitionDraft>) -> Self {
        Self {
            comments: Vec::new(),
            name: None,
            when: TimerWhen::Delay(delay.into()),
            transitions,
            more: Map::new(),
        }
    }
}

/// An effect tied to a state.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InvokeDraft {
    pub(crate) comments: Vec<String>,
    pub(crate) effect: String,
    /// Arguments in the chart's own syntax.
    pub(crate) input: Option<Value>,
    pub(crate) on_done: Vec<TransitionDraft>,
    pub(crate) on_error: Vec<TransitionDraft>,
    /// Further keys: `label`, `meta`, ...
    pub(crate) more: Map<String, Value>,
}

impl InvokeDraft {
    /// An effect without arguments whose end leads nowhere.
    pub(crate) fn of(effect: impl Into<String>) -> Self {
        Self {
            comments: Vec::new(),
            effect: effect.into(),
            input: None,
            on_done: Vec::new(),
            on_error: Vec::new(),
            more: Map::new(),
        }
    }
}
