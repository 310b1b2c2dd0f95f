//! Names that do not exist, and which one was probably meant.

use super::super::ExprError;
use super::super::ast::{Known, Node, Root};
use super::super::functions::{MACROS, NAMESPACES, SIGNATURES, Signature, Style};
use super::Names;
use crate::schema::Record;
use crate::source::nearest;

/// Roots that are always there.
const ROOTS: [&str; 5] = ["ctx", "event", "actor", "entity", "now"];

/// Names of other languages for what is here.
const FOREIGN_FUNCTIONS: [(&str, &str); 16] = [
    ("len", "size(x)"),
    ("length", "size(x)"),
    ("count", "size(x)"),
    ("includes", "x.contains(y)"),
    ("any", "list.exists(x, ...)"),
    ("some", "list.exists(x, ...)"),
    ("every", "list.all(x, ...)"),
    ("lower", "text.lowerAscii()"),
    ("toLowerCase", "text.lowerAscii()"),
    ("upper", "text.upperAscii()"),
    ("toUpperCase", "text.upperAscii()"),
    ("now", "now, which is a value"),
    ("In", "in_state('...')"),
    ("in", "in_state('...')"),
    ("isState", "in_state('...')"),
    ("number", "double(x) or int(x)"),
];

pub(super) fn root(node: &Node, name: &str, names: &Names<'_>) -> ExprError {
    let error = ExprError::unknown(node.span.range(), format!("unknown name `{name}`"));
    if names.ctx.is_some_and(|ctx| ctx.get(name).is_some()) {
        return error.help(format!("the entity's data is in ctx: write ctx.{name}"));
    }
    if names.input.is_some_and(|input| input.get(name).is_some()) {
        return error.help(format!(
            "the event's input is in event.input: write event.input.{name}"
        ));
    }
    if name == "env" {
        return error.help("env is known only in the http part of an effect");
    }
    let extra = names.extra.iter().map(|(name, _)| *name);
    match nearest(name, ROOTS.into_iter().chain(extra.clone())) {
        Some(known) => error.help(format!("did you mean `{known}`?")),
        None => {
            let all: Vec<_> = ROOTS.into_iter().chain(extra).collect();
            error.help(format!("there is {}", all.join(", ")))
        }
    }
}

pub(super) fn field(node: &Node, owner: &str, record: &Record, field: &str) -> ExprError {
    let known: Vec<_> = record.fields().map(|field| field.name.as_str()).collect();
    suggest(node, owner, field, &known)
}

/// A field that `event`, `actor` or `entity` does not have.
pub(super) fn known_field(node: &Node, root: &Root, field: &str) -> ExprError {
    let known: Vec<_> = Known::ALL
        .into_iter()
        .filter(|(_, of, _)| *of == root.name())
        .map(|(_, _, field)| field)
        .collect();
    suggest(node, root.name(), field, &known)
}

/// A part of `event` that this event never brings.
pub(super) fn event_part(node: &Node, known: Known) -> ExprError {
    let path = known.path();
    let help = match known {
        Known::EventOutput => {
            "events like done.effect.NAME and done.state.PATH have an output; what a caller sends is event.input"
        }
        Known::EventError => "events like error.effect.NAME have an error",
        _ => "only results of effects count attempts",
    };
    ExprError::unknown(node.span.range(), format!("`{path}` is never there")).help(help)
}

fn suggest(node: &Node, owner: &str, field: &str, known: &[&str]) -> ExprError {
    /// Fields that are listed when none is near.
    const LISTED_MAX: usize = 12;
    let error = ExprError::unknown(
        node.span.range(),
        format!("`{owner}` has no field `{field}`"),
    );
    if let Some(near) = nearest(field, known.iter().copied()) {
        return error.help(format!("did you mean `{owner}.{near}`?"));
    }
    match known {
        [] => error.help(format!("`{owner}` has no fields at all")),
        known => {
            let listed = &known[..known.len().min(LISTED_MAX)];
            error.help(format!("it has {}", listed.join(", ")))
        }
    }
}

/// A call that fits no function: a name that does not exist, or not like this.
pub(super) fn function(node: &Node, name: &str) -> ExprError {
    let range = node.span.range();
    let own: Vec<_> = SIGNATURES
        .iter()
        .filter(|signature| signature.name == name)
        .collect();
    if !own.is_empty() {
        let wanted: Vec<_> = own.iter().flat_map(|signature| usages(signature)).collect();
        return ExprError::mistake(range, format!("`{name}` is not called like this"))
            .help(format!("write {}", wanted.join(" or ")));
    }
    if MACROS.contains(&name) {
        return ExprError::mistake(range, format!("`{name}` is not called like this"))
            .help(macro_usage(name));
    }
    let error = ExprError::unknown(range, format!("unknown function `{name}`"));
    if let Some((_, ours)) = FOREIGN_FUNCTIONS
        .iter()
        .find(|(foreign, _)| *foreign == name)
    {
        return error.help(format!("write {ours}"));
    }
    let names = SIGNATURES.iter().map(|signature| signature.name);
    match nearest(name, names.chain(MACROS).chain(NAMESPACES)) {
        Some(known) => error.help(format!("did you mean `{known}`?")),
        None => error,
    }
}

/// How a function is called, with one example per number of arguments.
fn usages(signature: &Signature) -> Vec<String> {
    let names = ["a", "b", "c", "d"];
    let receiver = usize::from(signature.style == Style::Method);
    (signature.least..=signature.most.min(names.len()))
        .map(|count| {
            let args = names[..count - receiver].join(", ");
            match signature.style {
                Style::Global => format!("{}({args})", signature.name),
                Style::Method => format!("x.{}({args})", signature.name),
            }
        })
        .collect()
}

fn macro_usage(name: &str) -> String {
    match name {
        "has" => "write has(ctx.field)".to_owned(),
        "matches" => "write text.matches('pattern')".to_owned(),
        "bind" => "write cel.bind(name, value, expression)".to_owned(),
        name => format!("write list.{name}(x, expression of x)"),
    }
}
