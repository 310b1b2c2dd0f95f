//! Values of a document as expressions of ours: where a chart expects CEL, text needs quotes of its own.

use serde_json::Value;

/// A JSON value in the syntax of `assign`, `input` and `output`.
pub(crate) fn literal(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(quoted(text)),
        Value::Array(items) => items.iter().map(literal).collect(),
        Value::Object(entries) => (entries.iter())
            .map(|(key, value)| (key.clone(), literal(value)))
            .collect(),
        other => other.clone(),
    }
}

/// A text as an expression writes it.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// A context field that holds this value until it is written, as key and form. One that begins with null may hold
/// anything.
pub(crate) fn field(name: &str, value: &Value) -> (String, Value) {
    let ty = match value {
        Value::Null => return (format!("{name}?"), serde_json::json!({ "default": null })),
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    let form = serde_json::json!({ "type": ty, "default": value });
    (name.to_owned(), form)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use statehold_core::expr::Expr;

    use super::*;

    #[test]
    fn quoted_texts_are_expressions() {
        for text in [
            "",
            "a",
            "it's",
            "a\\b",
            "line\nline",
            "\u{1}\u{7f}",
            "ä \"x\" ${y}",
        ] {
            let source = quoted(text);
            assert!(Expr::compile(&source).is_ok(), "{source}");
        }
        assert_eq!(
            literal(&json!({ "a": ["x", 1, null] })),
            json!({ "a": ["'x'", 1, null] })
        );
    }
}
