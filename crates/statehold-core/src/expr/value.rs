//! Values while an expression is evaluated: borrowed from the JSON they stand in wherever they can be, and what a
//! schema says they are.
//!
//! A JSON number is an int if it is whole and fits, else a double; a field of type `number` is always a double, so
//! that `price * 1.2` does not depend on whether today's price is whole. A text whose type is a timestamp or a
//! duration is one.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map as JsonMap, Value};

use super::error::Fault;
use crate::lookup;
use crate::schema::{Record, Type, parse_duration, parse_timestamp};

/// Doubles that are whole and smaller than this are exact: 2^53.
const EXACT_DOUBLE_MAX: f64 = 9_007_199_254_740_992.0;

#[derive(Debug, Clone)]
pub(super) enum Val<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Text<'a>),
    Timestamp(Timestamp),
    Duration(SignedDuration),
    List(List<'a>),
    Map(Map<'a>),
    Optional(Option<Rc<Val<'a>>>),
    Type(&'static str),
}

#[derive(Debug, Clone)]
pub(super) enum Text<'a> {
    Borrowed(&'a str),
    Built(Rc<str>),
}

#[derive(Debug, Clone)]
pub(super) enum List<'a> {
    Json(&'a [Value], Option<&'a Type>),
    Built(Rc<[Val<'a>]>),
}

#[derive(Debug, Clone)]
pub(super) enum Map<'a> {
    Json(&'a JsonMap<String, Value>, Option<&'a Record>),
    Built(Rc<BTreeMap<Key<'a>, Val<'a>>>),
}

/// A key of a map. Whole numbers are equal whatever their type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key<'a> {
    Bool(bool),
    Number(i128),
    Text(Text<'a>),
}

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Text::Borrowed(text) => text,
            Text::Built(text) => text,
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text<'_> {}

impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl<'a> From<&'a str> for Val<'a> {
    fn from(text: &'a str) -> Self {
        Val::Text(Text::Borrowed(text))
    }
}

impl<'a> Val<'a> {
    /// The value of a JSON value whose declared type is `ty`.
    pub(super) fn bind(value: &'a Value, ty: Option<&'a Type>) -> Result<Self, Fault> {
        Ok(match value {
            Value::Null => Val::Null,
            Value::Bool(value) => Val::Bool(*value),
            Value::Number(number) => bind_number(number, ty),
            Value::String(text) => match ty {
                Some(Type::Timestamp) => Val::Timestamp(
                    parse_timestamp(text)
                        .ok_or_else(|| Fault::wrong_type("the stored text is not a timestamp"))?,
                ),
                Some(Type::Duration) => Val::Duration(
                    parse_duration(text)
                        .ok_or_else(|| Fault::wrong_type("the stored text is not a duration"))?,
                ),
                _ => Val::from(text.as_str()),
            },
            Value::Array(items) => {
                let item = match ty {
                    Some(Type::List(Some(item))) => Some(item.as_ref()),
                    _ => None,
                };
                Val::List(List::Json(items, item))
            }
            Value::Object(object) => {
                let record = match ty {
                    Some(Type::Object(Some(record))) => Some(record.as_ref()),
                    _ => None,
                };
                Val::Map(Map::Json(object, record))
            }
        })
    }

    pub(super) fn optional(value: Option<Val<'a>>) -> Self {
        Val::Optional(value.map(Rc::new))
    }

    /// The name of its type, as CEL has it.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Val::Null => "null",
            Val::Bool(_) => "bool",
            Val::Int(_) => "int",
            Val::Uint(_) => "uint",
            Val::Double(_) => "double",
            Val::Text(_) => "string",
            Val::Timestamp(_) => "timestamp",
            Val::Duration(_) => "duration",
            Val::List(_) => "list",
            Val::Map(_) => "map",
            Val::Optional(_) => "optional",
            Val::Type(_) => "type",
        }
    }
}

/// The name of a type with its article.
pub(super) fn with_article(type_name: &str) -> String {
    match type_name {
        "null" => type_name.to_owned(),
        "int" | "any" | "optional" => format!("an {type_name}"),
        _ => format!("a {type_name}"),
    }
}

/// The type that a name stands for when it is used as a value.
pub(super) fn type_named(name: &str) -> Option<&'static str> {
    const NAMES: [&str; 8] = [
        "bool", "int", "uint", "double", "string", "list", "map", "type",
    ];
    if name == "null_type" {
        return Some("null");
    }
    NAMES.into_iter().find(|known| *known == name)
}

