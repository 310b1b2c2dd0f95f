//! Rules of a `Choice` as expressions.

use serde_json::Value;
use statehold_core::expr::Expr;
use statehold_core::source::{Node, NodeValue};

use super::flow::Flow;
use super::path::Base;
use super::{entries, items};
use crate::draft::{GuardDraft, quoted};

impl Flow<'_> {
    /// The condition of a rule. One that has no words here is a guard that is `false`, so that nothing moves by itself.
    pub(super) fn rule(&mut self, rule: &Node) -> GuardDraft {
        let source = self.condition(rule);
        if let Some(source) = source.filter(|source| Expr::compile(source).is_ok()) {
            return GuardDraft::Expr(source);
        }
        let text = told(rule);
        let message =
            format!("`{text}` is a guard that is `false` until you write it as an expression");
        self.loss(rule, "rule of a choice", message);
        let key = format!("rule {text}");
        let name = self
            .draft
            .guard_apart(&key, &text, None, &[format!("TODO: {text}")]);
        if let Some(guard) = self.draft.guards.get_mut(&name) {
            guard.value = Value::Bool(false);
        }
        GuardDraft::Named(name)
    }

    /// Depth is bounded by the reader of the document.
    fn condition(&mut self, rule: &Node) -> Option<String> {
        for (key, sign) in [("And", " && "), ("Or", " || ")] {
            if let Some(node) = rule.get(key) {
                let parts: Option<Vec<String>> = items(Some(node))
                    .iter()
                    .map(|rule| self.part(rule, key))
                    .collect();
                return parts
                    .filter(|parts| !parts.is_empty())
                    .map(|parts| parts.join(sign));
            }
        }
        if let Some(inner) = rule.get("Not") {
            return Some(format!("!({})", self.condition(inner)?));
        }
        self.comparison(rule)
    }

    /// A part of an `And` or `Or`, in brackets if it holds the other one.
    fn part(&mut self, rule: &Node, key: &str) -> Option<String> {
        let source = self.condition(rule)?;
        let other = if key == "And" { "||" } else { "&&" };
        Some(if source.contains(other) {
            format!("({source})")
        } else {
            source
        })
    }

    fn comparison(&mut self, rule: &Node) -> Option<String> {
        let variable = rule.get("Variable")?.as_str()?;
        let (key, operand) = entries(rule).iter().find(|(key, _)| {
            !["Variable", "Next", "Comment", "Assign", "Output"].contains(&key.text.as_str())
        })?;
        if key.text == "IsPresent" {
            let is_present = self.is_present(variable)?;
            return Some(negated_unless(truth(operand)?, is_present));
        }
        let variable = self.path(variable, &Base::Context)?;
        if let Some(kind) = key.text.strip_prefix("Is") {
            let source = match kind {
                "Null" => format!("{variable} == null"),
                "String" => format!("type({variable}) == string"),
                "Boolean" => format!("type({variable}) == bool"),
                "Numeric" => format!("(type({variable}) == int || type({variable}) == double)"),
                _ => return None,
            };
            return Some(negated_unless(truth(operand)?, source));
        }
        if key.text == "StringMatches" {
            return Some(matches(&variable, operand.as_str()?));
        }
        self.ordered(&variable, &key.text, operand)
    }

    /// `StringEquals`, `NumericLessThanPath` and the like.
    fn ordered(&mut self, variable: &str, operator: &str, operand: &Node) -> Option<String> {
        let (operator, is_path) = match operator.strip_suffix("Path") {
            Some(operator) => (operator, true),
            None => (operator, false),
        };
        let kinds = ["String", "Numeric", "Boolean", "Timestamp"];
        let (kind, relation) = kinds
            .iter()
            .find_map(|kind| Some((*kind, operator.strip_prefix(kind)?)))?;
        let sign = match relation {
            "Equals" => "==",
            "LessThan" => "<",
            "GreaterThan" => ">",
            "LessThanEquals" => "<=",
            "GreaterThanEquals" => ">=",
            _ => return None,
        };
        let operand = if is_path {
            self.path(operand.as_str()?, &Base::Context)?
        } else {
            match (&operand.value, kind) {
                (NodeValue::Str(text), "String" | "Timestamp") => quoted(text),
                (NodeValue::Int(number), "Numeric") => number.to_string(),
                (NodeValue::Float(number), "Numeric") => format!("{number:?}"),
                (NodeValue::Bool(value), "Boolean") => value.to_string(),
                _ => return None,
            }
        };
        if kind == "Timestamp" {
            return Some(format!("timestamp({variable}) {sign} timestamp({operand})"));
        }
        Some(format!("{variable} {sign} {operand}"))
    }
}

