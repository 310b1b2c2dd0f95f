//! [`Type`]: what a field holds, as far as expressions, masking and plain checks care.

use serde_json::{Map, Value, json};

use super::{Field, MASKED, Record};

/// Schemas are read this deep; below it everything counts as [`Type::Any`]. Deeper data is refused at the door.
const NESTING_MAX: usize = 32;

/// What a field holds.
#[derive(Debug, Clone, Default)]
pub enum Type {
    /// Anything.
    #[default]
    Any,
    /// Text.
    String,
    /// A whole number that fits 64 bits with sign.
    Integer,
    /// A number with a fraction: always a double in expressions.
    Number,
    /// True or false.
    Boolean,
    /// An instant, stored as RFC 3339 text.
    Timestamp,
    /// A length of time, stored as ISO 8601 text (`PT48H`, `P14D`) or short text (`48h`).
    Duration,
    /// A list, of one type of element if it is known.
    List(Option<Box<Type>>),
    /// An object, with known fields if they are declared.
    Object(Option<Box<Record>>),
}

/// What a type's name in a chart stands for.
#[derive(Debug, Clone)]
pub enum TypeName {
    /// A type.
    Supported(Type),
    /// A type that is planned; the text says what to do meanwhile.
    NotYet(&'static str),
    /// Nothing we know.
    Unknown,
}

impl Type {
    /// Names that [`Type::parse`] supports, for messages.
    pub const NAMES: [&str; 8] = [
        "string",
        "integer",
        "number",
        "boolean",
        "timestamp",
        "duration",
        "list",
        "object",
    ];

    /// The type with this name.
    #[must_use]
    pub fn parse(name: &str) -> TypeName {
        TypeName::Supported(match name {
            "string" => Self::String,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "timestamp" => Self::Timestamp,
            "duration" => Self::Duration,
            "list" => Self::List(None),
            "object" => Self::Object(None),
            "decimal" => {
                return TypeName::NotYet(
                    "decimal is not supported yet: keep money as an integer of minor units",
                );
            }
            _ => return TypeName::Unknown,
        })
    }

    /// The name, as an author writes it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Duration => "duration",
            Self::List(_) => "list",
            Self::Object(_) => "object",
        }
    }

    /// The JSON Schema that says exactly this.
    #[must_use]
    pub fn json_schema(&self) -> Value {
        match self {
            Self::Any => json!({}),
            Self::String | Self::Number | Self::Boolean | Self::Object(None) => {
                json!({"type": self.name()})
            }
            Self::Integer => {
                json!({"type": "integer", "minimum": i64::MIN, "maximum": i64::MAX})
            }
            Self::Timestamp => json!({"type": "string", "format": "date-time"}),
            Self::Duration => json!({"type": "string", "format": "duration"}),
            Self::List(None) => json!({"type": "array"}),
            Self::List(Some(item)) => json!({"type": "array", "items": item.json_schema()}),
            Self::Object(Some(record)) => record.json_schema(),
        }
    }

    /// The nearest type of a JSON Schema: never narrower than the schema in what it lets through, so that it can
    /// serve the checker of expressions and the choice of what to mask.
    #[must_use]
    pub fn nearest(schema: &Value) -> Self {
        nearest(schema, NESTING_MAX)
    }

    /// Whether a value of this type can hold something sensitive.
    pub(super) fn has_sensitive(&self) -> bool {
        match self {
            Self::List(Some(item)) => item.has_sensitive(),
            Self::Object(Some(record)) => record.has_sensitive(),
            _ => false,
        }
    }

    pub(super) fn mask(&self, value: &Value) -> Value {
        match (self, value) {
            (Self::Object(Some(record)), Value::Object(object)) => {
                Value::Object(record.mask(object))
            }
            (Self::List(Some(item)), Value::Array(items)) => {
                items.iter().map(|value| item.mask(value)).collect()
            }
            // What should have been a record, or a list of them, and is not may hold anything.
            (_, value) if self.has_sensitive() && !value.is_null() => Value::from(MASKED),
            _ => value.clone(),
        }
    }

    pub(super) fn fill_defaults(&self, value: &mut Value) {
        match (self, value) {
            (Self::Object(Some(record)), Value::Object(object)) => record.fill_defaults(object),
            (Self::List(Some(item)), Value::Array(items)) => {
                for value in items {
                    item.fill_defaults(value);
                }
            }
            _ => {}
        }
    }
}

fn nearest(schema: &Value, depth: usize) -> Type {
    let Some(schema) = schema.as_object() else {
        return Type::Any;
    };
    if depth == 0 {
        return Type::Any;
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => match schema.get("format").and_then(Value::as_str) {
            Some("date-time") => Type::Timestamp,
            Some("duration") => Type::Duration,
            _ => Type::String,
        },
        Some("integer") => Type::Integer,
        Some("number") => Type::Number,
        Some("boolean") => Type::Boolean,
        Some("array") => Type::List(
            schema
                .get("items")
                .map(|items| Box::new(nearest(items, depth - 1))),
        ),
        Some("object") => Type::Object(nearest_record(schema, depth).map(Box::new)),
        _ => Type::Any,
    }
}

/// The record of an object schema with `properties`; none if it names no fields or a name cannot be a field of ours.
fn nearest_record(schema: &Map<String, Value>, depth: usize) -> Option<Record> {
    let properties = schema.get("properties")?.as_object()?;
    let required = |name: &str| {
        schema
            .get("required")
            .and_then(Value::as_array)
            .is_some_and(|names| names.iter().any(|required| required == name))
    };
    let fields = properties.iter().map(|(name, property)| {
        // The plain schema of the type: the outer schema is the one that validates the rest.
        let mut field = Field::new(name.clone(), nearest(property, depth - 1));
        field.optional = !required(name);
        field.sensitive = property.get("sensitive") == Some(&Value::Bool(true));
        field
    });
    let record = Record::new(fields.collect()).ok()?;
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false))
        && !schema.contains_key("patternProperties");
    Some(if closed { record } else { record.open() })
}
