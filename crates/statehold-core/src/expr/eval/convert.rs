//! Conversions: `int(x)`, `timestamp(x)` and their like.

use super::super::budget::Budget;
use super::super::error::Fault;
use super::super::time;
use super::super::value::{Text, Val};
use super::Eval;
use super::call::not_for;
use crate::schema::{parse_duration, parse_timestamp};

pub(super) fn to_int<'a>(value: &Val<'a>) -> Eval<'a> {
    let too_large = || Fault::overflow("the number does not fit 64 bits with sign");
    match value {
        Val::Int(value) => Ok(Val::Int(*value)),
        Val::Uint(value) => i64::try_from(*value).map(Val::Int).map_err(|_| too_large()),
        // The bounds themselves are refused: a double near them stands for several whole numbers.
        Val::Double(value) if value.abs() < 9_223_372_036_854_775_808.0 => {
            Ok(Val::Int(*value as i64))
        }
        Val::Double(_) => Err(too_large()),
        Val::Text(text) => text
            .as_str()
            .parse()
            .map(Val::Int)
            .map_err(|_| Fault::other("the text is not a whole number")),
        Val::Timestamp(value) => Ok(Val::Int(value.as_second())),
        other => Err(not_for("int", other)),
    }
}

pub(super) fn to_uint<'a>(value: &Val<'a>) -> Eval<'a> {
    let out_of_range = || Fault::overflow("the number does not fit 64 bits without sign");
    match value {
        Val::Uint(value) => Ok(Val::Uint(*value)),
        Val::Int(value) => u64::try_from(*value)
            .map(Val::Uint)
            .map_err(|_| out_of_range()),
        Val::Double(value) if *value > -1.0 && *value < 18_446_744_073_709_551_616.0 => {
            Ok(Val::Uint(*value as u64))
        }
        Val::Double(_) => Err(out_of_range()),
        Val::Text(text) => text
            .as_str()
            .parse()
            .map(Val::Uint)
            .map_err(|_| Fault::other("the text is not a whole number without sign")),
        other => Err(not_for("uint", other)),
    }
}

pub(super) fn to_double<'a>(value: &Val<'a>) -> Eval<'a> {
    match value {
        Val::Double(value) => Ok(Val::Double(*value)),
        Val::Int(value) => Ok(Val::Double(*value as f64)),
        Val::Uint(value) => Ok(Val::Double(*value as f64)),
        Val::Text(text) => text
            .as_str()
            .parse()
            .map(Val::Double)
            .map_err(|_| Fault::other("the text is not a number")),
        other => Err(not_for("double", other)),
    }
}

pub(super) fn to_text<'a>(value: Val<'a>, budget: &mut Budget) -> Eval<'a> {
    let text = match value {
        Val::Text(text) => return Ok(Val::Text(text)),
        Val::Bool(value) => value.to_string(),
        Val::Int(value) => value.to_string(),
        Val::Uint(value) => value.to_string(),
        Val::Double(value) => value.to_string(),
        Val::Timestamp(value) => value.to_string(),
        Val::Duration(value) => time::duration_seconds_text(value),
        other => return Err(not_for("string", &other)),
    };
    budget.text(text.len())?;
    Ok(Val::Text(Text::Built(text.into())))
}

pub(super) fn to_bool(value: Val<'_>) -> Eval<'_> {
    match value {
        Val::Bool(value) => Ok(Val::Bool(value)),
        Val::Text(text) => match text.as_str() {
            "true" | "True" | "TRUE" | "t" | "1" => Ok(Val::Bool(true)),
            "false" | "False" | "FALSE" | "f" | "0" => Ok(Val::Bool(false)),
            _ => Err(Fault::other("the text is neither true nor false")),
        },
        other => Err(not_for("bool", &other)),
    }
}

pub(super) fn to_timestamp(value: Val<'_>) -> Eval<'_> {
    match value {
        Val::Timestamp(value) => Ok(Val::Timestamp(value)),
        Val::Text(text) => parse_timestamp(text.as_str()).map_or_else(
            || {
                Err(Fault::other(
                    "the text is not a timestamp such as 2026-11-25T09:30:00Z",
                ))
            },
            |value| time::timestamp(Ok(value)),
        ),
        Val::Int(seconds) => time::timestamp(jiff::Timestamp::from_second(seconds)),
        other => Err(not_for("timestamp", &other)),
    }
}

pub(super) fn to_duration(value: Val<'_>) -> Eval<'_> {
    match value {
        Val::Duration(value) => Ok(Val::Duration(value)),
        Val::Text(text) => match parse_duration(text.as_str()) {
            Some(value) => time::duration(Some(value)),
            None => Err(Fault::other(
                "the text is not a duration such as 48h or P14D",
            )),
        },
        other => Err(not_for("duration", &other)),
    }
}
