//! From a declared [`Field`] to one that can be checked: names, references, patterns and defaults are proven here.

use std::sync::Arc;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

use super::{FIELD_NAME_BYTES_MAX, Field, SchemaError, parse_duration, parse_timestamp, validate};

/// Compiled size of one regular expression of a schema, in bytes: generous for real patterns, and a bound on both
/// memory and the time per byte of text.
const PATTERN_BYTES_MAX: usize = 256 * 1024;

/// Schemas nest at most this deep; compiling recurses.
const SCHEMA_DEPTH_MAX: usize = 64;

/// A field with the validator of what its type does not say.
#[derive(Debug, Clone)]
pub(super) struct Compiled {
    pub(super) field: Field,
    /// None if the type says it all.
    pub(super) validator: Option<Arc<Validator>>,
}

pub(super) fn compile(field: Field) -> Result<Compiled, SchemaError> {
    let error = |message: String| SchemaError {
        field: field.name.clone(),
        message,
    };
    check_name(&field.name).map_err(error)?;
    check_references(&field.schema, SCHEMA_DEPTH_MAX).map_err(error)?;
    let validator = if field.schema == field.ty.json_schema() {
        None
    } else {
        Some(Arc::new(validator(&field.schema).map_err(error)?))
    };
    let compiled = Compiled { field, validator };
    check_default(&compiled)?;
    Ok(compiled)
}

fn check_name(name: &str) -> Result<(), String> {
    let mut bytes = name.bytes();
    let starts_well = bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if !starts_well || !bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err("a name is a letter or `_`, then letters, digits and `_`".to_owned());
    }
    if name.len() > FIELD_NAME_BYTES_MAX {
        return Err(format!("a name has at most {FIELD_NAME_BYTES_MAX} bytes"));
    }
    Ok(())
}

/// Refuses what would lead outside the schema, before the schema crate sees it.
fn check_references(schema: &Value, depth: usize) -> Result<(), String> {
    if depth == 0 {
        return Err(format!(
            "the schema nests deeper than {SCHEMA_DEPTH_MAX} levels"
        ));
    }
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                let reference = matches!(key.as_str(), "$ref" | "$dynamicRef")
                    .then(|| value.as_str())
                    .flatten();
                if let Some(target) = reference
                    && !target.starts_with('#')
                {
                    return Err(format!(
                        "`{key}: {target}` leads outside this schema; only `#...` is allowed"
                    ));
                }
                check_references(value, depth - 1)?;
            }
            Ok(())
        }
        Value::Array(items) => items
            .iter()
            .try_for_each(|item| check_references(item, depth - 1)),
        _ => Ok(()),
    }
}

fn validator(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES_MAX))
        .with_format("date-time", |text: &str| parse_timestamp(text).is_some())
        .with_format("duration", |text: &str| parse_duration(text).is_some())
        .should_validate_formats(true)
        .offline()
        .build(schema)
        .map_err(|error| format!("not a usable JSON Schema: {}", error.masked()))
}

fn check_default(compiled: &Compiled) -> Result<(), SchemaError> {
    let Some(default) = &compiled.field.default else {
        return Ok(());
    };
    let mut violations = validate::Violations::default();
    validate::field(compiled, default, &mut violations);
    match violations.into_vec().into_iter().next() {
        None => Ok(()),
        Some(violation) => Err(SchemaError {
            field: compiled.field.name.clone(),
            message: format!("the default does not fit: {}", violation.message),
        }),
    }
}

/// Makes `#...` references of a field's schema lead through the record that holds it.
pub(super) fn rebase_references(schema: &mut Value, field: &str) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(target) if matches!(key.as_str(), "$ref" | "$dynamicRef") => {
                        if target == "#" || target.starts_with("#/") {
                            target.insert_str(1, &format!("/properties/{field}"));
                        }
                    }
                    value => rebase_references(value, field),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                rebase_references(item, field);
            }
        }
        _ => {}
    }
}
