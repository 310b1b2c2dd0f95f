//! What the operators do: comparison across number types, arithmetic that does not wrap.
//!
//! Numbers compare across types but do not mix in arithmetic: `1 == 1.0`, and `1 + 1.0` is an error.

use std::cmp::Ordering;

use super::ast::Binary;
use super::budget::Budget;
use super::error::Fault;
use super::time;
use super::value::{List, Map, Text, Val};

/// `==`. Values of different types are never equal, but for numbers.
pub(super) fn equal<'a>(
    left: &Val<'a>,
    right: &Val<'a>,
    budget: &mut Budget,
) -> Result<bool, Fault> {
    budget.tick(1)?;
    Ok(match (left, right) {
        (Val::Null, Val::Null) => true,
        (Val::Bool(left), Val::Bool(right)) => left == right,
        (Val::Text(left), Val::Text(right)) => {
            let (left, right) = (left.as_str(), right.as_str());
            if left.len() != right.len() {
                return Ok(false);
            }
            budget.read(left.len())?;
            left == right
        }
        (Val::Timestamp(left), Val::Timestamp(right)) => left == right,
        (Val::Duration(left), Val::Duration(right)) => left == right,
        (Val::Type(left), Val::Type(right)) => left == right,
        (Val::List(left), Val::List(right)) => equal_lists(left, right, budget)?,
        (Val::Map(left), Val::Map(right)) => equal_maps(left, right, budget)?,
        (Val::Optional(left), Val::Optional(right)) => match (left, right) {
            (None, None) => true,
            (Some(left), Some(right)) => equal(left, right, budget)?,
            _ => false,
        },
        _ => compare_numbers(left, right) == Some(Some(Ordering::Equal)),
    })
}

fn equal_lists<'a>(left: &List<'a>, right: &List<'a>, budget: &mut Budget) -> Result<bool, Fault> {
    if left.len() != right.len() {
        return Ok(false);
    }
    for (left, right) in left.iter().zip(right.iter()) {
        if !equal(&left?, &right?, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn equal_maps<'a>(left: &Map<'a>, right: &Map<'a>, budget: &mut Budget) -> Result<bool, Fault> {
    if left.len() != right.len() {
        return Ok(false);
    }
    budget.walk(left)?;
    for key in left.keys() {
        let (Some(left), Some(right)) = (left.get(&key)?, right.get(&key)?) else {
            return Ok(false);
        };
        if !equal(&left, &right, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `<` and its like.
pub(super) fn compare<'a>(
    operator: Binary,
    left: &Val<'a>,
    right: &Val<'a>,
    budget: &mut Budget,
) -> Result<bool, Fault> {
    let ordering = match (left, right) {
        (Val::Text(left), Val::Text(right)) => {
            budget.read(left.as_str().len().min(right.as_str().len()))?;
            Some(left.cmp(right))
        }
        (Val::Bool(left), Val::Bool(right)) => Some(left.cmp(right)),
        (Val::Timestamp(left), Val::Timestamp(right)) => Some(left.cmp(right)),
        (Val::Duration(left), Val::Duration(right)) => Some(left.cmp(right)),
        _ => compare_numbers(left, right).ok_or_else(|| mismatch(operator, left, right))?,
    };
    let Some(ordering) = ordering else {
        // False would send an order down the other branch for a quotient of zeros.
        return Err(Fault::wrong_type("NaN has no order"));
    };
    Ok(match operator {
        Binary::Less => ordering.is_lt(),
        Binary::LessEqual => ordering.is_le(),
        Binary::Greater => ordering.is_gt(),
        _ => ordering.is_ge(),
    })
}

/// The order of two numbers by value; the outer none if they are not numbers, the inner if they have no order.
pub(super) fn compare_numbers(left: &Val<'_>, right: &Val<'_>) -> Option<Option<Ordering>> {
    Some(match (left, right) {
        (Val::Int(left), Val::Int(right)) => Some(left.cmp(right)),
        (Val::Double(left), Val::Double(right)) => left.partial_cmp(right),
        (Val::Double(left), right) => compare_whole(whole(right)?, *left).map(Ordering::reverse),
        (left, Val::Double(right)) => compare_whole(whole(left)?, *right),
        (left, right) => Some(whole(left)?.cmp(&whole(right)?)),
    })
}

fn whole(value: &Val<'_>) -> Option<i128> {
    match value {
        Val::Int(value) => Some((*value).into()),
        Val::Uint(value) => Some((*value).into()),
        _ => None,
    }
}

/// Exact: a double is not rounded to an int nor an int to a double.
fn compare_whole(whole: i128, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    // The cast saturates, far outside what a 64-bit number can be.
    let floor = double.floor() as i128;
    let ordering = whole.cmp(&floor);
    if ordering.is_eq() && double.fract() != 0.0 {
        return Some(Ordering::Less);
    }
    Some(ordering)
}

/// The order of two elements of a list to be sorted.
pub(super) fn order<'a>(left: &Val<'a>, right: &Val<'a>) -> Option<Ordering> {
    match (left, right) {
        (Val::Text(left), Val::Text(right)) => Some(left.cmp(right)),
        (Val::Bool(left), Val::Bool(right)) => Some(left.cmp(right)),
        (Val::Timestamp(left), Val::Timestamp(right)) => Some(left.cmp(right)),
        (Val::Duration(left), Val::Duration(right)) => Some(left.cmp(right)),
        _ => compare_numbers(left, right).flatten(),
    }
}

/// `+ - * / %`.
pub(super) fn arithmetic<'a>(
    operator: Binary,
    left: &Val<'a>,
    right: &Val<'a>,
    budget: &mut Budget,
) -> Result<Val<'a>, Fault> {
    match (left, right) {
        (Val::Int(left), Val::Int(right)) => ints(operator, *left, *right),
        (Val::Double(left), Val::Double(right)) => doubles(operator, *left, *right)
            .ok_or_else(|| Fault::wrong_type("`%` is for whole numbers only")),
        (Val::Uint(left), Val::Uint(right)) => uints(operator, *left, *right),
        _ => match operator {
            Binary::Add => add(left, right, budget),
            Binary::Subtract => subtract(left, right),
            _ => Err(mismatch(operator, left, right)),
        },
    }
}

