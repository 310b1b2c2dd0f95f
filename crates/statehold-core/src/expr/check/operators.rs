//! Operators: whether two types can be compared or calculated with, and what to write if not.

use super::super::ast::{Binary, Kind, Literal, Node};
use super::types::Ty;
use super::{Checker, TAKE_OPTIONAL};

const LENGTH_OF_TIME: &str =
    "a length of time is written days(n), hours(n), minutes(n) or seconds(n)";

const INSTANT_OR_LENGTH: &str = "an instant and a length of time do not compare: write now + days(n) for an instant, or later - earlier for a length";

/// Doubles divide by zero without failing.
fn is_zero(node: &Node) -> bool {
    matches!(node.kind, Kind::Literal(Literal::Int(0) | Literal::Uint(0)))
}

impl<'a> Checker<'a> {
    pub(super) fn negate(&mut self, node: &Node, operand: &'a Node) -> Ty<'a> {
        match self.node(operand) {
            ty @ (Ty::Int | Ty::Double | Ty::Any) => ty,
            other => {
                self.error(node, format!("`-` does not work on {}", other.name()));
                Ty::Any
            }
        }
    }

    pub(super) fn binary(
        &mut self,
        node: &Node,
        operator: Binary,
        operands: &'a [Node; 2],
    ) -> Ty<'a> {
        let left = self.node(&operands[0]);
        let right = self.node(&operands[1]);
        match operator {
            Binary::Equal | Binary::NotEqual => {
                if !left.can_equal(&right) {
                    let never = if operator == Binary::Equal {
                        "never"
                    } else {
                        "always"
                    };
                    let help = self.help_to_compare(operands, &left, &right);
                    let message = format!(
                        "this is {never} true: {} and {} are never equal",
                        left.with_article(),
                        right.with_article()
                    );
                    self.error_with_help(node, message, help);
                } else {
                    self.compare_with_range(node, operator, operands);
                }
                Ty::Bool
            }
            Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual => {
                if !left.can_order(&right) {
                    let help = self.help_to_compare(operands, &left, &right);
                    self.mismatch(node, operator, &left, &right, help);
                } else {
                    self.compare_with_range(node, operator, operands);
                }
                Ty::Bool
            }
            Binary::In => {
                self.contained(node, &left, &right);
                self.list_against_range(operands);
                Ty::Bool
            }
            Binary::Divide | Binary::Modulo if is_zero(&operands[1]) => {
                self.error(node, "a division by zero always fails");
                Ty::Any
            }
            _ => match left.arithmetic(operator, &right) {
                Some(ty) => ty,
                None => {
                    let help = self.help_to_calculate(operands, &left, &right);
                    self.mismatch(node, operator, &left, &right, help);
                    Ty::Any
                }
            },
        }
    }

    fn mismatch(
        &mut self,
        node: &Node,
        operator: Binary,
        left: &Ty<'_>,
        right: &Ty<'_>,
        help: Option<String>,
    ) {
        let message = format!(
            "`{}` does not work on {} and {}",
            operator.symbol(),
            left.name(),
            right.name()
        );
        self.error_with_help(node, message, help);
    }

    fn contained(&mut self, node: &Node, value: &Ty<'_>, container: &Ty<'_>) {
        match container {
            Ty::List(item) => {
                if !value.can_equal(item) {
                    let message = format!(
                        "this is never true: the list holds {} and this is {}",
                        item.name(),
                        value.with_article()
                    );
                    self.error(node, message);
                }
            }
            Ty::Map | Ty::Record(_) | Ty::Any => {}
            other => {
                let help = matches!(other, Ty::Text)
                    .then(|| "to search in a text write text.contains(part)".to_owned());
                let message = format!("`in` does not work on {}", other.with_article());
                self.error_with_help(node, message, help);
            }
        }
    }

    fn help_to_compare(
        &self,
        operands: &[Node; 2],
        left: &Ty<'_>,
        right: &Ty<'_>,
    ) -> Option<String> {
        let (value, other) = match (left, right) {
            (Ty::Optional(_), _) | (_, Ty::Optional(_)) => {
                return Some(TAKE_OPTIONAL.to_owned());
            }
            (Ty::Timestamp | Ty::Duration, Ty::Int) | (Ty::Int, Ty::Timestamp | Ty::Duration) => {
                return Some(LENGTH_OF_TIME.to_owned());
            }
            (Ty::Timestamp, Ty::Duration) | (Ty::Duration, Ty::Timestamp) => {
                return Some(INSTANT_OR_LENGTH.to_owned());
            }
            (Ty::Null, _) => (&operands[1], Ty::Null.name()),
            (_, Ty::Null) => (&operands[0], Ty::Null.name()),
            (Ty::Text, other) => (&operands[0], other.name()),
            (other, Ty::Text) => (&operands[1], other.name()),
            _ => return None,
        };
        let text = self.text(value);
        match other {
            "null" => Some(format!(
                "a field is absent rather than null: write has({text}) or !has({text})"
            )),
            "timestamp" | "duration" => Some(format!("write {other}({text})")),
            "int" | "double" => Some(format!("write {other}({text}) if the text is a number")),
            _ => None,
        }
    }

    fn help_to_calculate(
        &self,
        operands: &[Node; 2],
        left: &Ty<'_>,
        right: &Ty<'_>,
    ) -> Option<String> {
        let literal = operands.iter().find_map(|operand| match &operand.kind {
            Kind::Literal(Literal::Uint(value)) => Some(value),
            _ => None,
        });
        if let (Some(value), Ty::Int | Ty::Uint, Ty::Int | Ty::Uint) = (literal, left, right) {
            return Some(format!("whole numbers have no `u` here: write {value}"));
        }
        let (int, mixed) = match (left, right) {
            (Ty::Int, Ty::Double) => (&operands[0], true),
            (Ty::Double, Ty::Int) => (&operands[1], true),
            _ => (&operands[0], false),
        };
        if mixed {
            return Some(match &int.kind {
                Kind::Literal(Literal::Int(value)) => {
                    format!("whole and fractional numbers do not mix: write {value}.0")
                }
                _ => format!(
                    "whole and fractional numbers do not mix: write double({})",
                    self.text(int)
                ),
            });
        }
        match (left, right) {
            (Ty::Timestamp | Ty::Duration, Ty::Int) | (Ty::Int, Ty::Timestamp | Ty::Duration) => {
                Some(LENGTH_OF_TIME.to_owned())
            }
            (Ty::Text, Ty::Int | Ty::Double) => {
                Some(format!("write string({})", self.text(&operands[1])))
            }
            (Ty::Int | Ty::Double, Ty::Text) => {
                Some(format!("write string({})", self.text(&operands[0])))
            }
            (Ty::Optional(_), _) | (_, Ty::Optional(_)) => Some(TAKE_OPTIONAL.to_owned()),
            _ => None,
        }
    }
}
