//! Which function does what with which values; what it does is in the module of its kind.

use super::super::ast::Node;
use super::super::budget::Budget;
use super::super::error::Fault;
use super::super::functions::{self, Function};
use super::super::time;
use super::super::value::{List, Val};
use super::{Eval, Evaluator, convert, lists, numbers, text};

/// Seconds of a day; a day of the calendar can differ, a duration cannot.
const DAY_SECONDS: i64 = 86_400;

impl<'a> Evaluator<'a> {
    pub(super) fn call(&mut self, function: Function, args: &'a [Node]) -> Eval<'a> {
        match args {
            [] => Ok(Val::Optional(None)),
            [first] => {
                let first = self.node(first)?;
                self.one(function, first)
            }
            [first, second] => {
                let first = self.node(first)?;
                let second = self.node(second)?;
                self.two(function, first, second)
            }
            args => {
                let args: Result<Vec<_>, Fault> = args.iter().map(|arg| self.node(arg)).collect();
                self.many(function, &args?)
            }
        }
    }

    fn one(&mut self, function: Function, value: Val<'a>) -> Eval<'a> {
        match (function, value) {
            (Function::Size, value) => size(&value, &mut self.budget),
            (Function::ToInt, value) => convert::to_int(&value),
            (Function::ToUint, value) => convert::to_uint(&value),
            (Function::ToDouble, value) => convert::to_double(&value),
            (Function::ToText, value) => convert::to_text(value, &mut self.budget),
            (Function::ToBool, value) => convert::to_bool(value),
            (Function::ToTimestamp, value) => convert::to_timestamp(value),
            (Function::ToDuration, value) => convert::to_duration(value),
            (Function::TypeOf, value) => Ok(Val::Type(value.type_name())),
            (Function::Dyn, value) => Ok(value),
            (Function::InState, Val::Text(path)) => {
                self.budget.read(path.as_str().len())?;
                Ok(Val::Bool((self.scope.in_state)(path.as_str())))
            }
            (Function::HasRole, Val::Text(role)) => Ok(Val::Bool(self.has_role(role.as_str())?)),
            (Function::Days, Val::Int(count)) => time::seconds_times(count, DAY_SECONDS),
            (Function::Hours, Val::Int(count)) => time::seconds_times(count, 3600),
            (Function::Minutes, Val::Int(count)) => time::seconds_times(count, 60),
            (Function::Seconds, Val::Int(count)) => time::seconds_times(count, 1),
            (Function::Sum, Val::List(list)) => lists::sum(&list, &mut self.budget),
            (Function::Join, Val::List(list)) => lists::join(&list, "", &mut self.budget),
            (Function::LowerAscii, Val::Text(text)) => {
                self.built(text.as_str().len(), || text.as_str().to_ascii_lowercase())
            }
            (Function::UpperAscii, Val::Text(text)) => {
                self.built(text.as_str().len(), || text.as_str().to_ascii_uppercase())
            }
            (Function::Trim, Val::Text(text)) => {
                self.built(text.as_str().len(), || text.as_str().trim().to_owned())
            }
            (Function::Reverse, Val::Text(text)) => self.built(text.as_str().len(), || {
                text.as_str().chars().rev().collect()
            }),
            (Function::Reverse, Val::List(list)) => {
                let mut items = self.items(&list)?;
                items.reverse();
                Ok(Val::List(List::built(items)))
            }
            (Function::Distinct, Val::List(list)) => self.distinct(&list),
            (Function::Flatten, Val::List(list)) => self.flatten(&list),
            (Function::Sort, Val::List(list)) => self.sort(&list),
            (
                Function::Abs | Function::Ceil | Function::Floor | Function::Round,
                value @ (Val::Int(_) | Val::Uint(_) | Val::Double(_)),
            ) => numbers::round(function, &value),
            (Function::Greatest | Function::Least, Val::List(list)) => {
                let items = self.items(&list)?;
                numbers::extreme(function, &items)
            }
            (Function::Greatest | Function::Least, value) => numbers::extreme(function, &[value]),
            (Function::OptionalOf, value) => Ok(Val::optional(Some(value))),
            (Function::OptionalOfNonZero, value) => {
                Ok(Val::optional((!numbers::is_zero(&value)).then_some(value)))
            }
            (Function::HasValue, Val::Optional(value)) => Ok(Val::Bool(value.is_some())),
            (Function::Value, Val::Optional(value)) => value
                .map(|value| value.as_ref().clone())
                .ok_or_else(|| Fault::missing("the optional is empty; use orValue(...)")),
            (Function::Time(part), value) => time::part(part, &value, None),
            (function, value) => Err(not_for(functions::name(function), &value)),
        }
    }

    fn two(&mut self, function: Function, first: Val<'a>, second: Val<'a>) -> Eval<'a> {
        match (function, first, second) {
            (Function::Contains, Val::Text(text), Val::Text(part)) => {
                self.budget.read(text.as_str().len())?;
                Ok(Val::Bool(text.as_str().contains(part.as_str())))
            }
            (Function::StartsWith, Val::Text(text), Val::Text(part)) => {
                self.budget.read(part.as_str().len())?;
                Ok(Val::Bool(text.as_str().starts_with(part.as_str())))
            }
            (Function::EndsWith, Val::Text(text), Val::Text(part)) => {
                self.budget.read(part.as_str().len())?;
                Ok(Val::Bool(text.as_str().ends_with(part.as_str())))
            }
            (Function::CharAt, Val::Text(text), Val::Int(index)) => {
                let length = text::char_length(text.as_str(), &mut self.budget)?;
                self.substring(text.as_str(), index, index.saturating_add(1).min(length))
            }
            (Function::IndexOf | Function::LastIndexOf, Val::Text(text), Val::Text(part)) => {
                self.index_of(function, text.as_str(), part.as_str(), None)
            }
            (Function::Join, Val::List(list), Val::Text(separator)) => {
                lists::join(&list, separator.as_str(), &mut self.budget)
            }
            (Function::Split, Val::Text(text), Val::Text(separator)) => {
                self.split(&text, separator.as_str(), -1)
            }
            (Function::Substring, Val::Text(text), Val::Int(from)) => {
                let length = text::char_length(text.as_str(), &mut self.budget)?;
                self.substring(text.as_str(), from, length)
            }
            (Function::Greatest | Function::Least, first, second) => {
                numbers::extreme(function, &[first, second])
            }
            (Function::Or, Val::Optional(first), second @ Val::Optional(_)) => Ok(match first {
                Some(value) => Val::Optional(Some(value)),
                None => second,
            }),
            (Function::OrValue, Val::Optional(first), second) => Ok(match first {
                Some(value) => value.as_ref().clone(),
                None => second,
            }),
            (Function::Time(part), value, Val::Text(zone)) => {
                time::part(part, &value, Some(zone.as_str()))
            }
            (function, first, second) => Err(not_for_these(function, &[first, second])),
        }
    }

    fn many(&mut self, function: Function, args: &[Val<'a>]) -> Eval<'a> {
        match (function, args) {
            (Function::Greatest | Function::Least, args) => numbers::extreme(function, args),
            (Function::Substring, [Val::Text(text), Val::Int(from), Val::Int(to)]) => {
                self.substring(text.as_str(), *from, *to)
            }
            (
                Function::IndexOf | Function::LastIndexOf,
                [Val::Text(text), Val::Text(part), Val::Int(from)],
            ) => self.index_of(function, text.as_str(), part.as_str(), Some(*from)),
            (Function::Split, [Val::Text(text), Val::Text(separator), Val::Int(limit)]) => {
                self.split(text, separator.as_str(), *limit)
            }
            (Function::Replace, [Val::Text(text), Val::Text(from), Val::Text(to)]) => {
                self.replace(text.as_str(), from.as_str(), to.as_str(), -1)
            }
            (
                Function::Replace,
                [
                    Val::Text(text),
                    Val::Text(from),
                    Val::Text(to),
                    Val::Int(limit),
                ],
            ) => self.replace(text.as_str(), from.as_str(), to.as_str(), *limit),
            (Function::Slice, [Val::List(list), Val::Int(from), Val::Int(to)]) => {
                self.slice(list, *from, *to)
            }
            (function, args) => Err(not_for_these(function, args)),
        }
    }

    fn has_role(&mut self, role: &str) -> Result<bool, Fault> {
        let Some(actor) = &self.scope.actor else {
            return Ok(false);
        };
        self.budget.tick(actor.roles.len())?;
        Ok(actor.roles.iter().any(|held| held == role))
    }
}

/// A function and a value that do not go together.
pub(super) fn not_for(function: &str, value: &Val<'_>) -> Fault {
    let hint = match value {
        Val::Null => "; test for null first",
        Val::Optional(_) => "; take its value with orValue(...)",
        _ => "",
    };
    Fault::wrong_type(format!(
        "`{function}` does not work on {}{hint}",
        value.type_name()
    ))
}

fn not_for_these(function: Function, args: &[Val<'_>]) -> Fault {
    let types: Vec<_> = args.iter().map(Val::type_name).collect();
    Fault::wrong_type(format!(
        "`{}` does not work on {}",
        functions::name(function),
        types.join(", ")
    ))
}

fn size<'a>(value: &Val<'a>, budget: &mut Budget) -> Eval<'a> {
    let length = match value {
        Val::Text(text) => return text::char_length(text.as_str(), budget).map(Val::Int),
        Val::List(list) => list.len(),
        Val::Map(map) => map.len(),
        other => return Err(not_for("size", other)),
    };
    Ok(Val::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

pub(super) fn range(from: i64, to: i64, length: usize) -> Result<std::ops::Range<usize>, Fault> {
    match (usize::try_from(from), usize::try_from(to)) {
        (Ok(from), Ok(to)) if from <= to && to <= length => Ok(from..to),
        _ => Err(Fault::missing("the position is outside; test size() first")),
    }
}
