//! Functions of numbers.

use super::super::error::Fault;
use super::super::functions::{self, Function};
use super::super::operators;
use super::super::value::Val;
use super::Eval;
use super::call::not_for;

pub(super) fn round<'a>(function: Function, value: &Val<'a>) -> Eval<'a> {
    match (function, value) {
        (Function::Abs, Val::Int(value)) => value
            .checked_abs()
            .map(Val::Int)
            .ok_or_else(|| Fault::overflow("the result does not fit 64 bits")),
        (Function::Abs, Val::Double(value)) => Ok(Val::Double(value.abs())),
        (Function::Abs, value) => Ok(value.clone()),
        (Function::Ceil, Val::Double(value)) => Ok(Val::Double(value.ceil())),
        (Function::Floor, Val::Double(value)) => Ok(Val::Double(value.floor())),
        (Function::Round, Val::Double(value)) => Ok(Val::Double(value.round())),
        (function, value) => Err(not_for(functions::name(function), value)),
    }
}

pub(super) fn extreme<'a>(function: Function, values: &[Val<'a>]) -> Eval<'a> {
    let mut best: Option<&Val<'a>> = None;
    for value in values {
        let Some(current) = best else {
            if operators::compare_numbers(value, &Val::Int(0)).is_none() {
                return Err(not_for(functions::name(function), value));
            }
            best = Some(value);
            continue;
        };
        let ordering = operators::compare_numbers(value, current)
            .ok_or_else(|| not_for(functions::name(function), value))?;
        let is_better = if function == Function::Greatest {
            ordering.is_some_and(std::cmp::Ordering::is_gt)
        } else {
            ordering.is_some_and(std::cmp::Ordering::is_lt)
        };
        if is_better {
            best = Some(value);
        }
    }
    best.cloned()
        .ok_or_else(|| Fault::missing("the list is empty; test size() first"))
}

pub(super) fn is_zero(value: &Val<'_>) -> bool {
    match value {
        Val::Null => true,
        Val::Bool(value) => !value,
        Val::Int(value) => *value == 0,
        Val::Uint(value) => *value == 0,
        Val::Double(value) => *value == 0.0,
        Val::Text(text) => text.as_str().is_empty(),
        Val::Duration(value) => value.is_zero(),
        Val::List(list) => list.len() == 0,
        Val::Map(map) => map.len() == 0,
        Val::Optional(value) => value.is_none(),
        Val::Timestamp(_) | Val::Type(_) => false,
    }
}
