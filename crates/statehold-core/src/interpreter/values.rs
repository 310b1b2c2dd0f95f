//! Values that actions compute.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::run::{Fail, Run};
use crate::codes;
use crate::expr::{EvalError, Expr, Part, Scope, Template};
use crate::machine::ValueExpr;

impl Run<'_> {
    pub(super) fn eval_value(&self, value: &ValueExpr, place: &str) -> Result<Value, Fail> {
        self.view()
            .with(|scope| eval_value(value, scope))
            .map_err(|error| failed(&error, place))
    }

    pub(super) fn eval_text(&self, value: &ValueExpr, place: &str) -> Result<String, Fail> {
        match self.eval_value(value, place)? {
            Value::String(text) => Ok(text),
            other => Err(unfit(
                format!("a text is expected here, not {}", kind_of(&other)),
                place,
            )),
        }
    }

    pub(super) fn eval_instant(&self, expr: &Expr, place: &str) -> Result<Timestamp, Fail> {
        let value = self.view().with(|scope| expr.eval(scope));
        let value = value.map_err(|error| failed(&error, place))?;
        let instant = value.as_str().and_then(|text| text.parse().ok());
        instant.ok_or_else(|| unfit(format!("`{}` is not an instant", expr.source()), place))
    }
}

/// An error of the step that names its place. Names kinds, never values: they may be sensitive.
pub(super) fn unfit(message: impl Into<String>, place: &str) -> Fail {
    Fail {
        code: codes::STEP_ERROR,
        message: message.into(),
        place: place.to_owned(),
        event: None,
    }
}

pub(super) fn failed(error: &EvalError, place: &str) -> Fail {
    unfit(error.to_string(), place)
}

pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
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
