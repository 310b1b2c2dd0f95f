//! What is wrong with a value, said in plain words, at a JSON pointer.

use std::fmt;

use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use super::compile::Compiled;
use super::{Record, Type, parse_duration, parse_timestamp};
use crate::lookup;
use crate::source::nearest;

/// Violations reported for one object: enough to repair it, few enough to read.
const VIOLATIONS_MAX: usize = 50;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer of the value within the object; empty for the object itself.
    pub pointer: String,
    /// What is wrong, without the value itself: it may be sensitive.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.pointer, self.message)
        }
    }
}

/// Collects violations; keeps the path so that the good path builds no text.
#[derive(Default)]
pub(super) struct Violations<'a> {
    path: Vec<Step<'a>>,
    found: Vec<Violation>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Item(usize),
}

impl<'a> Violations<'a> {
    pub(super) fn into_vec(self) -> Vec<Violation> {
        self.found
    }

    fn at(&mut self, step: Step<'a>, check: impl FnOnce(&mut Self)) {
        self.path.push(step);
        check(self);
        self.path.pop();
    }

    fn add(&mut self, message: impl Into<String>) {
        self.add_below("", message);
    }

    fn add_below(&mut self, below: &str, message: impl Into<String>) {
        if self.found.len() >= VIOLATIONS_MAX {
            return;
        }
        let mut pointer = String::new();
        for step in &self.path {
            pointer.push('/');
            match step {
                Step::Field(name) => {
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                }
                Step::Item(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer.push_str(below);
        self.found.push(Violation {
            pointer,
            message: message.into(),
        });
    }
}

pub(super) fn record<'a>(
    record: &'a Record,
    object: &'a Map<String, Value>,
    out: &mut Violations<'a>,
) {
    for (name, compiled) in &record.fields {
        match lookup::field(object, name) {
            Some(value) => out.at(Step::Field(name), |out| field(compiled, value, out)),
            None if compiled.field.optional || compiled.field.default.is_some() => {}
            None => out.at(Step::Field(name), |out| out.add("required and missing")),
        }
    }
    if record.open {
        return;
    }
    for name in object.keys().filter(|name| record.get(name).is_none()) {
        let known = nearest(name, record.fields.keys().map(String::as_str));
        out.at(Step::Field(name), |out| match known {
            Some(known) => out.add(format!("unknown field; did you mean `{known}`?")),
            None => out.add("unknown field"),
        });
    }
}

pub(super) fn field<'a>(compiled: &'a Compiled, value: &'a Value, out: &mut Violations<'a>) {
    let before = out.found.len();
    value_of(&compiled.field.ty, value, out);
    // A value of the wrong type would only be reported a second time, in other words.
    if let Some(validator) = &compiled.validator
        && out.found.len() == before
    {
        for error in validator.iter_errors(value) {
            out.add_below(error.instance_path().as_str(), words(&error));
        }
    }
}

fn value_of<'a>(ty: &'a Type, value: &'a Value, out: &mut Violations<'a>) {
    let fits = match ty {
        Type::Any => true,
        Type::String => value.is_string(),
        Type::Number => value.is_number(),
        Type::Boolean => value.is_boolean(),
        Type::Integer => match value {
            Value::Number(number) => return integer(number, out),
            _ => false,
        },
        Type::Timestamp => match value {
            Value::String(text) => {
                if parse_timestamp(text).is_none() {
                    out.add("expected a timestamp such as 2026-11-25T09:30:00Z (RFC 3339)");
                }
                return;
            }
            _ => false,
        },
        Type::Duration => match value {
            Value::String(text) => {
                if parse_duration(text).is_none() {
                    out.add("expected a duration such as PT48H, P14D or 48h");
                }
                return;
            }
            _ => false,
        },
        Type::List(item) => match value {
            Value::Array(items) => {
                if let Some(item) = item {
                    for (index, value) in items.iter().enumerate() {
                        out.at(Step::Item(index), |out| value_of(item, value, out));
                    }
                }
                return;
            }
            _ => false,
        },
        Type::Object(fields) => match value {
            Value::Object(object) => {
                if let Some(fields) = fields {
                    record(fields, object, out);
                }
                return;
            }
            _ => false,
        },
    };
    if !fits {
        let hint = if value.is_null() {
            " (leave the field out instead)"
        } else {
            ""
        };
        out.add(format!("expected {}, got {}{hint}", ty.name(), kind(value)));
    }
}

fn integer(number: &serde_json::Number, out: &mut Violations<'_>) {
    if number.is_i64() {
        return;
    }
    match number.as_f64() {
        Some(double) if double.fract() != 0.0 => {
            out.add("expected integer, got a number with a fraction");
        }
        Some(double) if double.abs() < 9_007_199_254_740_992.0 => {}
        _ => out.add("expected integer, got a number beyond 64 bits"),
    }
}

/// The kind of a JSON value, in the words of the chart language.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// The schema crate's finding in our words. Never contains the value.
fn words(error: &jsonschema::ValidationError<'_>) -> String {
    use ValidationErrorKind as Kind;
    match error.kind() {
        Kind::Enum { options } => format!("expected one of {options}"),
        Kind::Constant { expected_value } => format!("expected {expected_value}"),
        Kind::Minimum { limit } => format!("expected at least {limit}"),
        Kind::Maximum { limit } => format!("expected at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("expected more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("expected less than {limit}"),
        Kind::MinLength { limit } => format!("expected at least {limit} characters"),
        Kind::MaxLength { limit } => format!("expected at most {limit} characters"),
        Kind::MinItems { limit } => format!("expected at least {limit} items"),
        Kind::MaxItems { limit } => format!("expected at most {limit} items"),
        Kind::UniqueItems => "expected items that differ from each other".to_owned(),
        Kind::Pattern { pattern } => format!("expected text that matches {pattern}"),
        Kind::Format { format } => format!("expected text in the format {format}"),
        Kind::Required { property } => format!("field {property} is required and missing"),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            format!("unknown field `{}`", unexpected.join("`, `"))
        }
        Kind::Type { .. } => format!("expected another type than {}", kind(error.instance())),
        _ => error.masked().to_string(),
    }
}
