//! Executable content as actions of ours.

use serde_json::{Map, Value};
use statehold_core::diagnostic::Span;
use statehold_core::machine::{Action, ValueExpr};

use super::document::{Element, ElementKind, Given, Text};
use super::lower::Lower;
use super::payload::Envelope;

impl Lower<'_> {
    /// A block of executable content.
    pub(super) fn actions(&self, elements: &[Element]) -> Vec<Action> {
        let mut actions = Vec::with_capacity(elements.len());
        for element in elements {
            self.element(element, &mut actions);
        }
        actions
    }

    fn element(&self, element: &Element, actions: &mut Vec<Action>) {
        let span = &element.span;
        match &element.kind {
            ElementKind::Raise { event } => actions.push(raise(event)),
            ElementKind::Assign { location, value } => {
                actions.push(self.assign(location, value, span));
            }
            ElementKind::If {
                branches,
                otherwise,
            } => {
                let branches = branches.iter();
                actions.push(Action::If {
                    branches: branches
                        .map(|(condition, then)| {
                            (self.expression(condition, span), self.actions(then))
                        })
                        .collect(),
                    otherwise: self.actions(otherwise),
                });
            }
            ElementKind::Foreach {
                array,
                item,
                index,
                body,
            } => actions.push(self.foreach(array, item, index.as_deref(), body, span)),
            ElementKind::Log { label, expr } => actions.push(Action::Log {
                label: label.clone(),
                value: match expr {
                    Some(expr) => ValueExpr::Expr(self.expression(expr, span)),
                    None => ValueExpr::Literal(Value::Null),
                },
            }),
            ElementKind::Send(send) => self.send(send, span, actions),
            ElementKind::Cancel { id } => actions.push(Action::Cancel {
                id: self.text(id, span),
            }),
        }
    }

    fn assign(&self, location: &str, value: &Given, span: &Span) -> Action {
        if !self.is_writable(location) {
            self.loss(
                span,
                format!("`{location}` is no variable that can be written"),
            );
            return execution_error();
        }
        Action::Assign(vec![(location.to_owned(), self.given(value, span))])
    }

    fn foreach(
        &self,
        array: &str,
        item: &str,
        index: Option<&str>,
        body: &[Element],
        span: &Span,
    ) -> Action {
        if let Some(name) = [Some(item), index]
            .into_iter()
            .flatten()
            .find(|name| !is_variable(name))
        {
            self.loss(span, format!("`{name}` is no name of a variable"));
            return execution_error();
        }
        Action::Foreach {
            list: ValueExpr::Expr(self.expression(array, span)),
            item: item.to_owned(),
            index: index.map(str::to_owned),
            actions: self.actions(body),
        }
    }

    pub(super) fn text(&self, text: &Text, span: &Span) -> ValueExpr {
        match text {
            Text::Literal(text) => ValueExpr::Literal(Value::from(text.as_str())),
            Text::Expr(source) => ValueExpr::Expr(self.expression(source, span)),
        }
    }
}

fn raise(event: &str) -> Action {
    let envelope = Envelope {
        kind: "internal",
        ..Envelope::of(ValueExpr::Literal(event.into()))
    };
    Action::Raise {
        event: event.to_owned(),
        input: envelope.into_input(),
    }
}

/// What an element does that can only go wrong.
pub(super) fn execution_error() -> Action {
    Action::Fail {
        event: "error.execution".to_owned(),
        input: ValueExpr::Literal(Value::Object(Map::new())),
    }
}

/// Whether a name can be that of a variable of the document's own.
pub(super) fn is_variable(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
