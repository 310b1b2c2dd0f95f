//! Values to try at one place: on both sides of every literal that its value is compared with, and nothing that the
//! place's own schema would refuse.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::tries::Setting;
use crate::expr::{EventPart, Place, Variable};
use crate::schema::{Field, Record, Type, parse_timestamp};

/// Most values for one place.
const VALUES_MAX: usize = 64;

/// Longest list or text that is made up.
const SIZE_MAX: i64 = 100;

/// Keywords of a schema that the values below take into account, or that do not matter to them.
const UNDERSTOOD: [&str; 15] = [
    "type",
    "format",
    "enum",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "items",
    "title",
    "description",
    "examples",
    "default",
    "sensitive",
    "$comment",
];

/// Values of one place; none stands for its absence.
pub(super) struct Choice {
    pub(super) values: Vec<Option<Value>>,
    /// They stand for every value that the place can have.
    pub(super) is_complete: bool,
}

/// The instant of every try.
pub(super) fn now() -> Timestamp {
    // 2026-01-01T00:00:00Z.
    Timestamp::from_second(1_767_225_600).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// What to try at a place.
pub(super) fn choices(variable: &Variable, setting: &Setting<'_>) -> Choice {
    let part = |part: EventPart<'_>, path: &[String]| match part {
        EventPart::Fields(record) => of_path(record, path, variable),
        EventPart::Absent => Choice {
            values: vec![None],
            is_complete: true,
        },
        EventPart::Unknown => unknown(variable),
    };
    match &variable.place {
        Place::Ctx(path) => of_path(&setting.definition.context, path, variable),
        Place::Input(path) => match setting.input {
            Some(record) => of_path(record, path, variable),
            None => unknown(variable),
        },
        Place::Output(path) => part(setting.parts.output, path),
        Place::Error(path) => part(setting.parts.error, path),
        Place::Attempt => Choice {
            values: present(
                whole(variable, &[1])
                    .into_iter()
                    .filter(|n| n.as_u64() >= Some(1)),
            ),
            is_complete: true,
        },
        Place::ActorId | Place::ActorKind => Choice {
            values: present(texts(variable)),
            is_complete: variable.sizes.is_empty(),
        },
        Place::Owner => Choice {
            values: present(texts(variable).into_iter().chain([Value::Null])),
            is_complete: variable.sizes.is_empty(),
        },
    }
}

fn present(values: impl IntoIterator<Item = Value>) -> Vec<Option<Value>> {
    values.into_iter().map(Some).collect()
}

/// A declared field, somewhere in a record.
fn of_path(record: &Record, path: &[String], variable: &Variable) -> Choice {
    let Some((field, may_be_absent)) = declared(record, path) else {
        return unknown(variable);
    };
    let Choice {
        values,
        mut is_complete,
    } = of_field(field, variable);
    let made = values.len();
    let mut values: Vec<Option<Value>> = (values.into_iter())
        .filter(|value| value.as_ref().is_none_or(|value| is_allowed(field, value)))
        .take(VALUES_MAX)
        .collect();
    is_complete &= !values.is_empty() && values.len() < VALUES_MAX;
    is_complete &= is_understood(field);
    // Numbers stand on both sides of every bound. A list or text that was refused stood for others that are not.
    let are_numbers = matches!(field.ty, Type::Integer | Type::Number);
    is_complete &= are_numbers || values.len() == made;
    if may_be_absent {
        values.push(None);
    }
    Choice {
        values,
        is_complete,
    }
}

fn declared<'a>(record: &'a Record, path: &[String]) -> Option<(&'a Field, bool)> {
    let (name, rest) = path.split_first()?;
    let field = record.get(name)?;
    if rest.is_empty() {
        return Some((field, field.optional));
    }
    match &field.ty {
        Type::Object(Some(inner)) => {
            let (found, optional) = declared(inner, rest)?;
            Some((found, optional || field.optional))
        }
        _ => None,
    }
}

fn is_understood(field: &Field) -> bool {
    let keys = field.schema.as_object().into_iter().flat_map(Map::keys);
    keys.into_iter()
        .all(|key| UNDERSTOOD.contains(&key.as_str()))
}

/// Whether the field's schema takes a value.
fn is_allowed(field: &Field, value: &Value) -> bool {
    let Ok(record) = Record::new(vec![Field {
        default: None,
        ..field.clone()
    }]) else {
        return false;
    };
    record
        .validate(&Map::from_iter([(field.name.clone(), value.clone())]))
        .is_empty()
}

fn of_field(field: &Field, variable: &Variable) -> Choice {
    let is_untouched =
        variable.values.is_empty() && variable.sizes.is_empty() && variable.lengths.is_empty();
    if let Some(allowed) = field.schema.get("enum").and_then(Value::as_array) {
        return Choice {
            values: present(allowed.iter().cloned()),
            is_complete: true,
        };
    }
    if let Some(only) = field.schema.get("const") {
        return Choice {
            values: present([only.clone()]),
            is_complete: true,
        };
    }
    let (values, is_complete) = match &field.ty {
        Type::Boolean => (vec![Value::from(true), Value::from(false)], true),
        Type::Integer => (whole(variable, &bounds(field)), true),
        Type::Number => (fractional(variable, &bounds(field)), true),
        Type::String => {
            let one_way = variable.sizes.is_empty() || variable.values.is_empty();
            let sized = sizes(variable).map(|size| Value::from("x".repeat(size)));
            (texts(variable).into_iter().chain(sized).collect(), one_way)
        }
        Type::Timestamp => (instants(variable), is_untouched),
        Type::Duration => (lengths(variable), is_untouched),
        Type::List(item) => {
            let element = item.as_deref().map_or(Value::from("example"), example);
            let sized = sizes(variable).map(|size| Value::from(vec![element.clone(); size]));
            let held = variable.values.iter().map(|value| json!([value]));
            let values = [json!([]), json!([element])];
            (
                values.into_iter().chain(sized).chain(held).collect(),
                variable.values.is_empty(),
            )
        }
        Type::Object(_) => (vec![example(&field.ty)], is_untouched),
        Type::Any => return unknown(variable),
    };
    Choice {
        values: present(distinct(values)),
        is_complete,
    }
}

