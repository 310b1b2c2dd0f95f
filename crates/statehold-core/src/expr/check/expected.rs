//! What an expression must come to where it stands: a condition, an instant, a value that a field can hold.

use super::super::ast::Node;
use super::types::Ty;
use super::Checker;
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
        let wanted = field.ty.name();
        let message = format!(
            "`{}` holds {}, and this is {}",
            field.name,
            super::super::value::with_article(wanted),
            ty.with_article()
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
