//! [`Ty`]: what is known about a value before it exists.

use super::super::ast::{Binary, Literal};
use super::super::value::with_article;
use crate::schema::{Record, Type};

#[derive(Debug, Clone)]
pub(super) enum Ty<'a> {
    /// Not known: fits everything.
    Any,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Timestamp,
    Duration,
    List(Box<Ty<'a>>),
    /// An object of unknown fields.
    Map,
    Record(&'a Record),
    Optional(Box<Ty<'a>>),
    Type,
}

impl<'a> Ty<'a> {
    pub(super) fn of_schema(ty: &'a Type) -> Self {
        match ty {
            Type::Any => Ty::Any,
            Type::String => Ty::Text,
            Type::Integer => Ty::Int,
            Type::Number => Ty::Double,
            Type::Boolean => Ty::Bool,
            Type::Timestamp => Ty::Timestamp,
            Type::Duration => Ty::Duration,
            Type::List(item) => Ty::List(Box::new(
                item.as_ref().map_or(Ty::Any, |item| Ty::of_schema(item)),
            )),
            Type::Object(record) => record.as_ref().map_or(Ty::Map, |record| Ty::Record(record)),
        }
    }

    pub(super) fn of_literal(literal: &Literal) -> Self {
        match literal {
            Literal::Null => Ty::Null,
            Literal::Bool(_) => Ty::Bool,
            Literal::Int(_) => Ty::Int,
            Literal::Uint(_) => Ty::Uint,
            Literal::Double(_) => Ty::Double,
            Literal::Text(_) => Ty::Text,
            Literal::Type(_) => Ty::Type,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Ty::Any => "any",
            Ty::Null => "null",
            Ty::Bool => "bool",
            Ty::Int => "int",
            Ty::Uint => "uint",
            Ty::Double => "double",
            Ty::Text => "string",
            Ty::Timestamp => "timestamp",
            Ty::Duration => "duration",
            Ty::List(_) => "list",
            Ty::Map | Ty::Record(_) => "map",
            Ty::Optional(_) => "optional",
            Ty::Type => "type",
        }
    }

    pub(super) fn with_article(&self) -> String {
        with_article(self.name())
    }

    fn is_number(&self) -> bool {
        matches!(self, Ty::Int | Ty::Uint | Ty::Double)
    }

    fn is_same_kind(&self, other: &Ty<'_>) -> bool {
        self.name() == other.name()
    }

    /// What a value is that is either of the two.
    pub(super) fn join(self, other: Ty<'a>) -> Ty<'a> {
        match (self, other) {
            (Ty::List(left), Ty::List(right)) => Ty::List(Box::new(left.join(*right))),
            (Ty::Optional(left), Ty::Optional(right)) => Ty::Optional(Box::new(left.join(*right))),
            (Ty::Record(left), Ty::Record(right)) if std::ptr::eq(left, right) => Ty::Record(left),
            (Ty::Record(_) | Ty::Map, Ty::Record(_) | Ty::Map) => Ty::Map,
            (left, right) if left.is_same_kind(&right) => left,
            _ => Ty::Any,
        }
    }

    /// Whether a value of this type can equal one of the other.
    pub(super) fn can_equal(&self, other: &Ty<'_>) -> bool {
        match (self, other) {
            (Ty::Any, _) | (_, Ty::Any) => true,
            (Ty::List(left), Ty::List(right)) => left.can_equal(right),
            (Ty::Optional(left), Ty::Optional(right)) => left.can_equal(right),
            (left, right) => left.is_same_kind(right) || (left.is_number() && right.is_number()),
        }
    }

    /// Whether `<` works on the two.
    pub(super) fn can_order(&self, other: &Ty<'_>) -> bool {
        match (self, other) {
            (Ty::Any, other) | (other, Ty::Any) => other.has_order() || matches!(other, Ty::Any),
            (left, right) => {
                left.has_order()
                    && (left.is_same_kind(right) || (left.is_number() && right.is_number()))
            }
        }
    }

    fn has_order(&self) -> bool {
        self.is_number() || matches!(self, Ty::Bool | Ty::Text | Ty::Timestamp | Ty::Duration)
    }

    /// The type of `+ - * / %`; none if it cannot work.
    pub(super) fn arithmetic(&self, operator: Binary, other: &Ty<'a>) -> Option<Ty<'a>> {
        let adds = operator == Binary::Add;
        let shifts = adds || operator == Binary::Subtract;
        Some(match (self, other) {
            (Ty::Any, Ty::Any) => Ty::Any,
            (Ty::Any, other) | (other, Ty::Any) => {
                let works = other.is_number()
                    || (adds && matches!(other, Ty::Text | Ty::List(_)))
                    || (shifts && matches!(other, Ty::Timestamp | Ty::Duration));
                if !works {
                    return None;
                }
                // A length of time on one side does not tell what the other is.
                match other {
                    Ty::Timestamp | Ty::Duration => Ty::Any,
                    other => other.clone(),
                }
            }
            (Ty::Double, Ty::Double) if operator != Binary::Modulo => Ty::Double,
            (Ty::Int, Ty::Int) => Ty::Int,
            (Ty::Uint, Ty::Uint) => Ty::Uint,
            (Ty::Text, Ty::Text) if adds => Ty::Text,
            (Ty::List(left), Ty::List(right)) if adds => {
                Ty::List(Box::new(left.as_ref().clone().join(right.as_ref().clone())))
            }
            (Ty::Timestamp, Ty::Duration) if shifts => Ty::Timestamp,
            (Ty::Duration, Ty::Timestamp) if adds => Ty::Timestamp,
            (Ty::Duration, Ty::Duration) if shifts => Ty::Duration,
            (Ty::Timestamp, Ty::Timestamp) if operator == Binary::Subtract => Ty::Duration,
            _ => return None,
        })
    }
}
