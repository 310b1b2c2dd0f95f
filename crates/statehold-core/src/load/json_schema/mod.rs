//! The chart format as JSON Schema, for editors: completion, hover and a first check while typing.
//!
//! Made from the key table, so that no key of one is missing in the other: a key without words here, and words without
//! a key, fail a test. The schema never refuses what the loader takes. It does let pass what only the loader can judge:
//! names that are not declared, expressions, targets.

mod chart;
mod effects;
mod fields;
mod kinds;
mod shared;
mod steps;

use serde_json::{Map, Value, json};

use super::keys::FORMAT;
use crate::source::KeySpec;

/// What an editor shows for one key of one place.
struct Doc {
    place: &'static str,
    key: &'static str,
    /// What the value may be.
    schema: fn() -> Value,
    /// One or two sentences, as Markdown.
    words: &'static str,
    /// Values that fit.
    examples: fn() -> Value,
}

const fn doc(
    place: &'static str,
    key: &'static str,
    schema: fn() -> Value,
    words: &'static str,
    examples: fn() -> Value,
) -> Doc {
    Doc {
        place,
        key,
        schema,
        words,
        examples,
    }
}

/// Everything there is to say about keys, by place.
const DOCS: [&[Doc]; 5] = [
    chart::DOCS,
    chart::STATE_DOCS,
    steps::DOCS,
    effects::DOCS,
    fields::DOCS,
];

/// The chart format, version 1, as JSON Schema (draft 2020-12).
///
/// Every key has a `description` in Markdown and `examples`, and a `default` where leaving it out means something. Keys
/// of later releases are there too, marked with `x-statehold-served: false`, and accept no value.
///
/// ```
/// let schema = statehold_core::chart_schema();
/// assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
/// assert!(schema["$defs"]["state"]["properties"]["after"]["description"].is_string());
/// ```
#[must_use]
pub fn chart_schema() -> Value {
    let mut definitions = shared::definitions();
    for (name, place) in kinds::PLACES {
        let mut schema = json!({
            "type": "object",
            "description": kinds::words(place),
            "properties": properties(place),
            "additionalProperties": false,
        });
        if let (Value::Object(schema), Value::Object(rules)) = (&mut schema, kinds::rules(place)) {
            schema.extend(rules);
        }
        definitions.insert((*name).to_owned(), schema);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:statehold:chart:1",
        "title": "Statehold chart",
        "$ref": "#/$defs/chart",
        "$defs": definitions,
    })
}

fn properties(place: &str) -> Value {
    let keys = FORMAT.keys.iter().filter(|spec| spec.place == place);
    Value::Object(
        keys.map(|spec| (spec.key.to_owned(), property(spec)))
            .collect(),
    )
}

fn property(spec: &KeySpec) -> Value {
    if !spec.built {
        return later(spec);
    }
    let mut schema = match documented(spec) {
        Some(doc) => {
            let mut schema = (doc.schema)();
            schema["description"] = Value::from(doc.words);
            schema["examples"] = (doc.examples)();
            schema
        }
        None => json!({ "description": spec.meaning }),
    };
    // A hover shows the words of the property, not of what it refers to.
    if let Some(Value::String(reference)) = schema.get("$ref").cloned() {
        let object = schema
            .as_object_mut()
            .map(std::mem::take)
            .unwrap_or_default();
        let mut rest: Map<String, Value> = object;
        rest.remove("$ref");
        rest.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
        schema = Value::Object(rest);
    }
    schema
}

fn documented(spec: &KeySpec) -> Option<&'static Doc> {
    let mut all = DOCS.iter().copied().flatten();
    all.find(|doc| doc.place == spec.place && doc.key == spec.key)
}

/// A key that is known and refused.
fn later(spec: &KeySpec) -> Value {
    json!({
        "description": format!("Not served yet: {}. Using it is refused (SH0107).", spec.meaning),
        "not": {},
        "deprecated": true,
        "doNotSuggest": true,
        "x-statehold-served": false,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_key_has_words_and_no_words_are_left_over() {
        let served = FORMAT.keys.iter().filter(|spec| spec.built);
        let keys: BTreeSet<_> = served.map(|spec| (spec.place, spec.key)).collect();
        let docs: Vec<_> = (DOCS.iter().copied().flatten())
            .map(|doc| (doc.place, doc.key))
            .collect();
        let described: BTreeSet<_> = docs.iter().copied().collect();
        assert_eq!(docs.len(), described.len(), "a key is described twice");
        assert_eq!(
            keys.difference(&described).collect::<Vec<_>>(),
            Vec::<&_>::new()
        );
        assert_eq!(
            described.difference(&keys).collect::<Vec<_>>(),
            Vec::<&_>::new()
        );
    }

    #[test]
    fn every_place_of_the_format_has_a_definition() {
        let places: BTreeSet<_> = FORMAT.keys.iter().map(|spec| spec.place).collect();
        let defined: BTreeSet<_> = kinds::PLACES.iter().map(|(_, place)| *place).collect();
        assert_eq!(places, defined);
    }

    #[test]
    fn words_are_whole_sentences() {
        for doc in DOCS.iter().copied().flatten() {
            assert!(
                doc.words.ends_with('.') && doc.words.len() > 15,
                "{}",
                doc.key
            );
            assert!(
                (doc.examples)()
                    .as_array()
                    .is_some_and(|all| !all.is_empty()),
                "{}",
                doc.key
            );
        }
    }
}
