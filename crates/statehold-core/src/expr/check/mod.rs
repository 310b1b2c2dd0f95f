//! [`check`]: what is wrong with an expression before it ever runs. Names that do not exist, states that do not exist,
//! and types that visibly cannot fit: an expression that fails only for the entity that reaches it fails in production.
//!
//! It reports what is certain. Where a type is not known (an input without a schema, a reply of a service), it is
//! silent, and evaluation decides.

mod call;
mod constant;
mod expected;
mod names;
mod operators;
mod range;
mod types;
mod unknown;
mod variables;

use super::ast::{Kind, Loop, LoopKind, Node, Root};
use super::functions::Function;
use super::{Expr, ExprError, ExprErrorKind, references};
use crate::schema::{Field, Record};
use types::Ty;

pub(crate) use variables::{Place, Variable, Variables};

/// What an expression may refer to, and what it should be.
#[derive(Clone, Copy, Default)]
pub struct Names<'a> {
    /// Fields of `ctx`; none means any.
    pub ctx: Option<&'a Record>,
    /// Fields of `event.input`; none means any.
    pub input: Option<&'a Record>,
    /// Further roots (`input`, `response`, `env`) with their fields; none means any.
    pub extra: &'a [(&'a str, Option<&'a Record>)],
    /// Whether a state with this path exists; none means that any may.
    pub in_state: Option<&'a dyn Fn(&str) -> bool>,
    /// What the value must be.
    pub expected: Expected,
}

/// What an event brings beside its input.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct EventParts<'a> {
    /// `event.output`.
    pub(crate) output: EventPart<'a>,
    /// `event.error`.
    pub(crate) error: EventPart<'a>,
    /// `event.attempt`; its fields are not looked at.
    pub(crate) attempt: EventPart<'a>,
}

/// What is known about a part of an event.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum EventPart<'a> {
    /// Nothing: it may be there or not, and hold anything.
    #[default]
    Unknown,
    /// It is never there.
    Absent,
    /// It has these fields, if it is there.
    Fields(&'a Record),
}

/// What the value of an expression must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expected {
    /// Anything.
    #[default]
    Any,
    /// True or false.
    Bool,
}

/// A place in a chart that an expression stands in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Site<'a> {
    /// What the event that leads there brings beside its input.
    pub(crate) event: EventParts<'a>,
    /// What becomes of the value.
    pub(crate) purpose: Purpose<'a>,
}

/// What becomes of the value of an expression.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Purpose<'a> {
    /// Nothing that would be known.
    #[default]
    Any,
    /// It is the instant of a timer.
    Instant,
    /// It is written to this field.
    Field(&'a Field),
}

/// Everything that is certainly wrong with an expression, in the order of its text; empty if nothing is.
#[must_use]
pub fn check(expr: &Expr, names: &Names<'_>) -> Vec<ExprError> {
    check_at(expr, names, Site::default())
}

/// As [`check`], at a place of which more is known.
pub(crate) fn check_at(expr: &Expr, names: &Names<'_>, site: Site<'_>) -> Vec<ExprError> {
    let root = &expr.0.root;
    let mut checker = Checker {
        names,
        event: site.event,
        root,
        source: expr.source(),
        locals: Vec::new(),
        errors: Vec::new(),
    };
    let ty = checker.node(root);
    if names.expected == Expected::Bool {
        checker.expect_bool(root, &ty);
    }
    match site.purpose {
        Purpose::Any => {}
        Purpose::Instant => checker.expect_instant(root, &ty),
        Purpose::Field(field) => checker.expect_field(root, &ty, field),
    }
    let mut errors = checker.errors;
    errors.sort_by_key(|error| (error.range.start, error.range.end));
    errors
}

const TAKE_OPTIONAL: &str = "take the value of an optional with orValue(...)";

struct Checker<'a> {
    names: &'a Names<'a>,
    event: EventParts<'a>,
    root: &'a Node,
    source: &'a str,
    /// Types of the macros' variables, outermost first.
    locals: Vec<Ty<'a>>,
    errors: Vec<ExprError>,
}

impl<'a> Checker<'a> {
    fn error(&mut self, node: &Node, message: impl Into<String>) -> &mut ExprError {
        self.errors
            .push(ExprError::mistake(node.span.range(), message));
        let last = self.errors.len() - 1;
        &mut self.errors[last]
    }

    fn error_with_help(&mut self, node: &Node, message: impl Into<String>, help: Option<String>) {
        self.error(node, message).help = help;
    }

