//! What an expression must come to where it stands: a condition, an instant, a value that a field can hold.

use super::super::ast::Node;
use super::Checker;
use super::types::Ty;
use crate::schema::{Field, Type};

impl<'a> Checker<'a> {
    /// A timer needs an instant, as a timestamp or as its text.
    pub(super) fn expect_instant(&mut self, node: &Node, ty: &Ty<'_>) {
        if matches!(ty, Ty::Timestamp | Ty::Text | Ty::Any) {
            return;
        }
        let text = self.text(node);
        let help = matches!(ty, Ty::Duration)
            .then(|| format!("this long from now is written now + {text}"));
        let message = format!("expected an instant, and this is {}", ty.with_article());
        self.error_with_help(node, message, help);
    }

    /// What is assigned must fit its field: otherwise every step that gets here fails.
    pub(super) fn expect_field(&mut self, node: &Node, ty: &Ty<'_>, field: &Field) {
        if matches!(ty, Ty::Null) {
            if !field.optional {
                let message = format!("`{}` cannot be null: it is not optional", field.name);
                self.error(node, message);
            }
            return;
        }
        if fits(ty, &field.ty) {
            return;
        }
        let message = format!(
            "`{}` holds {}, and this is {}",
            field.name,
            with_elements(field.ty.name(), element_of_type(&field.ty)),
            with_elements(ty.name(), element_of_value(ty)),
        );
        let text = self.text(node);
        let help = match (&field.ty, ty) {
            (Type::Integer, Ty::Text) => Some(format!("write int({text})")),
            (Type::Number, Ty::Text) => Some(format!("write double({text})")),
            (Type::String, Ty::Int | Ty::Uint | Ty::Double | Ty::Bool) => {
                Some(format!("write string({text})"))
            }
            (_, Ty::Optional(_)) => Some(super::TAKE_OPTIONAL.to_owned()),
            _ => None,
        };
        self.error_with_help(node, message, help);
    }
}

/// A type in words, with that of its elements where it is known.
fn with_elements(name: &str, element: Option<&str>) -> String {
    let article = if name.starts_with(['a', 'i', 'o']) {
        "an"
    } else {
        "a"
    };
    match element {
        Some(element) => format!("{article} {name} of {element}"),
        None => format!("{article} {name}"),
    }
}

fn element_of_type(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::List(Some(item)) => Some(item.name()),
        _ => None,
    }
}

fn element_of_value(ty: &Ty<'_>) -> Option<&'static str> {
    match ty {
        Ty::List(item) if !matches!(**item, Ty::Any) => Some(item.name()),
        _ => None,
    }
}

/// Whether a value of this type can be stored as the other. Instants and lengths of time are stored as text, and a
/// double may be whole.
fn fits(ty: &Ty<'_>, field: &Type) -> bool {
    match (field, ty) {
        (Type::Any, _) | (_, Ty::Any | Ty::Null) => true,
        (Type::String, Ty::Text | Ty::Timestamp | Ty::Duration) => true,
        (Type::Integer | Type::Number, Ty::Int | Ty::Uint | Ty::Double) => true,
        (Type::Boolean, Ty::Bool) => true,
        (Type::Timestamp, Ty::Timestamp | Ty::Text) => true,
        (Type::Duration, Ty::Duration | Ty::Text) => true,
        (Type::List(None), Ty::List(_)) => true,
        (Type::List(Some(field)), Ty::List(item)) => fits(item, field),
        (Type::Object(_), Ty::Map | Ty::Record(_)) => true,
        _ => false,
    }
}
