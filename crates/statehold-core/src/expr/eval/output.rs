//! From a value to JSON.

use serde_json::{Map as JsonMap, Number, Value};

use super::super::error::Fault;
use super::super::time;
use super::super::value::{Key, List, Map, Val};
use super::Budget;

/// What an object costs beside its keys and values, in bytes.
const OBJECT_BYTES: usize = 128;

/// The JSON of a value, with sorted keys. Shared parts are written out once per use, so every node is paid for.
pub(super) fn to_json(value: Val<'_>, budget: &mut Budget) -> Result<Value, Fault> {
    budget.tick(1)?;
    budget.allocate(size_of::<Value>())?;
    Ok(match value {
        Val::Null => Value::Null,
        Val::Bool(value) => Value::Bool(value),
        Val::Int(value) => Value::from(value),
        Val::Uint(value) => i64::try_from(value)
            .map(Value::from)
            .map_err(|_| Fault::overflow("the whole number does not fit 64 bits with sign"))?,
        Val::Double(value) => Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| Fault::overflow("the number is not finite"))?,
        Val::Text(text) => {
            let text = text.as_str();
            budget.read(text.len())?;
            budget.allocate(text.len())?;
            Value::from(text)
        }
        Val::Timestamp(value) => Value::from(time::timestamp_text(value)),
        Val::Duration(value) => Value::from(time::duration_text(value)),
        Val::List(list) => list_to_json(&list, budget)?,
        Val::Map(map) => map_to_json(&map, budget)?,
        Val::Optional(_) => {
            return Err(Fault::wrong_type(
                "the result is an optional; take its value with orValue(...)",
            ));
        }
        Val::Type(_) => return Err(Fault::wrong_type("the result is a type, not a value")),
    })
}

fn list_to_json(list: &List<'_>, budget: &mut Budget) -> Result<Value, Fault> {
    let mut items = Vec::new();
    for item in list.iter() {
        items.push(to_json(item?, budget)?);
    }
    Ok(Value::Array(items))
}

fn map_to_json(map: &Map<'_>, budget: &mut Budget) -> Result<Value, Fault> {
    budget.walk(map)?;
    budget.allocate(OBJECT_BYTES)?;
    let mut object = JsonMap::new();
    for key in map.keys() {
        let Some(value) = map.get(&key)? else {
            continue;
        };
        let Key::Text(name) = &key else {
            return Err(Fault::wrong_type(
                "the result has a key that is not text; write string(key)",
            ));
        };
        budget.allocate(name.as_str().len() + OBJECT_BYTES)?;
        object.insert(name.as_str().to_owned(), to_json(value, budget)?);
    }
    Ok(Value::Object(object))
}