fn truth(node: &Node) -> Option<bool> {
    match node.value {
        NodeValue::Bool(value) => Some(value),
        _ => None,
    }
}

fn negated_unless(wanted: bool, source: String) -> String {
    if wanted {
        source
    } else {
        format!("!({source})")
    }
}

/// A pattern in which `*` stands for anything and `\*` for itself.
fn matches(variable: &str, pattern: &str) -> String {
    let mut regex = String::from("^");
    let mut is_plain = true;
    let mut plain = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => {
                regex.push_str(".*");
                is_plain = false;
            }
            c => {
                let c = if c == '\\' {
                    chars.next().unwrap_or(c)
                } else {
                    c
                };
                if !c.is_alphanumeric() && c.is_ascii() && !c.is_control() && c != ' ' {
                    regex.push('\\');
                }
                regex.push(c);
                plain.push(c);
            }
        }
    }
    regex.push('$');
    if is_plain {
        return format!("{variable} == {}", quoted(&plain));
    }
    format!("{variable}.matches({})", quoted(&regex))
}

/// A rule in short words, for the name of a guard.
fn told(rule: &Node) -> String {
    const TOLD_CHARS: usize = 120;
    let mut json = rule.to_json();
    if let Some(entries) = json.as_object_mut() {
        entries.shift_remove("Next");
        entries.shift_remove("Comment");
        if let [(_, Value::String(only))] = entries.iter().collect::<Vec<_>>().as_slice() {
            return only.chars().take(TOLD_CHARS).collect();
        }
    }
    json.to_string()
        .chars()
        .filter(|c| !matches!(c, '{' | '}' | '"'))
        .take(TOLD_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    use statehold_core::source::parse_json;

    use super::*;
    use crate::draft::Draft;
    use crate::notes::Notes;

    #[track_caller]
    fn source(rule: &str) -> Option<String> {
        let mut flow = Flow::new(Draft::new("x"), Notes::new(""));
        let source = flow.condition(&parse_json(rule).expect("JSON"))?;
        assert!(Expr::compile(&source).is_ok(), "{source}");
        Some(source)
    }

    #[test]
    fn rules_become_expressions() {
        for (rule, expected) in [
            (
                r#"{"Variable":"$.a","StringEquals":"x'y"}"#,
                "ctx.a == 'x\\'y'",
            ),
            (
                r#"{"Variable":"$.a","NumericGreaterThanEqualsPath":"$.b.c"}"#,
                "ctx.a >= ctx.b.c",
            ),
            (r#"{"Variable":"$.a","NumericLessThan":1.5}"#, "ctx.a < 1.5"),
            (
                r#"{"Variable":"$.a","BooleanEquals":true}"#,
                "ctx.a == true",
            ),
            (
                r#"{"Variable":"$.a","TimestampGreaterThan":"2026-01-01T00:00:00Z"}"#,
                "timestamp(ctx.a) > timestamp('2026-01-01T00:00:00Z')",
            ),
            (r#"{"Variable":"$.a","IsPresent":false}"#, "!(has(ctx.a))"),
            (r#"{"Variable":"$.a","IsNull":true}"#, "ctx.a == null"),
            (
                r#"{"Variable":"$.a","IsNumeric":true}"#,
                "(type(ctx.a) == int || type(ctx.a) == double)",
            ),
            (
                r#"{"Variable":"$.a","StringMatches":"a.b*\\*"}"#,
                "ctx.a.matches('^a\\\\.b.*\\\\*$')",
            ),
            (
                r#"{"Variable":"$.a","StringMatches":"true"}"#,
                "ctx.a == 'true'",
            ),
            (
                r#"{"Not":{"Variable":"$.a","StringEquals":"x"}}"#,
                "!(ctx.a == 'x')",
            ),
            (
                r#"{"And":[{"Variable":"$.a","StringEquals":"x"},{"Or":[{"Variable":"$.b","IsNull":false},{"Variable":"$.c","NumericEquals":3}]}]}"#,
                "ctx.a == 'x' && (!(ctx.b == null) || ctx.c == 3)",
            ),
        ] {
            assert_eq!(source(rule).as_deref(), Some(expected), "{rule}");
        }
    }

    #[test]
    fn what_has_no_words_here_is_left() {
        for rule in [
            r#"{"Variable":"$.a","IsTimestamp":true}"#,
            r#"{"Variable":"$..a","StringEquals":"x"}"#,
            r#"{"Condition":"{% $a > 1 %}"}"#,
            r#"{"Variable":"$.a","StringEquals":3}"#,
            r#"{"And":[]}"#,
        ] {
            assert_eq!(source(rule), None, "{rule}");
        }
    }
}
