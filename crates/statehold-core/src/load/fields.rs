//! Fields of a context or an input: type names, `name?` for optional ones, or JSON Schema.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::keys::FIELD;
use super::names::{at_key, declared};
use crate::codes;
use crate::schema::{Field, Record, Type, TypeName};
use crate::source::{Item, Node, NodeValue};

/// Keys that say something beside the shape of a value.
const BESIDE_SHAPE: [&str; 4] = ["default", "sensitive", "title", "description"];

/// Reads a mapping of fields. What cannot be used is noted and left out.
pub(super) fn record(item: &Item<'_>) -> Record {
    let mut fields: Vec<Field> = Vec::new();
    let mut names = HashSet::new();
    for (key, item) in declared(item) {
        let Some(field) = field(&key.text, &item) else {
            continue;
        };
        // `a` beside `a?`: equal keys were found before.
        if !names.insert(field.name.clone()) {
            let message = format!("the field `{}` is declared twice", field.name);
            item.reader
                .report(at_key(&item, codes::DUPLICATE_KEY, message));
            continue;
        }
        fields.push(field);
    }
    // Every field was tried alone and stands once, so nothing is left to go wrong.
    Record::new(fields).unwrap_or_default()
}

fn field(key: &str, item: &Item<'_>) -> Option<Field> {
    let name = key.strip_suffix('?').unwrap_or(key);
    let mut field = match &item.node.value {
        NodeValue::Str(text) => Field::new(name, type_named(item, text)?),
        NodeValue::Map(_) => described(name, item)?,
        _ => {
            item.expected("a type or a JSON Schema");
            return None;
        }
    };
    field.optional = key.ends_with('?');
    match Record::new(vec![field.clone()]) {
        Ok(_) => Some(field),
        Err(error) => {
            let code = if error.message.starts_with("a name") {
                codes::BAD_NAME
            } else {
                codes::BAD_VALUE
            };
            let message = format!("field `{name}`: {}", error.message);
            item.reader.report(at_key(item, code, message));
            None
        }
    }
}

fn type_named(item: &Item<'_>, text: &str) -> Option<Type> {
    match Type::parse(text) {
        TypeName::Supported(ty) => return Some(ty),
        TypeName::NotYet(words) => {
            item.reader
                .report(item.error(codes::NOT_SUPPORTED_YET, words));
        }
        TypeName::Unknown => {
            let problem = item.error(codes::BAD_VALUE, format!("there is no type `{text}`"));
            item.reader
                .report(problem.help(match item.reader.nearest(text, Type::NAMES) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("types are {}", Type::NAMES.join(", ")),
                }));
        }
    }
    None
}

/// A field described by a mapping: one of our types with a default, or JSON Schema.
fn described(name: &str, item: &Item<'_>) -> Option<Field> {
    let map = item.map(FIELD)?.checked();
    let ty = map.optional("type").filter(|ty| ty.node.as_str().is_some());
    let named = match &ty {
        Some(ty) if !is_schema_type(ty.node) => Some(type_named(ty, ty.node.as_str()?)?),
        _ => None,
    };
    let mut schema = schema_of(item.node);
    for key in ["default", "sensitive"] {
        schema.remove(key);
    }
    let plain = schema
        .keys()
        .all(|key| key == "type" || BESIDE_SHAPE.contains(&key.as_str()));
    let plain_type = ty.and_then(|ty| match Type::parse(ty.node.as_str()?) {
        TypeName::Supported(ty) => Some(ty),
        _ => None,
    });
    let mut field = match (plain, plain_type) {
        (true, Some(ty)) => Field::new(name, ty),
        _ => Field::from_schema(name, Value::Object(schema)),
    };
    // What the schema says of the elements of a list is more than the name of the type does.
    if let Some(ty) = named
        && !matches!((&ty, &field.ty), (Type::List(None), Type::List(_)))
    {
        field.ty = ty;
    }
    field.default = map.optional("default").map(|item| item.node.to_json());
    field.sensitive = map
        .optional("sensitive")
        .and_then(|item| item.boolean())
        .unwrap_or(false);
    Some(field)
}

/// Type names that JSON Schema has itself, and may combine with every other keyword.
fn is_schema_type(node: &Node) -> bool {
    const SCHEMA_TYPES: [&str; 7] = [
        "string", "integer", "number", "boolean", "object", "array", "null",
    ];
    node.as_str()
        .is_some_and(|text| SCHEMA_TYPES.contains(&text))
}

/// The JSON Schema that a mapping means: our own type names, also further inside, become what they stand for.
fn schema_of(node: &Node) -> Map<String, Value> {
    let NodeValue::Map(entries) = &node.value else {
        return Map::new();
    };
    let mut schema = Map::new();
    for (key, node) in entries {
        let value = match (key.text.as_str(), &node.value) {
            ("type", NodeValue::Str(name)) if !is_schema_type(node) => {
                if let Some(Value::Object(own)) = own_type(name) {
                    schema.extend(own);
                    continue;
                }
                Value::from(name.as_str())
            }
            ("items" | "additionalProperties" | "contains" | "not", _) => inner_schema(node),
            ("properties" | "$defs" | "patternProperties", NodeValue::Map(entries)) => {
                let inner = entries
                    .iter()
                    .map(|(key, node)| (key.text.clone(), inner_schema(node)));
                Value::Object(inner.collect())
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", NodeValue::Seq(items)) => {
                items.iter().map(inner_schema).collect()
            }
            _ => node.to_json(),
        };
        schema.insert(key.text.clone(), value);
    }
    schema
}

/// A schema inside a schema, which may be one of our type names alone.
fn inner_schema(node: &Node) -> Value {
    match &node.value {
        NodeValue::Str(name) => match name.as_str() {
            "string" | "integer" | "number" | "boolean" | "object" => json!({ "type": name }),
            name => own_type(name).unwrap_or_else(|| json!({ "type": name })),
        },
        NodeValue::Map(_) => Value::Object(schema_of(node)),
        _ => node.to_json(),
    }
}

/// What one of our own type names is in JSON Schema.
fn own_type(name: &str) -> Option<Value> {
    match Type::parse(name) {
        TypeName::Supported(ty) => Some(ty.json_schema()),
        _ => None,
    }
}