    fn text(&self, node: &Node) -> &'a str {
        &self.source[node.span.range()]
    }

    /// The type of a node, as far as it is known. Reports what is wrong below it on the way.
    fn node(&mut self, node: &'a Node) -> Ty<'a> {
        match &node.kind {
            Kind::Literal(literal) => Ty::of_literal(literal),
            Kind::Root(root) => self.root(node, root),
            Kind::Known(known) => self.known(node, *known),
            Kind::HasKnown(_) => Ty::Bool,
            Kind::Local(index) => self.locals.get(*index).cloned().unwrap_or(Ty::Any),
            Kind::Select(operand, field) => self.select(node, operand, field),
            Kind::Has(operand, field) => {
                self.select(node, operand, field);
                Ty::Bool
            }
            Kind::OptionalSelect(operand, field) => match self.select(node, operand, field) {
                optional @ Ty::Optional(_) => optional,
                ty => Ty::Optional(Box::new(ty)),
            },
            Kind::Index(operands) => self.index(operands),
            Kind::OptionalIndex(operands) => match self.index(operands) {
                optional @ Ty::Optional(_) => optional,
                ty => Ty::Optional(Box::new(ty)),
            },
            Kind::Not(operand) => {
                self.condition(operand);
                Ty::Bool
            }
            Kind::And(operands) | Kind::Or(operands) => {
                operands.iter().for_each(|operand| self.condition(operand));
                Ty::Bool
            }
            Kind::Negate(operand) => self.negate(node, operand),
            Kind::If(parts) => {
                self.condition(&parts[0]);
                let then = self.node(&parts[1]);
                let otherwise = self.node(&parts[2]);
                then.join(otherwise)
            }
            Kind::Binary(operator, operands) => self.binary(node, *operator, operands),
            Kind::List(items) => {
                let types = items.iter().map(|item| match self.node(&item.node) {
                    Ty::Optional(inner) if item.optional => *inner,
                    ty => ty,
                });
                let joined = types.reduce(Ty::join).unwrap_or(Ty::Any);
                Ty::List(Box::new(joined))
            }
            Kind::Map(entries) => {
                for entry in entries {
                    self.node(&entry.key);
                    self.node(&entry.value);
                }
                Ty::Map
            }
            Kind::Loop(body) => self.r#loop(body),
            Kind::Bind(parts) => {
                let value = self.node(&parts[0]);
                self.with_local(value, |checker| checker.node(&parts[1]))
            }
            Kind::Call(function, args) => self.call(node, *function, args),
            Kind::Matches(text, _) => {
                let ty = self.node(text);
                if !matches!(ty, Ty::Text | Ty::Any) {
                    self.error(text, format!("`matches` does not work on {}", ty.name()));
                }
                Ty::Bool
            }
            Kind::UnknownCall(name, args) => {
                // `list.any(x, ...)`: the second would only be reported as an unknown name.
                let is_macro = matches!(
                    args.get(1).map(|arg| &arg.kind),
                    Some(Kind::Root(Root::Extra(_)))
                );
                for arg in args.iter().take(if is_macro { 1 } else { args.len() }) {
                    self.node(arg);
                }
                let error = unknown::function(node, name);
                self.errors.push(error);
                Ty::Any
            }
        }
    }

    fn condition(&mut self, node: &'a Node) {
        let ty = self.node(node);
        self.expect_bool(node, &ty);
    }

    fn expect_bool(&mut self, node: &Node, ty: &Ty<'_>) {
        if matches!(ty, Ty::Bool | Ty::Any) {
            return;
        }
        let text = self.text(node);
        let help = match ty {
            Ty::Text => Some(format!("write {text} != ''")),
            Ty::Int => Some(format!("write {text} != 0")),
            Ty::List(_) => Some(format!("write size({text}) > 0")),
            Ty::Optional(_) => Some(TAKE_OPTIONAL.to_owned()),
            _ => None,
        };
        let message = format!("expected true or false, and this is {}", ty.with_article());
        self.error_with_help(node, message, help);
    }

    fn with_local<T>(&mut self, ty: Ty<'a>, check: impl FnOnce(&mut Self) -> T) -> T {
        self.locals.push(ty);
        let result = check(self);
        self.locals.pop();
        result
    }

    fn r#loop(&mut self, body: &'a Loop) -> Ty<'a> {
        let item = match self.node(&body.range) {
            Ty::List(item) => *item,
            Ty::Map | Ty::Record(_) => Ty::Text,
            Ty::Any => Ty::Any,
            other => {
                let message = format!("{} has no elements to go through", other.with_article());
                self.error(&body.range, message);
                Ty::Any
            }
        };
        let result = self.with_local(item.clone(), |checker| {
            if let Some(filter) = &body.filter {
                checker.condition(filter);
            }
            if body.kind == LoopKind::Map {
                checker.node(&body.body)
            } else {
                checker.condition(&body.body);
                Ty::Bool
            }
        });
        match body.kind {
            LoopKind::All | LoopKind::Exists | LoopKind::ExistsOne => Ty::Bool,
            LoopKind::Map => Ty::List(Box::new(result)),
            LoopKind::Filter => Ty::List(Box::new(item)),
        }
    }

    fn call(&mut self, node: &'a Node, function: Function, args: &'a [Node]) -> Ty<'a> {
        let types: Vec<Ty<'a>> = args.iter().map(|arg| self.node(arg)).collect();
        if let (Function::InState, Some(exists), Some(path)) = (
            function,
            self.names.in_state,
            args.first().and_then(references::text),
        ) && !exists(path)
        {
            let error = self.error(&args[0], format!("there is no state `{path}`"));
            error.kind = ExprErrorKind::UnknownName;
            error.help =
                Some("a state is named by its full path, e.g. 'processing.payment'".to_owned());
        }
        self.constant_call(node, function, args);
        call::result(function, &types).unwrap_or_else(|(index, expected)| {
            let name = super::functions::name(function);
            let given = types.get(index).map_or("nothing", Ty::name);
            let at = args.get(index).unwrap_or(node);
            let help = match (expected, given) {
                ("timestamp", "string") => Some(format!("write timestamp({})", self.text(at))),
                ("int", "double") => Some(format!("write int({})", self.text(at))),
                (_, "optional") => Some(TAKE_OPTIONAL.to_owned()),
                _ => None,
            };
            let message = format!("`{name}` takes {expected} here, and this is {given}");
            self.error_with_help(at, message, help);
            Ty::Any
        })
    }
}
