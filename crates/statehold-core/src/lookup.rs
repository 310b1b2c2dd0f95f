//! Finding something by its name. Contexts, inputs and records are mostly small, and comparing a few names costs a third
//! of hashing one; large ones are hashed.

use indexmap::IndexMap;
use serde_json::{Map, Value};

/// Entries up to which names are compared one by one.
const COMPARED_MAX: usize = 8;

/// The field of this name.
pub(crate) fn field<'m>(object: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    if object.len() > COMPARED_MAX {
        return object.get(name);
    }
    object
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// The field of this name, to be written.
pub(crate) fn field_mut<'m>(
    object: &'m mut Map<String, Value>,
    name: &str,
) -> Option<&'m mut Value> {
    if object.len() > COMPARED_MAX {
        return object.get_mut(name);
    }
    object
        .iter_mut()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// The entry of this name.
pub(crate) fn entry<'m, T>(map: &'m IndexMap<String, T>, name: &str) -> Option<&'m T> {
    if map.len() > COMPARED_MAX {
        return map.get(name);
    }
    map.iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_are_found_alike() {
        for entries in [0, 1, COMPARED_MAX, COMPARED_MAX + 1] {
            let map: IndexMap<String, usize> = (0..entries).map(|n| (format!("f{n}"), n)).collect();
            let mut object: Map<String, Value> = (map.iter())
                .map(|(name, n)| (name.clone(), Value::from(*n)))
                .collect();
            for name in (0..=entries)
                .map(|n| format!("f{n}"))
                .chain([String::new()])
            {
                assert_eq!(entry(&map, &name), map.get(&name), "{name} of {entries}");
                assert_eq!(
                    field(&object, &name),
                    object.get(&name),
                    "{name} of {entries}"
                );
                let value = object.get(&name).cloned();
                assert_eq!(
                    field_mut(&mut object, &name).cloned(),
                    value,
                    "{name} of {entries}"
                );
            }
        }
    }
}
