//! Functions of lists.

use jiff::SignedDuration;

use super::super::ast::Binary;
use super::super::budget::Budget;
use super::super::error::Fault;
use super::super::value::{List, Text, Val};
use super::super::{ITEMS_MAX, TEXT_BYTES_MAX, operators};
use super::call::{not_for, range};
use super::{Eval, Evaluator};
use crate::schema::Type;

impl<'a> Evaluator<'a> {
    /// The elements of a list, paid for.
    pub(super) fn items(&mut self, list: &List<'a>) -> Result<Vec<Val<'a>>, Fault> {
        self.budget.items(list.len())?;
        list.iter().collect()
    }

    pub(super) fn distinct(&mut self, list: &List<'a>) -> Eval<'a> {
        let mut kept: Vec<Val<'a>> = Vec::new();
        for value in self.items(list)? {
            let mut is_new = true;
            for known in &kept {
                if operators::equal(known, &value, &mut self.budget)? {
                    is_new = false;
                    break;
                }
            }
            if is_new {
                kept.push(value);
            }
        }
        Ok(Val::List(List::built(kept)))
    }

    pub(super) fn flatten(&mut self, list: &List<'a>) -> Eval<'a> {
        let mut flat = Vec::new();
        for value in self.items(list)? {
            match value {
                Val::List(inner) => flat.extend(self.items(&inner)?),
                other => {
                    self.budget.items(1)?;
                    flat.push(other);
                }
            }
        }
        if flat.len() > ITEMS_MAX {
            self.budget.items(flat.len())?;
        }
        Ok(Val::List(List::built(flat)))
    }

    pub(super) fn sort(&mut self, list: &List<'a>) -> Eval<'a> {
        let mut items = self.items(list)?;
        let comparisons = items.len() * (1 + items.len().checked_ilog2().unwrap_or(0) as usize);
        self.budget.tick(comparisons)?;
        for item in &items {
            if let Val::Text(text) = item {
                self.budget.read(text.as_str().len())?;
            }
        }
        let first = items.first().cloned();
        let comparable = first.is_none_or(|first| {
            items
                .iter()
                .all(|item| operators::order(&first, item).is_some())
        });
        if !comparable {
            return Err(Fault::wrong_type(
                "sort() needs elements that compare with each other",
            ));
        }
        items.sort_by(|left, right| {
            operators::order(left, right).unwrap_or(std::cmp::Ordering::Equal)
        });
        Ok(Val::List(List::built(items)))
    }

    pub(super) fn slice(&mut self, list: &List<'a>, from: i64, to: i64) -> Eval<'a> {
        let range = range(from, to, list.len())?;
        self.budget.items(range.len())?;
        let mut items = Vec::with_capacity(range.len());
        for index in range {
            items.extend(list.get(index)?);
        }
        Ok(Val::List(List::built(items)))
    }
}

/// Whole numbers add exactly; one double makes the sum a double; durations add to a duration. The sum of no elements
/// is what the declared type says, else the int 0.
pub(super) fn sum<'a>(list: &List<'a>, budget: &mut Budget) -> Eval<'a> {
    let mut total = match list {
        List::Json(_, Some(Type::Number)) => Val::Double(0.0),
        List::Json(_, Some(Type::Duration)) => Val::Duration(SignedDuration::ZERO),
        _ => Val::Int(0),
    };
    for (index, value) in list.iter().enumerate() {
        budget.tick(1)?;
        let value = value?;
        total = match (&total, &value) {
            (_, Val::Int(_) | Val::Uint(_) | Val::Double(_) | Val::Duration(_)) if index == 0 => {
                value
            }
            (Val::Double(left), Val::Int(right)) => Val::Double(left + *right as f64),
            (Val::Int(left), Val::Double(right)) => Val::Double(*left as f64 + right),
            (_, Val::Int(_) | Val::Uint(_) | Val::Double(_) | Val::Duration(_)) => {
                operators::arithmetic(Binary::Add, &total, &value, budget)?
            }
            (_, other) => return Err(not_for("sum", other)),
        };
    }
    Ok(total)
}

pub(super) fn join<'a>(list: &List<'a>, separator: &str, budget: &mut Budget) -> Eval<'a> {
    budget.tick(list.len())?;
    let mut joined = String::new();
    for (index, value) in list.iter().enumerate() {
        let value = value?;
        let Val::Text(text) = &value else {
            return Err(not_for("join", &value));
        };
        let separator = if index == 0 { "" } else { separator };
        let bytes = joined.len() + separator.len() + text.as_str().len();
        if bytes > TEXT_BYTES_MAX {
            budget.text(bytes)?;
        }
        joined.push_str(separator);
        joined.push_str(text.as_str());
    }
    budget.text(joined.len())?;
    Ok(Val::Text(Text::Built(joined.into())))
}
