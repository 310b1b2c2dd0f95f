//! From a value to JSON.
//!
//! What an expression only passes on is copied as it is stored, keys sorted; what it computed is written out.

use serde_json::{Map as JsonMap, Number, Value};

use super::super::RESULT_DEPTH_MAX;
use super::super::budget::Budget;
use super::super::error::Fault;
use super::super::time;
use super::super::value::{Key, List, Map, Val};

/// What an entry of an object takes beside the text of its key, in bytes: hash, key, value, place in the index, and
/// the object's share.
const ENTRY_BYTES: usize = 64 + size_of::<Value>();

/// Nodes that are copied for one tick.
const COPIED_PER_TICK: usize = 8;

/// The JSON of a value. Shared parts are written out once per use, so every node is paid for.
pub(super) fn to_json(value: Val<'_>, budget: &mut Budget) -> Result<Value, Fault> {
    Writer { budget, copied: 0 }.value(value, RESULT_DEPTH_MAX)
}

struct Writer<'b> {
    budget: &'b mut Budget,
    copied: usize,
}

impl Writer<'_> {
    fn value(&mut self, value: Val<'_>, depth: usize) -> Result<Value, Fault> {
        self.budget.tick(1)?;
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
            Val::Text(text) => self.text(text.as_str())?,
            Val::Timestamp(value) => Value::from(time::timestamp_text(value)),
            Val::Duration(value) => Value::from(time::duration_text(value)),
            Val::List(List::Json(items, _)) => self.copy_list(items, deeper(depth)?)?,
            Val::List(list) => self.list(&list, deeper(depth)?)?,
            Val::Map(Map::Json(object, _)) => self.copy_object(object, deeper(depth)?)?,
            Val::Map(map) => self.map(&map, deeper(depth)?)?,
            Val::Optional(_) => {
                return Err(Fault::wrong_type(
                    "the result is an optional; take its value with orValue(...)",
                ));
            }
            Val::Type(_) => return Err(Fault::wrong_type("the result is a type, not a value")),
        })
    }

    fn reserve(&mut self, items: usize) -> Result<(), Fault> {
        self.budget
            .allocate(items.saturating_mul(size_of::<Value>()))
    }

    fn text(&mut self, text: &str) -> Result<Value, Fault> {
        self.budget.read(text.len())?;
        self.budget.allocate(text.len())?;
        Ok(Value::from(text))
    }

    fn list(&mut self, list: &List<'_>, depth: usize) -> Result<Value, Fault> {
        self.reserve(list.len())?;
        let mut items = Vec::with_capacity(list.len());
        for item in list.iter() {
            items.push(self.value(item?, depth)?);
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, map: &Map<'_>, depth: usize) -> Result<Value, Fault> {
        self.budget.walk(map)?;
        let mut object = JsonMap::with_capacity(map.len());
        for key in map.keys() {
            let Some(value) = map.get(&key)? else {
                continue;
            };
            let Key::Text(name) = &key else {
                return Err(Fault::wrong_type(
                    "the result has a key that is not text; write string(key)",
                ));
            };
            self.budget.allocate(name.as_str().len() + ENTRY_BYTES)?;
            object.insert(name.as_str().to_owned(), self.value(value, depth)?);
        }
        Ok(Value::Object(object))
    }

    fn copy(&mut self, value: &Value, depth: usize) -> Result<Value, Fault> {
        self.copied += 1;
        if self.copied.is_multiple_of(COPIED_PER_TICK) {
            self.budget.tick(1)?;
        }
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => self.copy_list(items, deeper(depth)?),
            Value::Object(object) => self.copy_object(object, deeper(depth)?),
            simple => Ok(simple.clone()),
        }
    }

    fn copy_list(&mut self, items: &[Value], depth: usize) -> Result<Value, Fault> {
        self.reserve(items.len())?;
        let mut copies = Vec::with_capacity(items.len());
        for item in items {
            copies.push(self.copy(item, depth)?);
        }
        Ok(Value::Array(copies))
    }

    fn copy_object(
        &mut self,
        object: &JsonMap<String, Value>,
        depth: usize,
    ) -> Result<Value, Fault> {
        let mut entries: Vec<_> = object.iter().collect();
        entries.sort_unstable_by_key(|(name, _)| *name);
        let mut copy = JsonMap::with_capacity(entries.len());
        for (name, value) in entries {
            self.budget.allocate(name.len() + ENTRY_BYTES)?;
            copy.insert(name.clone(), self.copy(value, depth)?);
        }
        Ok(Value::Object(copy))
    }
}

fn deeper(depth: usize) -> Result<usize, Fault> {
    depth.checked_sub(1).ok_or_else(|| {
        Fault::too_large(format!(
            "the result nests deeper than {RESULT_DEPTH_MAX} levels"
        ))
    })
}
