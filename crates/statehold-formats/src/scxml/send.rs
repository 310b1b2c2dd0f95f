//! `send`: to the machine itself, now or later; anything else is an error event, as it would be elsewhere.

use std::time::Duration;

use statehold_core::diagnostic::Span;
use statehold_core::expr::Expr;
use statehold_core::machine::{Action, SendWhen, ValueExpr};

use super::content::{execution_error, is_variable};
use super::document::{Send, SendId, Text};
use super::lower::Lower;
use super::payload::{Envelope, PROCESSOR, null};
use super::rewrite::{LOCATION, compiled, failing, quoted};
use super::variables::{SCRATCH, SEND_COUNTER};

impl Lower<'_> {
    /// Appends the actions of a `send`.
    pub(super) fn send(&self, send: &Send, span: &Span, actions: &mut Vec<Action>) {
        if let Some(SendId::Stored(location)) = &send.id {
            if !self.is_writable(location) {
                self.loss(
                    span,
                    format!("`{location}` is no variable that can be written"),
                );
                actions.push(execution_error());
                return;
            }
            actions.extend(fresh_id(location));
        }
        if let Some(kind) = &send.kind {
            self.check_kind(send, kind, span, actions);
        }
        match &send.target {
            None => actions.push(self.deliver(send, span, false)),
            Some(Text::Literal(target)) if target == "#_internal" => {
                actions.push(self.deliver(send, span, true));
            }
            Some(target) => self.route(send, target, span, actions),
        }
    }

    /// Fails unless the processor is ours.
    fn check_kind(&self, send: &Send, kind: &Text, span: &Span, actions: &mut Vec<Action>) {
        if matches!(kind, Text::Literal(kind) if kind == PROCESSOR || kind == "scxml") {
            return;
        }
        let kind = self.value_of(kind, span, actions);
        let is_unknown = format!("!({kind} in ['{PROCESSOR}', 'scxml'])");
        actions.push(Action::If {
            branches: vec![(
                self.own(&is_unknown, span),
                vec![self.undelivered(send, "error.execution")],
            )],
            otherwise: Vec::new(),
        });
    }

    /// Decides about a target when the event is sent.
    fn route(&self, send: &Send, target: &Text, span: &Span, actions: &mut Vec<Action>) {
        let target = self.value_of(target, span, actions);
        let when = |condition: String| self.own(&condition, span);
        actions.push(Action::If {
            branches: vec![
                (
                    when(format!("{target} == '#_internal'")),
                    vec![self.deliver(send, span, true)],
                ),
                (
                    when(format!("{target} == '' || {target} == {LOCATION}")),
                    vec![self.deliver(send, span, false)],
                ),
                (
                    when(format!("string({target}).startsWith('#_')")),
                    vec![self.undelivered(send, "error.communication")],
                ),
            ],
            otherwise: vec![self.undelivered(send, "error.execution")],
        });
    }

    /// An expression of ours for a text. One that is computed is so once, beforehand: if that fails, nothing is sent.
    fn value_of(&self, text: &Text, span: &Span, actions: &mut Vec<Action>) -> String {
        match text {
            Text::Literal(text) => quoted(text),
            Text::Expr(source) => {
                let value = ValueExpr::Expr(self.expression(source, span));
                actions.push(Action::Assign(vec![(SCRATCH.to_owned(), value)]));
                format!("ctx.{SCRATCH}")
            }
        }
    }

    /// An expression of ours that may hold a text of the document's.
    fn own(&self, source: &str, span: &Span) -> Expr {
        Expr::compile(source).unwrap_or_else(|error| {
            self.loss(span, error.to_string());
            failing()
        })
    }

    fn deliver(&self, send: &Send, span: &Span, internal: bool) -> Action {
        let outside = |source: &str| ValueExpr::Expr(compiled(source));
        let name = Envelope::of(self.text(&send.event, span));
        let envelope = Envelope {
            kind: if internal { "internal" } else { "external" },
            send_id: send_id(send),
            origin: if internal { null() } else { outside(LOCATION) },
            origin_type: if internal {
                null()
            } else {
                outside(&quoted(PROCESSOR))
            },
            data: self.payload(&send.payload, span).unwrap_or_else(null),
            ..name
        };
        let when = match &send.delay {
            _ if internal => SendWhen::Within,
            None => SendWhen::After(Duration::ZERO),
            Some(Text::Expr(source)) => {
                SendWhen::Computed(ValueExpr::Expr(self.expression(source, span)))
            }
            Some(Text::Literal(text)) => match delay(text) {
                Some(delay) => SendWhen::After(delay),
                None => {
                    self.loss(
                        span,
                        format!("`{text}` is no delay: write it like 1.5s or 200ms"),
                    );
                    return self.undelivered(send, "error.execution");
                }
            },
        };
        Action::Send {
            event: self.text(&send.event, span),
            input: envelope.into_input(),
            when,
            id: send.id.as_ref().map(|_| send_id(send)),
        }
    }

    /// The error that stands for an event that could not be sent, with the id it would have had.
    fn undelivered(&self, send: &Send, event: &str) -> Action {
        let envelope = Envelope {
            send_id: send_id(send),
            ..Envelope::of(ValueExpr::Literal(event.into()))
        };
        Action::Fail {
            event: event.to_owned(),
            input: envelope.into_input(),
        }
    }
}

fn send_id(send: &Send) -> ValueExpr {
    match &send.id {
        None => null(),
        Some(SendId::Given(id)) => ValueExpr::Literal(id.as_str().into()),
        Some(SendId::Stored(location)) if is_variable(location) => {
            ValueExpr::Expr(compiled(&format!("ctx.{location}")))
        }
        Some(SendId::Stored(_)) => null(),
    }
}

/// Puts an id that no other event of this entity has into a variable.
fn fresh_id(location: &str) -> [Action; 2] {
    let computed = |field: &str, source: &str| {
        Action::Assign(vec![(field.to_owned(), ValueExpr::Expr(compiled(source)))])
    };
    [
        computed(SEND_COUNTER, &format!("ctx.{SEND_COUNTER} + 1")),
        computed(location, &format!("'send.' + string(ctx.{SEND_COUNTER})")),
    ]
}

/// A CSS time: digits, perhaps with a fraction, and `s` or `ms`.
pub(super) fn delay(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (number, micros) = match text.strip_suffix("ms") {
        Some(number) => (number, 1_000.0),
        None => (text.strip_suffix('s')?, 1_000_000.0),
    };
    let is_plain = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let number: f64 = number.parse().ok().filter(|_| is_plain)?;
    let micros = (number * micros).round();
    (micros < 1e17).then(|| Duration::from_micros(micros as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_css_times() {
        for (text, micros) in [
            ("1s", 1_000_000),
            ("1.5s", 1_500_000),
            (".5s", 500_000),
            ("10ms", 10_000),
        ] {
            assert_eq!(delay(text), Some(Duration::from_micros(micros)), "{text}");
        }
        for text in ["", "s", "1", "-1s", "1e3s", "1m", "99999999999999999999s"] {
            assert_eq!(delay(text), None, "{text}");
        }
    }
}
