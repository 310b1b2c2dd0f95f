//! What the functions take and give, as far as types go.

use super::super::functions::Function;
use super::types::Ty;

/// The type of a call, or the index of the argument that cannot fit and what is expected there.
pub(super) fn result<'a>(
    function: Function,
    args: &[Ty<'a>],
) -> Result<Ty<'a>, (usize, &'static str)> {
    use Function as F;
    let arg = |index: usize| args.get(index).cloned().unwrap_or(Ty::Any);
    match function {
        F::Size => match arg(0) {
            Ty::Text | Ty::List(_) | Ty::Map | Ty::Record(_) | Ty::Any => Ok(Ty::Int),
            _ => Err((0, "a string, list or map")),
        },
        F::ToInt => Ok(Ty::Int),
        F::ToUint => Ok(Ty::Uint),
        F::ToDouble => Ok(Ty::Double),
        F::ToText => Ok(Ty::Text),
        F::ToBool => Ok(Ty::Bool),
        F::ToTimestamp => Ok(Ty::Timestamp),
        F::ToDuration => Ok(Ty::Duration),
        F::TypeOf => Ok(Ty::Type),
        F::Dyn => Ok(Ty::Any),
        F::InState | F::HasRole => all(args, "string", Ty::Bool),
        F::Days | F::Hours | F::Minutes | F::Seconds => all(args, "int", Ty::Duration),
        F::Sum => match arg(0) {
            Ty::List(item) => Ok(*item),
            Ty::Any => Ok(Ty::Any),
            _ => Err((0, "a list")),
        },
        F::Contains | F::StartsWith | F::EndsWith => all(args, "string", Ty::Bool),
        F::CharAt => texts_then_ints(args, 1, Ty::Text),
        F::IndexOf | F::LastIndexOf => texts_then_ints(args, 2, Ty::Int),
        F::LowerAscii | F::UpperAscii | F::Trim => all(args, "string", Ty::Text),
        F::Replace => texts_then_ints(args, 3, Ty::Text),
        F::Split => texts_then_ints(args, 2, Ty::List(Box::new(Ty::Text))),
        F::Substring => texts_then_ints(args, 1, Ty::Text),
        F::Join => {
            let list = list(args)?;
            if !matches!(list, Ty::Any | Ty::List(_)) {
                return Err((0, "a list"));
            }
            all(args.get(1..).unwrap_or_default(), "string", Ty::Text)
                .map_err(|(_, expected)| (1, expected))
        }
        F::Reverse => match arg(0) {
            ty @ (Ty::Text | Ty::List(_) | Ty::Any) => Ok(ty),
            _ => Err((0, "a string or list")),
        },
        F::Distinct | F::Sort => list(args),
        F::Flatten => list(args).map(|_| Ty::List(Box::new(Ty::Any))),
        F::Slice => list(args),
        F::Abs => number(args),
        F::Ceil | F::Floor | F::Round => all(args, "double", Ty::Double),
        F::Greatest | F::Least => Ok(Ty::Any),
        F::OptionalNone => Ok(Ty::Optional(Box::new(Ty::Any))),
        F::OptionalOf | F::OptionalOfNonZero => Ok(Ty::Optional(Box::new(arg(0)))),
        F::HasValue => all(args, "optional", Ty::Bool),
        F::Value => match arg(0) {
            Ty::Optional(inner) => Ok(*inner),
            Ty::Any => Ok(Ty::Any),
            _ => Err((0, "an optional")),
        },
        F::Or => all(args, "optional", arg(0)),
        F::OrValue => match arg(0) {
            Ty::Optional(inner) => Ok(inner.join(arg(1))),
            Ty::Any => Ok(Ty::Any),
            _ => Err((0, "an optional")),
        },
        F::Time(_) => match arg(0) {
            Ty::Timestamp | Ty::Duration | Ty::Any => Ok(Ty::Int),
            _ => Err((0, "timestamp")),
        },
    }
}

fn fits(ty: &Ty<'_>, expected: &str) -> bool {
    matches!(ty, Ty::Any) || ty.name() == expected
}

/// All arguments are of one type.
fn all<'a>(
    args: &[Ty<'a>],
    expected: &'static str,
    result: Ty<'a>,
) -> Result<Ty<'a>, (usize, &'static str)> {
    match args.iter().position(|ty| !fits(ty, expected)) {
        Some(index) => Err((index, expected)),
        None => Ok(result),
    }
}

/// The first `texts` arguments are text, the others positions or counts.
fn texts_then_ints<'a>(
    args: &[Ty<'a>],
    texts: usize,
    result: Ty<'a>,
) -> Result<Ty<'a>, (usize, &'static str)> {
    let misfit = args.iter().enumerate().find_map(|(index, ty)| {
        let expected = if index < texts { "string" } else { "int" };
        (!fits(ty, expected)).then_some((index, expected))
    });
    misfit.map_or(Ok(result), Err)
}

fn list<'a>(args: &[Ty<'a>]) -> Result<Ty<'a>, (usize, &'static str)> {
    match args.first() {
        Some(list @ Ty::List(_)) => Ok(list.clone()),
        Some(Ty::Any) => Ok(Ty::List(Box::new(Ty::Any))),
        _ => Err((0, "a list")),
    }
}

fn number<'a>(args: &[Ty<'a>]) -> Result<Ty<'a>, (usize, &'static str)> {
    match args.first() {
        Some(ty @ (Ty::Int | Ty::Uint | Ty::Double | Ty::Any)) => Ok(ty.clone()),
        _ => Err((0, "a number")),
    }
}
