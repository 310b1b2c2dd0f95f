//! Comparisons of a field with a literal outside of what the field can hold: an enumeration without that word, a
//! number beyond the bounds. They compile, and always have the same answer.

use std::cmp::Ordering;

use serde_json::Value;

use super::super::ast::{Binary, Kind, Literal, Node};
use super::super::{ExprError, ExprErrorKind};
use super::Checker;
use crate::schema::Field;
use crate::source::nearest;

/// Beyond this a double does not tell whole numbers apart, and nothing is certain.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Most allowed values that a message lists.
const LISTED_MAX: usize = 8;

impl<'a> Checker<'a> {
    /// Notes a comparison that the declared values of a field decide alone.
    pub(super) fn compare_with_range(
        &mut self,
        node: &Node,
        operator: Binary,
        operands: &'a [Node; 2],
    ) {
        let [left, right] = operands;
        let (field, literal, operator) = match (&left.kind, &right.kind) {
            (_, Kind::Literal(literal)) => (self.declared_field(left), literal, operator),
            (Kind::Literal(literal), _) => (self.declared_field(right), literal, turned(operator)),
            _ => return,
        };
        let Some((field, literal)) = field.zip(literal_value(literal)) else {
            return;
        };
        if let Some(answer) = answer(field, operator, &literal) {
            let always = if answer { "always" } else { "never" };
            let message = format!("this is {always} true: {}", range_words(field));
            self.note_constant(node, message, &literal, field);
        }
    }

    /// Notes elements of `field in [ ... ]` that the field never is.
    pub(super) fn list_against_range(&mut self, operands: &'a [Node; 2]) {
        let Kind::List(items) = &operands[1].kind else {
            return;
        };
        let Some(field) = self.declared_field(&operands[0]) else {
            return;
        };
        for item in items {
            let Kind::Literal(literal) = &item.node.kind else {
                continue;
            };
            if let Some(literal) = literal_value(literal)
                && answer(field, Binary::Equal, &literal) == Some(false)
            {
                let message = format!("`{}` is never this: {}", field.name, range_words(field));
                self.note_constant(&item.node, message, &literal, field);
            }
        }
    }

    fn note_constant(&mut self, node: &Node, message: String, literal: &Value, field: &Field) {
        let mut error = ExprError::new(ExprErrorKind::Constant, node.span.range(), message);
        let allowed = allowed_values(field).unwrap_or_default();
        let words = allowed.iter().filter_map(Value::as_str);
        if let Some(near) = literal.as_str().and_then(|text| nearest(text, words)) {
            error = error.help(format!("did you mean '{near}'?"));
        }
        self.errors.push(error);
    }
}

/// The operator for its operands the other way round.
fn turned(operator: Binary) -> Binary {
    match operator {
        Binary::Less => Binary::Greater,
        Binary::LessEqual => Binary::GreaterEqual,
        Binary::Greater => Binary::Less,
        Binary::GreaterEqual => Binary::LessEqual,
        other => other,
    }
}

pub(super) fn literal_value(literal: &Literal) -> Option<Value> {
    Some(match literal {
        Literal::Bool(value) => Value::from(*value),
        Literal::Int(value) => Value::from(*value),
        Literal::Uint(value) => Value::from(*value),
        Literal::Double(value) => Value::from(*value),
        Literal::Text(value) => Value::from(value.as_ref()),
        Literal::Null | Literal::Type(_) => return None,
    })
}

