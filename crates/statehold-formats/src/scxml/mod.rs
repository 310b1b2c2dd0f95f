//! SCXML 1.0: a document becomes a machine.
//!
//! [`read`] takes the XML apart into a [`Document`]; [`load`] makes a machine of it. Expressions are rewritten into
//! ours where that is possible at all: literals, operators, variables, `In()`, and the system variables. What SCXML
//! decides at run time and our charts do not know (targets and types of `send` given by expressions, the fields of
//! `_event`, ids of sent events) is spelled out in actions and expressions that our interpreter has.
//!
//! Refused, with its place: `invoke`, `script`, external data, and executable content of other namespaces. A machine
//! that comes from here treats errors as SCXML says (`onExpressionError: raise`).

mod content;
mod document;
mod export;
mod import;
mod lower;
mod own;
mod parts;
mod payload;
mod read;
mod rewrite;
mod send;
mod values;
mod variables;

pub use document::{
    Data, Document, Edge, Element, ElementKind, Given, Node, NodeKind, Param, Payload, Send,
    SendId, Start, Text,
};
pub(crate) use export::export;
pub(crate) use import::import;
pub use lower::{Loaded, load};
pub use payload::external_event;
pub use read::read;

/// Name of the input field that carries `_event` for events a chart makes itself, or a harness makes for it: an object
/// with `name`, `type`, `sendid`, `origin`, `origintype`, `invokeid`, `data`.
pub const EVENT_FIELD: &str = "_event";
