//! What the functions do.

use jiff::SignedDuration;

use super::super::ast::{Binary, Node};
use super::super::error::Fault;
use super::super::functions::{self, Function};
use super::super::value::{List, Text, Val};
use super::super::{operators, time};
use super::{Budget, Eval, Evaluator};
use crate::schema::{Type, parse_duration, parse_timestamp};

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
            (Function::ToInt, value) => to_int(&value),
            (Function::ToUint, value) => to_uint(&value),
            (Function::ToDouble, value) => to_double(&value),
            (Function::ToText, value) => to_text(value, &mut self.budget),
            (Function::ToBool, value) => to_bool(value),
            (Function::ToTimestamp, value) => to_timestamp(value),
            (Function::ToDuration, value) => to_duration(value),
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
            (Function::Sum, Val::List(list)) => sum(&list, &mut self.budget),
            (Function::Join, Val::List(list)) => join(&list, "", &mut self.budget),
            (Function::LowerAscii, Val::Text(text)) => {
                self.built(text.as_str().len(), || text.as_str().to_ascii_lowercase())
            }
            (Function::UpperAscii, Val::Text(text)) => {
                self.built(text.as_str().len(), || text.as_str().to_ascii_uppercase())
            }
            (Function::Trim, Val::Text(text)) => {
                self.built(text.as_str().len(), || text.as_str().trim().to_owned())
            }
            (Function::Reverse, Val::Text(text)) => {
                self.built(text.as_str().len(), || text.as_str().chars().rev().collect())
            }
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
            ) => round(function, &value),
            (Function::Greatest | Function::Least, Val::List(list)) => {
                let items = self.items(&list)?;
                extreme(function, &items)
            }
            (Function::Greatest | Function::Least, value) => extreme(function, &[value]),
            (Function::OptionalOf, value) => Ok(Val::optional(Some(value))),
            (Function::OptionalOfNonZero, value) => {
                Ok(Val::optional((!is_zero(&value)).then_some(value)))
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
                let length = char_length(text.as_str(), &mut self.budget)?;
                self.substring(text.as_str(), index, index.saturating_add(1).min(length))
            }
            (Function::IndexOf | Function::LastIndexOf, Val::Text(text), Val::Text(part)) => {
                self.index_of(function, text.as_str(), part.as_str(), None)
            }
            (Function::Join, Val::List(list), Val::Text(separator)) => {
                join(&list, separator.as_str(), &mut self.budget)
            }
            (Function::Split, Val::Text(text), Val::Text(separator)) => {
                self.split(&text, separator.as_str(), -1)
            }
            (Function::Substring, Val::Text(text), Val::Int(from)) => {
                let length = char_length(text.as_str(), &mut self.budget)?;
                self.substring(text.as_str(), from, length)
            }
            (Function::Greatest | Function::Least, first, second) => {
                extreme(function, &[first, second])
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
            (Function::Greatest | Function::Least, args) => extreme(function, args),
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
                [Val::Text(text), Val::Text(from), Val::Text(to), Val::Int(limit)],
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

    fn built(&mut self, bytes: usize, build: impl FnOnce() -> String) -> Eval<'a> {
        self.budget.text(bytes)?;
        Ok(Val::Text(Text::Built(build().into())))
    }

    /// The elements of a list, paid for.
    fn items(&mut self, list: &List<'a>) -> Result<Vec<Val<'a>>, Fault> {
        self.budget.items(list.len())?;
        list.iter().collect()
    }

    fn distinct(&mut self, list: &List<'a>) -> Eval<'a> {
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

    fn flatten(&mut self, list: &List<'a>) -> Eval<'a> {
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
        if flat.len() > super::ITEMS_MAX {
            self.budget.items(flat.len())?;
        }
        Ok(Val::List(List::built(flat)))
    }

    fn sort(&mut self, list: &List<'a>) -> Eval<'a> {
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

    fn slice(&mut self, list: &List<'a>, from: i64, to: i64) -> Eval<'a> {
        let range = range(from, to, list.len())?;
        self.budget.items(range.len())?;
        let mut items = Vec::with_capacity(range.len());
        for index in range {
            items.extend(list.get(index)?);
        }
        Ok(Val::List(List::built(items)))
    }

    /// The characters from `from` up to `to`.
    fn substring(&mut self, text: &str, from: i64, to: i64) -> Eval<'a> {
        let length = char_length(text, &mut self.budget)?;
        let range = range(from, to, usize::try_from(length).unwrap_or(usize::MAX))?;
        let count = range.len();
        let rest = skip_chars(text, range.start);
        let part = &rest[..rest.len() - skip_chars(rest, count).len()];
        self.built(part.len(), || part.to_owned())
    }

    /// Position in characters of a part, searching from `from`; -1 if it is not there.
    fn index_of(
        &mut self,
        function: Function,
        text: &str,
        part: &str,
        from: Option<i64>,
    ) -> Eval<'a> {
        let length = char_length(text, &mut self.budget)?;
        self.budget.read(text.len())?;
        let from = match from {
            None if function == Function::IndexOf => 0,
            None => length,
            Some(from) => from,
        };
        let from = range(from, length, usize::try_from(length).unwrap_or(usize::MAX))?.start;
        let start = text.len() - skip_chars(text, from).len();
        let found = if function == Function::IndexOf {
            text[start..].find(part).map(|byte| start + byte)
        } else {
            // The part may begin at `from` and end after it.
            let tail = skip_chars(&text[start..], part.chars().count());
            text[..text.len() - tail.len()].rfind(part)
        };
        let index = found.map_or(-1, |byte| {
            i64::try_from(text[..byte].chars().count()).unwrap_or(i64::MAX)
        });
        Ok(Val::Int(index))
    }

    fn split(&mut self, text: &Text<'a>, separator: &str, limit: i64) -> Eval<'a> {
        let text = text.as_str();
        self.budget.read(text.len())?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let parts: Vec<&str> = match limit {
            0 => Vec::new(),
            // One part more than is allowed is enough to know that there are too many.
            limit => {
                let limit = limit.min(super::ITEMS_MAX + 1);
                if separator.is_empty() {
                    split_chars(text, limit)
                } else {
                    text.splitn(limit, separator).collect()
                }
            }
        };
        self.budget.items(parts.len())?;
        self.budget.allocate(text.len())?;
        let parts = parts
            .into_iter()
            .map(|part| Val::Text(Text::Built(part.into())));
        Ok(Val::List(List::built(parts.collect())))
    }

    fn replace(&mut self, text: &str, from: &str, to: &str, limit: i64) -> Eval<'a> {
        self.budget.read(text.len())?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        // The size is known before anything is built.
        let count = text.matches(from).take(limit).count();
        let bytes = (text.len() - count * from.len()).saturating_add(count.saturating_mul(to.len()));
        self.built(bytes, || text.replacen(from, to, limit))
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
        Val::Text(text) => return char_length(text.as_str(), budget).map(Val::Int),
        Val::List(list) => list.len(),
        Val::Map(map) => map.len(),
        other => return Err(not_for("size", other)),
    };
    Ok(Val::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn char_length(text: &str, budget: &mut Budget) -> Result<i64, Fault> {
    budget.read(text.len())?;
    Ok(i64::try_from(text.chars().count()).unwrap_or(i64::MAX))
}

fn skip_chars(text: &str, count: usize) -> &str {
    let byte = text
        .char_indices()
        .nth(count)
        .map_or(text.len(), |(byte, _)| byte);
    &text[byte..]
}

fn split_chars(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let next = skip_chars(rest, 1);
        if parts.len() + 1 == limit {
            parts.push(rest);
            break;
        }
        parts.push(&rest[..rest.len() - next.len()]);
        rest = next;
    }
    parts
}

fn range(from: i64, to: i64, length: usize) -> Result<std::ops::Range<usize>, Fault> {
    match (usize::try_from(from), usize::try_from(to)) {
        (Ok(from), Ok(to)) if from <= to && to <= length => Ok(from..to),
        _ => Err(Fault::missing("the position is outside; test size() first")),
    }
}

fn to_int<'a>(value: &Val<'a>) -> Eval<'a> {
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

fn to_uint<'a>(value: &Val<'a>) -> Eval<'a> {
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

fn to_double<'a>(value: &Val<'a>) -> Eval<'a> {
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

fn to_text<'a>(value: Val<'a>, budget: &mut Budget) -> Eval<'a> {
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

fn to_bool(value: Val<'_>) -> Eval<'_> {
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

fn to_timestamp(value: Val<'_>) -> Eval<'_> {
    match value {
        Val::Timestamp(value) => Ok(Val::Timestamp(value)),
        Val::Text(text) => parse_timestamp(text.as_str())
            .map_or_else(
                || Err(Fault::other("the text is not a timestamp such as 2026-11-25T09:30:00Z")),
                |value| time::timestamp(Ok(value)),
            ),
        Val::Int(seconds) => time::timestamp(jiff::Timestamp::from_second(seconds)),
        other => Err(not_for("timestamp", &other)),
    }
}

fn to_duration(value: Val<'_>) -> Eval<'_> {
    match value {
        Val::Duration(value) => Ok(Val::Duration(value)),
        Val::Text(text) => match parse_duration(text.as_str()) {
            Some(value) => time::duration(Some(value)),
            None => Err(Fault::other("the text is not a duration such as 48h or P14D")),
        },
        other => Err(not_for("duration", &other)),
    }
}

/// Whole numbers add exactly; one double makes the sum a double; durations add to a duration. The sum of no elements
/// is what the declared type says, else the int 0.
fn sum<'a>(list: &List<'a>, budget: &mut Budget) -> Eval<'a> {
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

fn join<'a>(list: &List<'a>, separator: &str, budget: &mut Budget) -> Eval<'a> {
    budget.tick(list.len())?;
    let mut joined = String::new();
    for (index, value) in list.iter().enumerate() {
        let value = value?;
        let Val::Text(text) = &value else {
            return Err(not_for("join", &value));
        };
        let separator = if index == 0 { "" } else { separator };
        let bytes = joined.len() + separator.len() + text.as_str().len();
        if bytes > super::TEXT_BYTES_MAX {
            budget.text(bytes)?;
        }
        joined.push_str(separator);
        joined.push_str(text.as_str());
    }
    budget.text(joined.len())?;
    Ok(Val::Text(Text::Built(joined.into())))
}

fn round<'a>(function: Function, value: &Val<'a>) -> Eval<'a> {
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

fn extreme<'a>(function: Function, values: &[Val<'a>]) -> Eval<'a> {
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

fn is_zero(value: &Val<'_>) -> bool {
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
