//! What a step does on its way, and the values it computes.

use std::time::Duration;

use serde_json::Value;

use crate::expr::{Expr, Template};

/// Something to do in a step.
#[derive(Debug)]
pub enum Action {
    /// Writes context fields; all right sides see the context before the block.
    Assign(Vec<(String, ValueExpr)>),
    /// Queues an internal event.
    Raise {
        /// Its type.
        event: String,
        /// Its input.
        input: ValueExpr,
    },
    /// Asks for an effect, independent of later states.
    Effect {
        /// Name of the effect.
        effect: String,
        /// Arguments its templates see as `input`.
        input: Vec<(String, ValueExpr)>,
    },
    /// Does the first branch whose condition holds.
    If {
        /// Conditions with their actions.
        branches: Vec<(Expr, Vec<Action>)>,
        /// Done if no condition holds.
        otherwise: Vec<Action>,
    },
    /// Does its actions in order; an error that is not fatal to the step ends this block only.
    Block(Vec<Action>),
    /// Does its actions once per element of a list, as the list is when it begins.
    Foreach {
        /// The list.
        list: ValueExpr,
        /// Context field that holds the element.
        item: String,
        /// Context field that holds its number, from 0.
        index: Option<String>,
        /// What to do with each.
        actions: Vec<Action>,
    },
    /// Sends an event to the entity itself.
    Send {
        /// Its type, a text.
        event: ValueExpr,
        /// Its input.
        input: ValueExpr,
        /// When it arrives.
        when: SendWhen,
        /// A text by which it can be cancelled until then.
        id: Option<ValueExpr>,
    },
    /// Takes back what was sent under this id and has not arrived.
    Cancel {
        /// The id, a text.
        id: ValueExpr,
    },
    /// Adds a line to what the step reports.
    Log {
        /// What it is about.
        label: String,
        /// What to note.
        value: ValueExpr,
    },
    /// Fails like an expression that cannot be evaluated, but with an event of its own in place of
    /// `error.execution`: the rest of the block is skipped, or the step refused, as the machine says.
    Fail {
        /// Type of the internal event.
        event: String,
        /// Its input.
        input: ValueExpr,
    },
}

/// When an event that an entity sends to itself arrives.
#[derive(Debug)]
pub enum SendWhen {
    /// In this macrostep, as an internal event: a `raise` whose type is computed.
    Within,
    /// From outside, this long after this macrostep and in one of its own.
    After(Duration),
    /// The same, with a delay that is computed: a text such as `48h` or `PT48H`.
    Computed(ValueExpr),
}

/// A value to be computed: literal, expression, or a structure of these.
#[derive(Debug)]
pub enum ValueExpr {
    /// As written.
    Literal(Value),
    /// CEL.
    Expr(Expr),
    /// Text with `${CEL}` parts.
    Template(Template),
    /// A list of values.
    List(Vec<ValueExpr>),
    /// A mapping of values, in the order of the file.
    Map(Vec<(String, ValueExpr)>),
}