/// A place of which nothing is known.
fn unknown(variable: &Variable) -> Choice {
    let mut values = whole(variable, &[]);
    values.extend(texts(variable));
    values.extend([Value::from(true), Value::from(false)]);
    values.extend(sizes(variable).map(|size| Value::from(vec![Value::from("example"); size])));
    let mut values = present(distinct(values).into_iter().take(VALUES_MAX));
    values.push(None);
    Choice {
        values,
        is_complete: false,
    }
}

fn distinct(values: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let mut seen: Vec<Value> = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

/// Bounds that the field's schema names.
fn bounds(field: &Field) -> Vec<i64> {
    ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]
        .iter()
        .filter_map(|key| field.schema.get(key)?.as_i64())
        .filter(|bound| *bound != i64::MIN && *bound != i64::MAX)
        .collect()
}

/// Every whole number that a literal names, and those beside it.
fn whole(variable: &Variable, bounds: &[i64]) -> Vec<Value> {
    let mut numbers: Vec<i64> = Vec::new();
    for value in &variable.values {
        match (value.as_i64(), value.as_f64()) {
            (Some(number), _) => numbers.push(number),
            // Whole numbers on both sides of a fraction; the cast saturates.
            (None, Some(number)) => numbers.push(number.floor() as i64),
            (None, None) => {}
        }
    }
    numbers.extend(bounds);
    if numbers.is_empty() {
        numbers.push(0);
    }
    let beside = numbers
        .iter()
        .flat_map(|number| [Some(*number), number.checked_add(1), number.checked_sub(1)]);
    distinct(beside.flatten().map(Value::from))
}

/// Every number that a literal names, one between each two, and one on either side.
fn fractional(variable: &Variable, bounds: &[i64]) -> Vec<Value> {
    let mut numbers: Vec<f64> = variable.values.iter().filter_map(Value::as_f64).collect();
    numbers.extend(bounds.iter().map(|bound| *bound as f64));
    if numbers.is_empty() {
        numbers.push(0.0);
    }
    numbers.sort_by(f64::total_cmp);
    let between = numbers
        .windows(2)
        .map(|pair| f64::midpoint(pair[0], pair[1]));
    let outside = [
        numbers.first().map(|least| least - 1.0),
        numbers.last().map(|most| most + 1.0),
    ];
    let all = (numbers.iter().copied().chain(between)).chain(outside.into_iter().flatten());
    distinct(all.map(Value::from))
}

/// Every text that a literal names, and one that none does.
fn texts(variable: &Variable) -> Vec<Value> {
    let mut other = "example".to_owned();
    while variable.values.iter().any(|value| value == &other) {
        other.push('_');
    }
    let named = variable.values.iter().filter(|value| value.is_string());
    distinct(named.cloned().chain([Value::from(other)]))
}

/// Sizes that a literal names, and those beside it.
fn sizes(variable: &Variable) -> impl Iterator<Item = usize> + '_ {
    (variable.sizes.iter())
        .flat_map(|size| [size.saturating_sub(1), *size, size.saturating_add(1)])
        .filter(|size| (0..=SIZE_MAX).contains(size))
        .filter_map(|size| usize::try_from(size).ok())
}

/// Instants before and after now, and around every length of time from it.
fn instants(variable: &Variable) -> Vec<Value> {
    const DECADE: i64 = 3_650 * 86_400;
    let offsets = (variable.lengths.iter())
        .flat_map(|length| [*length, -*length])
        .flat_map(|offset| [offset, offset.saturating_add(1), offset.saturating_sub(1)]);
    let offsets = [0, DECADE, -DECADE].into_iter().chain(offsets);
    let around_now =
        offsets.filter_map(|offset| now().checked_add(SignedDuration::from_secs(offset)).ok());
    let named = (variable.values.iter())
        .filter_map(|value| parse_timestamp(value.as_str()?))
        .flat_map(|at| {
            let second = SignedDuration::from_secs(1);
            [
                Some(at),
                at.checked_add(second).ok(),
                at.checked_sub(second).ok(),
            ]
        })
        .flatten();
    distinct(
        around_now
            .chain(named)
            .map(|at| Value::from(at.to_string())),
    )
}

/// Lengths of time around every one that is named.
fn lengths(variable: &Variable) -> Vec<Value> {
    let around = (variable.lengths.iter())
        .flat_map(|length| [*length, length.saturating_add(1), length.saturating_sub(1)])
        .filter(|length| *length >= 0);
    distinct(
        [3_600, 0]
            .into_iter()
            .chain(around)
            .map(|seconds| Value::from(format!("PT{seconds}S"))),
    )
}

/// Some value of a type.
fn example(ty: &Type) -> Value {
    match ty {
        Type::Integer | Type::Number => Value::from(1),
        Type::Boolean => Value::from(true),
        Type::Timestamp => Value::from(now().to_string()),
        Type::Duration => Value::from("PT1H"),
        Type::List(_) => json!([]),
        Type::Object(record) => {
            let fields = record.iter().flat_map(|record| record.fields());
            let needed = fields.filter(|field| !field.optional);
            let object = needed.map(|field| (field.name.clone(), example(&field.ty)));
            Value::Object(object.collect())
        }
        Type::Any | Type::String => Value::from("example"),
    }
}