fn ints<'a>(operator: Binary, left: i64, right: i64) -> Result<Val<'a>, Fault> {
    let result = match operator {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        Binary::Divide if right != 0 => left.checked_div(right),
        Binary::Modulo if right != 0 => left.checked_rem(right),
        _ => return Err(Fault::overflow("division by zero")),
    };
    result.map(Val::Int).ok_or_else(|| out_of_range(operator))
}

fn uints<'a>(operator: Binary, left: u64, right: u64) -> Result<Val<'a>, Fault> {
    let result = match operator {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        Binary::Divide if right != 0 => left.checked_div(right),
        Binary::Modulo if right != 0 => left.checked_rem(right),
        _ => return Err(Fault::overflow("division by zero")),
    };
    result.map(Val::Uint).ok_or_else(|| out_of_range(operator))
}

fn doubles<'a>(operator: Binary, left: f64, right: f64) -> Option<Val<'a>> {
    Some(Val::Double(match operator {
        Binary::Add => left + right,
        Binary::Subtract => left - right,
        Binary::Multiply => left * right,
        Binary::Divide => left / right,
        _ => return None,
    }))
}

fn add<'a>(left: &Val<'a>, right: &Val<'a>, budget: &mut Budget) -> Result<Val<'a>, Fault> {
    match (left, right) {
        (Val::Text(left), Val::Text(right)) => {
            let (left, right) = (left.as_str(), right.as_str());
            budget.text(left.len() + right.len())?;
            Ok(Val::Text(Text::Built([left, right].concat().into())))
        }
        (Val::List(left), Val::List(right)) => {
            budget.items(left.len() + right.len())?;
            let items: Result<Vec<_>, Fault> = left.iter().chain(right.iter()).collect();
            Ok(Val::List(List::built(items?)))
        }
        (Val::Timestamp(at), Val::Duration(by)) | (Val::Duration(by), Val::Timestamp(at)) => {
            time::timestamp(at.checked_add(*by))
        }
        (Val::Duration(left), Val::Duration(right)) => time::duration(left.checked_add(*right)),
        _ => Err(mismatch(Binary::Add, left, right)),
    }
}

fn subtract<'a>(left: &Val<'a>, right: &Val<'a>) -> Result<Val<'a>, Fault> {
    match (left, right) {
        (Val::Timestamp(left), Val::Timestamp(right)) => {
            time::duration(Some(left.duration_since(*right)))
        }
        (Val::Timestamp(at), Val::Duration(by)) => time::timestamp(at.checked_sub(*by)),
        (Val::Duration(left), Val::Duration(right)) => time::duration(left.checked_sub(*right)),
        _ => Err(mismatch(Binary::Subtract, left, right)),
    }
}

fn out_of_range(operator: Binary) -> Fault {
    Fault::overflow(format!(
        "the result of `{}` does not fit 64 bits",
        operator.symbol()
    ))
}

pub(super) fn mismatch(operator: Binary, left: &Val<'_>, right: &Val<'_>) -> Fault {
    let (left, right) = (left.type_name(), right.type_name());
    let hint = match (left, right) {
        ("int", "double") | ("double", "int") => {
            "; whole and fractional numbers do not mix: write 1.0 instead of 1, or double(x)"
        }
        ("null", _) | (_, "null") => "; test for null first",
        ("optional", _) | (_, "optional") => "; take its value with orValue(...)",
        ("timestamp" | "duration", "string") | ("string", "timestamp" | "duration") => {
            "; timestamp(x) and duration(x) read text"
        }
        _ => "",
    };
    Fault::wrong_type(format!(
        "`{}` does not work on {left} and {right}{hint}",
        operator.symbol()
    ))
}
