//! What events carry: their data, and the fields of `_event` around it.

use serde_json::{Value, json};
use statehold_core::Event;
use statehold_core::diagnostic::Span;
use statehold_core::machine::ValueExpr;

use super::EVENT_FIELD;
use super::content::is_variable;
use super::document::Payload;
use super::lower::Lower;
use super::rewrite::{compiled, failing};

/// Name of the SCXML event processor.
pub(super) const PROCESSOR: &str = "http://www.w3.org/TR/scxml/#SCXMLEventProcessor";

/// An event as it comes to a machine from outside, with `_event` filled in as documents expect it.
#[must_use]
pub fn external_event(name: &str, data: &Value) -> Event {
    let envelope = json!({
        "name": name, "type": "external", "sendid": null, "origin": null, "origintype": null, "invokeid": null,
        "data": data,
    });
    Event::new(name).input(json!({ EVENT_FIELD: envelope }))
}

/// The fields of `_event`.
pub(super) struct Envelope {
    pub(super) name: ValueExpr,
    pub(super) kind: &'static str,
    pub(super) send_id: ValueExpr,
    pub(super) origin: ValueExpr,
    pub(super) origin_type: ValueExpr,
    pub(super) data: ValueExpr,
}

impl Envelope {
    /// An event with this name and nothing else.
    pub(super) fn of(name: ValueExpr) -> Self {
        Self {
            name,
            kind: "platform",
            send_id: null(),
            origin: null(),
            origin_type: null(),
            data: null(),
        }
    }

    /// The input of an event of ours that carries this.
    pub(super) fn into_input(self) -> ValueExpr {
        let fields = [
            ("name", self.name),
            ("type", ValueExpr::Literal(self.kind.into())),
            ("sendid", self.send_id),
            ("origin", self.origin),
            ("origintype", self.origin_type),
            ("invokeid", null()),
            ("data", self.data),
        ];
        let fields = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        ValueExpr::Map(vec![(
            EVENT_FIELD.to_owned(),
            ValueExpr::Map(fields.collect()),
        )])
    }
}

pub(super) fn null() -> ValueExpr {
    ValueExpr::Literal(Value::Null)
}

impl Lower<'_> {
    /// The data of a `send` or a `donedata`; none if it says nothing.
    pub(super) fn payload(&self, payload: &Payload, span: &Span) -> Option<ValueExpr> {
        if let Some(content) = &payload.content {
            return Some(self.given(content, span));
        }
        let names = payload
            .names
            .iter()
            .map(|name| (name.clone(), self.variable(name, span)));
        let params = payload.params.iter().map(|param| {
            let value = ValueExpr::Expr(self.expression(&param.expr, span));
            (param.name.clone(), value)
        });
        let fields: Vec<(String, ValueExpr)> = names.chain(params).collect();
        (!fields.is_empty()).then_some(ValueExpr::Map(fields))
    }

    fn variable(&self, name: &str, span: &Span) -> ValueExpr {
        if is_variable(name) {
            return ValueExpr::Expr(compiled(&format!("ctx.{name}")));
        }
        self.loss(span, format!("`{name}` is no name of a variable"));
        ValueExpr::Expr(failing())
    }
}