/// The answer of the comparison for every value that the field can hold; none if it depends on the value.
fn answer(field: &Field, operator: Binary, literal: &Value) -> Option<bool> {
    if let Some(allowed) = allowed_values(field) {
        let mut answers = allowed
            .iter()
            .map(|value| compare(value, operator, literal));
        let first = answers.next()??;
        return answers
            .all(|answer| answer == Some(first))
            .then_some(first)
            // Whether the only value is the one compared with is the chart's own business.
            .filter(|_| allowed.len() > 1 || !first);
    }
    let number = literal
        .as_f64()
        .filter(|number| literal.is_number() && number.abs() < EXACT_MAX)?;
    let (least, greatest) = bounds(field);
    let below = least.is_some_and(|(least, open)| number < least || (open && number <= least));
    let above = greatest.is_some_and(|(most, open)| number > most || (open && number >= most));
    let at_least = least.is_some_and(|(least, _)| number <= least);
    let at_most = greatest.is_some_and(|(most, _)| number >= most);
    match operator {
        Binary::Equal if below || above => Some(false),
        Binary::NotEqual if below || above => Some(true),
        Binary::Less if at_least => Some(false),
        Binary::Less if above => Some(true),
        Binary::LessEqual if below => Some(false),
        Binary::LessEqual if at_most => Some(true),
        Binary::Greater if at_most => Some(false),
        Binary::Greater if below => Some(true),
        Binary::GreaterEqual if above => Some(false),
        Binary::GreaterEqual if at_least => Some(true),
        _ => None,
    }
}

fn compare(value: &Value, operator: Binary, literal: &Value) -> Option<bool> {
    let ordering = match (value, literal) {
        (Value::Number(left), Value::Number(right)) => {
            let exact =
                |number: &serde_json::Number| number.as_f64().filter(|n| n.abs() < EXACT_MAX);
            exact(left)?.partial_cmp(&exact(right)?)?
        }
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        _ => return None,
    };
    Some(match operator {
        Binary::Equal => ordering == Ordering::Equal,
        Binary::NotEqual => ordering != Ordering::Equal,
        Binary::Less => ordering.is_lt(),
        Binary::LessEqual => ordering.is_le(),
        Binary::Greater => ordering.is_gt(),
        Binary::GreaterEqual => ordering.is_ge(),
        _ => return None,
    })
}

/// The only values of the field, where it declares them.
pub(super) fn allowed_values(field: &Field) -> Option<Vec<Value>> {
    if let Some(only) = field.schema.get("const") {
        return Some(vec![only.clone()]);
    }
    let allowed = field.schema.get("enum")?.as_array()?;
    (!allowed.is_empty()).then(|| allowed.clone())
}

/// A bound, and whether the bound itself is excluded.
type Bound = Option<(f64, bool)>;

/// Bounds that an author wrote. Those of 64 bits are no news.
fn bounds(field: &Field) -> (Bound, Bound) {
    let number = |key: &str| {
        let value = field.schema.get(key)?;
        let is_own = value.as_i64() != Some(i64::MIN) && value.as_i64() != Some(i64::MAX);
        value.as_f64().filter(|_| is_own)
    };
    let least = number("exclusiveMinimum").map(|value| (value, true));
    let greatest = number("exclusiveMaximum").map(|value| (value, true));
    (
        least.or_else(|| number("minimum").map(|value| (value, false))),
        greatest.or_else(|| number("maximum").map(|value| (value, false))),
    )
}

fn range_words(field: &Field) -> String {
    if let Some(allowed) = allowed_values(field) {
        if let [only] = allowed.as_slice() {
            return format!("`{}` is always {only}", field.name);
        }
        let shown: Vec<String> = (allowed.iter().take(LISTED_MAX))
            .map(Value::to_string)
            .collect();
        let more = if allowed.len() > LISTED_MAX {
            ", ..."
        } else {
            ""
        };
        return format!("`{}` is one of {}{more}", field.name, shown.join(", "));
    }
    let words = match bounds(field) {
        (Some((least, open)), Some((most, closed))) => {
            format!(
                "{} and {}",
                least_words(least, open),
                most_words(most, closed)
            )
        }
        (Some((least, open)), None) => least_words(least, open),
        (None, Some((most, open))) => most_words(most, open),
        (None, None) => "anything".to_owned(),
    };
    format!("`{}` is {words}", field.name)
}

fn least_words(bound: f64, open: bool) -> String {
    format!("{} {bound}", if open { "more than" } else { "at least" })
}

fn most_words(bound: f64, open: bool) -> String {
    format!("{} {bound}", if open { "less than" } else { "at most" })
}
