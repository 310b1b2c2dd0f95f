//! Values that are written down: JSON, literals of ECMAScript, and texts.

use statehold_core::expr::Expr;
use statehold_core::machine::ValueExpr;

use super::rewrite::{Kind, tokens};

/// A text that is data unless it is written like a value: JSON, or an expression without names in it.
pub(super) fn value_of_text(text: &str) -> ValueExpr {
    if let Ok(value) = serde_json::from_str(text) {
        return ValueExpr::Literal(value);
    }
    match Expr::compile(text) {
        Ok(expr) if is_closed(&expr) => ValueExpr::Expr(expr),
        _ => ValueExpr::Literal(text.into()),
    }
}

fn is_closed(expr: &Expr) -> bool {
    let references = expr.references();
    references.paths().next().is_none() && references.functions().next().is_none()
}

/// The value of an expression that is written like JSON, with the quotes and the bare keys of ECMAScript.
pub(super) fn literal_of(source: &str) -> Option<serde_json::Value> {
    let tokens = tokens(source);
    let mut json = String::with_capacity(source.len() + 8);
    for (at, token) in tokens.iter().enumerate() {
        let is_key = tokens.get(at + 1).is_some_and(|next| next.text == ":");
        match (token.kind, token.text) {
            (Kind::Name, "undefined") => json.push_str("null"),
            (Kind::Name, name) if is_key => json.push_str(&format!("\"{name}\"")),
            (Kind::Text, text) if text.starts_with('\'') => {
                let inner = text.get(1..text.len().checked_sub(1)?)?;
                if inner.contains(['\\', '"', '\'']) {
                    return None;
                }
                json.push_str(&format!("\"{inner}\""));
            }
            (_, text) => json.push_str(text),
        }
    }
    serde_json::from_str(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_ecmascript_are_values() {
        for (source, value) in [
            (
                "{'a': false, b: [1, -2.5]}",
                Some("{\"a\":false,\"b\":[1,-2.5]}"),
            ),
            ("''", Some("\"\"")),
            ("undefined", Some("null")),
            ("x", None),
            ("1 + 2", None),
            ("'", None),
        ] {
            let found = literal_of(source).map(|value| value.to_string());
            assert_eq!(found.as_deref(), value, "{source}");
        }
    }

    #[test]
    fn text_that_is_no_value_stays_text() {
        let literal = |text: &str| match value_of_text(text) {
            ValueExpr::Literal(value) => value.to_string(),
            _ => "an expression".to_owned(),
        };
        assert_eq!(literal("[1, 2]"), "[1,2]");
        assert_eq!(literal("More content."), r#""More content.""#);
        assert_eq!(literal("foo"), r#""foo""#);
        assert_eq!(literal("['a']"), "an expression");
    }
}
