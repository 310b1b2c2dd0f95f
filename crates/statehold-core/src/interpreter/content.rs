//! Executable content: assign, raise, effects, if, and the values they compute.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Fail, INTERNAL_QUEUE_MAX, Run};
use crate::codes;
use crate::event::Event;
use crate::expr::{EvalError, Expr, Scope, Template, Part};
use crate::machine::{Action, OnExpressionError, ValueExpr};

impl<'a> Run<'a> {
    /// Runs a block of actions in order. Under `onExpressionError: raise` an error ends the block, not the step.
    pub(super) fn execute_block(&mut self, actions: &'a [Action]) -> Result<(), Fail> {
        match self.execute_all(actions) {
            Err(fail)
                if fail.code == codes::STEP_ERROR
                    && self.machine.on_expression_error == OnExpressionError::Raise =>
            {
                self.raise_execution_error(&fail.message)
            }
            result => result,
        }
    }

    fn execute_all(&mut self, actions: &'a [Action]) -> Result<(), Fail> {
        actions.iter().try_for_each(|action| self.execute(action))
    }

    fn execute(&mut self, action: &'a Action) -> Result<(), Fail> {
        match action {
            Action::Assign(fields) => self.assign(fields),
            Action::Raise { event, input } => {
                let input = self.eval_value(input, event)?;
                let event = Event {
                    input,
                    ..Event::internal(event.clone(), self.actor)
                };
                self.enqueue(event)
            }
            Action::Effect { effect, input } => self.request_effect(effect, input, None, effect),
            Action::If {
                branches,
                otherwise,
            } => {
                for (condition, then) in branches {
                    let holds = self.view().with(|scope| condition.eval_bool(scope));
                    if holds.map_err(|error| failed(&error, "if"))? {
                        return self.execute_all(then);
                    }
                }
                self.execute_all(otherwise)
            }
        }
    }

    /// All right sides see the context as it is before the block. Null clears an optional field.
    fn assign(&mut self, fields: &'a [(String, ValueExpr)]) -> Result<(), Fail> {
        let values = fields
            .iter()
            .map(|(field, value)| self.eval_value(value, field))
            .collect::<Result<Vec<_>, _>>()?;
        let context = Arc::make_mut(&mut self.context);
        for ((field, _), value) in fields.iter().zip(values) {
            let optional = self.machine.context.get(field).is_some_and(|f| f.optional);
            if value.is_null() && optional {
                context.shift_remove(field);
            } else {
                context.insert(field.clone(), value);
            }
            if !self.assigned.contains(field) {
                self.assigned.push(field.clone());
            }
        }
        Ok(())
    }

    /// Puts an internal event into the queue.
    pub(super) fn enqueue(&mut self, event: Event) -> Result<(), Fail> {
        if self.queue.len() >= INTERNAL_QUEUE_MAX {
            return Err(Fail {
                code: codes::MICROSTEP_LIMIT,
                message: format!("more than {INTERNAL_QUEUE_MAX} internal events wait"),
                place: event.kind,
            });
        }
        self.queue.push_back(event);
        Ok(())
    }

    pub(super) fn raise_execution_error(&mut self, message: &str) -> Result<(), Fail> {
        let error = serde_json::json!({ "kind": "execution", "message": message });
        self.enqueue(Event {
            error: Some(error),
            ..Event::internal("error.execution", self.actor)
        })
    }

    pub(super) fn eval_value(&self, value: &ValueExpr, place: &str) -> Result<Value, Fail> {
        self.view()
            .with(|scope| eval_value(value, scope))
            .map_err(|error| failed(&error, place))
    }

    pub(super) fn eval_instant(&self, expr: &Expr, place: &str) -> Result<Timestamp, Fail> {
        let value = self.view().with(|scope| expr.eval(scope));
        let value = value.map_err(|error| failed(&error, place))?;
        value
            .as_str()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Fail {
                code: codes::STEP_ERROR,
                message: format!("`{}` is not an instant but {value}", expr.source()),
                place: place.to_owned(),
            })
    }
}

pub(super) fn failed(error: &EvalError, place: &str) -> Fail {
    Fail {
        code: codes::STEP_ERROR,
        message: error.to_string(),
        place: place.to_owned(),
    }
}

/// Computes a value; structures keep their shape and order.
pub(super) fn eval_value(value: &ValueExpr, scope: &Scope<'_>) -> Result<Value, EvalError> {
    Ok(match value {
        ValueExpr::Literal(literal) => literal.clone(),
        ValueExpr::Expr(expr) => expr.eval(scope)?,
        ValueExpr::Template(template) => eval_template(template, scope)?,
        ValueExpr::List(items) => Value::Array(
            items
                .iter()
                .map(|item| eval_value(item, scope))
                .collect::<Result<_, _>>()?,
        ),
        ValueExpr::Map(fields) => {
            let mut map = Map::with_capacity(fields.len());
            for (name, field) in fields {
                map.insert(name.clone(), eval_value(field, scope)?);
            }
            Value::Object(map)
        }
    })
}

/// A template that is one expression keeps that value's type; any other becomes text.
fn eval_template(template: &Template, scope: &Scope<'_>) -> Result<Value, EvalError> {
    if let [Part::Expr(expr)] = template.parts() {
        return expr.eval(scope);
    }
    let mut text = String::new();
    for part in template.parts() {
        match part {
            Part::Lit(literal) => text.push_str(literal),
            Part::Expr(expr) => text.push_str(&as_text(&expr.eval(scope)?)),
        }
    }
    Ok(Value::String(text))
}

/// How a value reads inside a text: strings as they are, anything else as JSON.
pub(super) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