fn bind_number<'a>(number: &serde_json::Number, ty: Option<&Type>) -> Val<'a> {
    // A number too large for a double reads as infinite, which every later use treats as out of range.
    let double = || number.as_f64().unwrap_or(f64::INFINITY);
    if matches!(ty, Some(Type::Number)) {
        return Val::Double(double());
    }
    if let Some(int) = number.as_i64() {
        return Val::Int(int);
    }
    let double = double();
    if double.fract() == 0.0 && double.abs() < EXACT_DOUBLE_MAX {
        // `1.0` and `1` are one number in JSON; which of them is stored depends on who wrote it.
        return Val::Int(double as i64);
    }
    Val::Double(double)
}

impl<'a> List<'a> {
    pub(super) fn built(items: Vec<Val<'a>>) -> Self {
        List::Built(items.into())
    }

    pub(super) fn len(&self) -> usize {
        match self {
            List::Json(items, _) => items.len(),
            List::Built(items) => items.len(),
        }
    }

    pub(super) fn get(&self, index: usize) -> Result<Option<Val<'a>>, Fault> {
        match self {
            List::Json(items, ty) => items
                .get(index)
                .map(|value| Val::bind(value, *ty))
                .transpose(),
            List::Built(items) => Ok(items.get(index).cloned()),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Result<Val<'a>, Fault>> {
        let list = self.clone();
        (0..self.len()).filter_map(move |index| list.get(index).transpose())
    }
}

impl<'a> Map<'a> {
    pub(super) fn built(entries: BTreeMap<Key<'a>, Val<'a>>) -> Self {
        Map::Built(Rc::new(entries))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Map::Json(object, _) => object.len(),
            Map::Built(entries) => entries.len(),
        }
    }

    /// The field of this name.
    pub(super) fn field(&self, name: &'a str) -> Result<Option<Val<'a>>, Fault> {
        match self {
            Map::Json(object, record) => json_field(object, *record, name),
            Map::Built(entries) => Ok(entries.get(&Key::Text(Text::Borrowed(name))).cloned()),
        }
    }

    pub(super) fn has_field(&self, name: &'a str) -> bool {
        self.contains(&Key::Text(Text::Borrowed(name)))
    }

    pub(super) fn get(&self, key: &Key<'a>) -> Result<Option<Val<'a>>, Fault> {
        match (self, key) {
            (Map::Built(entries), key) => Ok(entries.get(key).cloned()),
            (Map::Json(object, record), Key::Text(name)) => {
                json_field(object, *record, name.as_str())
            }
            (Map::Json(..), _) => Ok(None),
        }
    }

    pub(super) fn contains(&self, key: &Key<'a>) -> bool {
        match (self, key) {
            (Map::Built(entries), key) => entries.contains_key(key),
            (Map::Json(object, _), Key::Text(name)) => {
                lookup::field(object, name.as_str()).is_some()
            }
            (Map::Json(..), _) => false,
        }
    }

    /// The keys, sorted: what is stored may have any order.
    pub(super) fn keys(&self) -> Vec<Key<'a>> {
        match self {
            Map::Json(object, _) => {
                let object: &'a JsonMap<String, Value> = object;
                let mut keys: Vec<&'a str> = object.keys().map(String::as_str).collect();
                keys.sort_unstable();
                keys.into_iter()
                    .map(|key| Key::Text(Text::Borrowed(key)))
                    .collect()
            }
            Map::Built(entries) => entries.keys().cloned().collect(),
        }
    }
}

fn json_field<'a>(
    object: &'a JsonMap<String, Value>,
    record: Option<&'a Record>,
    name: &str,
) -> Result<Option<Val<'a>>, Fault> {
    let Some(value) = lookup::field(object, name) else {
        return Ok(None);
    };
    // Only numbers, texts and containers depend on the declared type.
    let ty = match value {
        Value::Null | Value::Bool(_) => None,
        _ => record
            .and_then(|record| record.get(name))
            .map(|field| &field.ty),
    };
    Val::bind(value, ty).map(Some)
}

impl<'a> Key<'a> {
    /// The key that a value is, if it can be one.
    pub(super) fn of(value: Val<'a>) -> Result<Self, Fault> {
        match value {
            Val::Bool(value) => Ok(Key::Bool(value)),
            Val::Int(value) => Ok(Key::Number(value.into())),
            Val::Uint(value) => Ok(Key::Number(value.into())),
            Val::Double(value) if value.fract() == 0.0 && value.abs() < EXACT_DOUBLE_MAX => {
                Ok(Key::Number(value as i128))
            }
            Val::Text(text) => Ok(Key::Text(text)),
            other => Err(Fault::wrong_type(format!(
                "{} cannot be the key of a map",
                with_article(other.type_name())
            ))),
        }
    }

    pub(super) fn into_value(self) -> Val<'a> {
        match self {
            Key::Bool(value) => Val::Bool(value),
            Key::Number(value) => match i64::try_from(value) {
                Ok(value) => Val::Int(value),
                Err(_) => Val::Uint(u64::try_from(value).unwrap_or(u64::MAX)),
            },
            Key::Text(text) => Val::Text(text),
        }
    }
}
