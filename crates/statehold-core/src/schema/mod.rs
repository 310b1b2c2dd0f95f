//! The shape of data: which fields a context or an input has, of which types, and what is wrong with a value.
//!
//! A [`Record`] is built once, when a chart is loaded. Plain types are checked here, in plain words and without
//! allocation on the good path; a field that says more in JSON Schema (an enumeration, a pattern, a range) is also
//! checked by a compiled validator. Invariants: a record never reads a file or the network (a `$ref` leads into the
//! field's own schema or is refused), its regular expressions run in linear time, and its defaults fit their types.
//!
//! It does not know charts, expressions or storage.

mod compile;
mod time;
mod types;
mod validate;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::lookup;

pub use time::{parse_duration, parse_timestamp};
pub use types::{Type, TypeName};
pub use validate::Violation;

/// Stands in place of a sensitive value.
pub const MASKED: &str = "[masked]";

/// Longest name of a field in bytes: it becomes part of paths, columns and messages.
pub const FIELD_NAME_BYTES_MAX: usize = 63;

/// One field of a record, as its author declared it.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name: a letter or `_`, then letters, digits and `_`.
    pub name: String,
    /// Its type, as far as expressions and masking care.
    pub ty: Type,
    /// It may be left out.
    pub optional: bool,
    /// What it is if left out.
    pub default: Option<Value>,
    /// Its value is masked wherever people look.
    pub sensitive: bool,
    /// JSON Schema 2020-12 of this field; says at least what `ty` says.
    pub schema: Value,
}

impl Field {
    /// A required field of a plain type.
    #[must_use]
    pub fn new(name: impl Into<String>, ty: Type) -> Self {
        let schema = ty.json_schema();
        Self {
            name: name.into(),
            ty,
            optional: false,
            default: None,
            sensitive: false,
            schema,
        }
    }

    /// A required field described by a JSON Schema, whose type is the nearest one. The keywords `default` and
    /// `sensitive` of the schema are taken over.
    #[must_use]
    pub fn from_schema(name: impl Into<String>, schema: Value) -> Self {
        Self {
            name: name.into(),
            ty: Type::nearest(&schema),
            optional: false,
            default: schema.get("default").cloned(),
            sensitive: schema.get("sensitive") == Some(&Value::Bool(true)),
            schema,
        }
    }

    /// The same field, free to be left out.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The same field, with a value to take if it is left out.
    #[must_use]
    pub fn default(mut self, value: Value) -> Self {
        self.default = Some(value);
        self
    }

    /// The same field, masked wherever people look.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
}

/// Why a record cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field `{field}`: {message}")]
pub struct SchemaError {
    /// Name of the field.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// A closed set of fields, in the order of their declaration. The empty record accepts only `{}`.
#[derive(Debug, Clone, Default)]
pub struct Record {
    fields: IndexMap<String, compile::Compiled>,
    /// Fields that are not declared are let through.
    open: bool,
    has_sensitive: bool,
}

impl Record {
    /// A record of these fields, in this order.
    ///
    /// # Errors
    /// The first field with a bad or repeated name, a schema that does not compile or refers outside itself, or a
    /// default that its own schema refuses.
    pub fn new(fields: Vec<Field>) -> Result<Self, SchemaError> {
        let mut record = Self::default();
        for field in fields {
            let compiled = compile::compile(field)?;
            let name = compiled.field.name.clone();
            record.has_sensitive |= compiled.field.sensitive || compiled.field.ty.has_sensitive();
            if record.fields.insert(name.clone(), compiled).is_some() {
                return Err(SchemaError {
                    field: name,
                    message: "declared twice".to_owned(),
                });
            }
        }
        Ok(record)
    }

    /// The same record, letting undeclared fields through.
    #[must_use]
    pub(crate) fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// Whether undeclared fields are let through.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// The field of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Field> {
        lookup::entry(&self.fields, name).map(|compiled| &compiled.field)
    }

    /// All fields in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = &Field> {
        self.fields.values().map(|compiled| &compiled.field)
    }

    /// Whether any field, at any depth, is sensitive.
    #[must_use]
    pub fn has_sensitive(&self) -> bool {
        self.has_sensitive
    }

    /// Adds the defaults of fields that were left out, also inside nested records that are present.
    pub fn fill_defaults(&self, object: &mut Map<String, Value>) {
        for field in self.fields() {
            match object.get_mut(&field.name) {
                None => {
                    if let Some(default) = &field.default {
                        object.insert(field.name.clone(), default.clone());
                    }
                }
                Some(value) => field.ty.fill_defaults(value),
            }
        }
    }

    /// Everything that is wrong with an object; empty if nothing is.
    #[must_use]
    pub fn validate(&self, object: &Map<String, Value>) -> Vec<Violation> {
        let mut violations = validate::Violations::default();
        validate::record(self, object, &mut violations);
        violations.into_vec()
    }

    /// A copy in which the value of every sensitive field is [`MASKED`].
    #[must_use]
    pub fn mask(&self, object: &Map<String, Value>) -> Map<String, Value> {
        let masked = object.iter().map(|(name, value)| {
            let value = match self.get(name) {
                Some(field) if field.sensitive => Value::from(MASKED),
                Some(field) => field.ty.mask(value),
                None => value.clone(),
            };
            (name.clone(), value)
        });
        masked.collect()
    }

    /// The record as one JSON Schema 2020-12. References inside a field's schema are rewritten to lead through the
    /// whole.
    #[must_use]
    pub fn json_schema(&self) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in self.fields() {
            let mut schema = field.schema.clone();
            compile::rebase_references(&mut schema, &field.name);
            if let Value::Object(schema) = &mut schema {
                if let Some(default) = &field.default {
                    schema.insert("default".to_owned(), default.clone());
                }
                if field.sensitive {
                    schema.insert("sensitive".to_owned(), Value::Bool(true));
                }
            }
            properties.insert(field.name.clone(), schema);
            if !field.optional && field.default.is_none() {
                required.push(Value::from(field.name.clone()));
            }
        }
        let mut schema = json!({"type": "object", "properties": properties});
        if !required.is_empty() {
            schema["required"] = Value::Array(required);
        }
        if !self.open {
            schema["additionalProperties"] = Value::Bool(false);
        }
        schema
    }
}
