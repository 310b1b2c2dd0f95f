//! [`check`]: what is wrong with an expression before it ever runs. Names that do not exist, states that do not exist,
//! and types that visibly cannot fit: an expression that fails only for the entity that reaches it fails in production.
//!
//! It reports what is certain. Where a type is not known (an input without a schema, a reply of a service), it is
//! silent, and evaluation decides.

mod call;
mod types;
mod unknown;

use super::ast::{Binary, Kind, Known, Literal, Loop, LoopKind, Node, Root};
use super::functions::Function;
use super::{Expr, ExprError, references};
use crate::schema::Record;
use types::Ty;

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

/// What the value of an expression must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expected {
    /// Anything.
    #[default]
    Any,
    /// True or false.
    Bool,
}

/// Everything that is certainly wrong with an expression, in the order of its text; empty if nothing is.
#[must_use]
pub fn check(expr: &Expr, names: &Names<'_>) -> Vec<ExprError> {
    let root = &expr.0.root;
    let mut checker = Checker {
        names,
        source: expr.source(),
        locals: Vec::new(),
        errors: Vec::new(),
    };
    let ty = checker.node(root);
    if names.expected == Expected::Bool {
        checker.expect_bool(root, &ty);
    }
    let mut errors = checker.errors;
    errors.sort_by_key(|error| (error.range.start, error.range.end));
    errors
}

const LENGTH_OF_TIME: &str =
    "a length of time is written days(n), hours(n), minutes(n) or seconds(n)";

struct Checker<'a> {
    names: &'a Names<'a>,
    source: &'a str,
    /// Types of the macros' variables, outermost first.
    locals: Vec<Ty<'a>>,
    errors: Vec<ExprError>,
}

impl<'a> Checker<'a> {
    fn error(&mut self, node: &Node, message: impl Into<String>) -> &mut ExprError {
        self.errors
            .push(ExprError::new(node.span.range(), message));
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
            Kind::Known(known) => self.known(*known),
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

    fn root(&mut self, node: &Node, root: &Root) -> Ty<'a> {
        match root {
            Root::Ctx => self.names.ctx.map_or(Ty::Map, Ty::Record),
            Root::Event | Root::Actor | Root::Entity => Ty::Map,
            Root::Now => Ty::Timestamp,
            Root::Extra(name) => {
                let names = self.names;
                let known = names
                    .extra
                    .iter()
                    .find(|(known, _)| *known == name.as_ref());
                match known {
                    Some((_, record)) => record.map_or(Ty::Any, Ty::Record),
                    None => {
                        self.errors.push(unknown::root(node, name, names));
                        Ty::Any
                    }
                }
            }
        }
    }

    fn known(&self, known: Known) -> Ty<'a> {
        match known {
            Known::EventType | Known::ActorId | Known::ActorKind | Known::EntityId => Ty::Text,
            Known::EventInput => self.names.input.map_or(Ty::Any, Ty::Record),
            // An owner may be null.
            Known::EventOutput | Known::EventError | Known::EntityOwner => Ty::Any,
            Known::EventAttempt | Known::EntityVersion | Known::EntityRevision => Ty::Int,
            Known::ActorRoles => Ty::List(Box::new(Ty::Text)),
        }
    }

    fn select(&mut self, node: &Node, operand: &'a Node, field: &str) -> Ty<'a> {
        if let Kind::Root(root @ (Root::Event | Root::Actor | Root::Entity)) = &operand.kind {
            self.errors.push(unknown::known_field(node, root, field));
            return Ty::Any;
        }
        match self.node(operand) {
            Ty::Record(record) => self.field(node, operand, record, field),
            Ty::Optional(inner) => match *inner {
                Ty::Record(record) => {
                    Ty::Optional(Box::new(self.field(node, operand, record, field)))
                }
                _ => Ty::Optional(Box::new(Ty::Any)),
            },
            Ty::Any | Ty::Map => Ty::Any,
            other => {
                self.error(node, format!("{} has no field `{field}`", other.with_article()));
                Ty::Any
            }
        }
    }

    fn field(&mut self, node: &Node, operand: &Node, record: &'a Record, field: &str) -> Ty<'a> {
        if let Some(found) = record.get(field) {
            return Ty::of_schema(&found.ty);
        }
        if !record.is_open() {
            let owner = self.text(operand);
            self.errors
                .push(unknown::field(node, owner, record, field));
        }
        Ty::Any
    }

    fn index(&mut self, operands: &'a [Node; 2]) -> Ty<'a> {
        let container = self.node(&operands[0]);
        let index = self.node(&operands[1]);
        match container {
            Ty::List(item) => {
                if !matches!(index, Ty::Int | Ty::Uint | Ty::Double | Ty::Any) {
                    self.error(
                        &operands[1],
                        format!("a list is not indexed by {}", index.with_article()),
                    );
                }
                *item
            }
            Ty::Record(record) => match references::text(&operands[1]) {
                Some(field) => self.field(&operands[1], &operands[0], record, field),
                None => Ty::Any,
            },
            Ty::Any | Ty::Map | Ty::Optional(_) => Ty::Any,
            other => {
                self.error(&operands[0], format!("{} has no elements", other.with_article()));
                Ty::Any
            }
        }
    }

    fn negate(&mut self, node: &Node, operand: &'a Node) -> Ty<'a> {
        match self.node(operand) {
            ty @ (Ty::Int | Ty::Double | Ty::Any) => ty,
            other => {
                self.error(node, format!("`-` does not work on {}", other.name()));
                Ty::Any
            }
        }
    }

    fn binary(&mut self, node: &Node, operator: Binary, operands: &'a [Node; 2]) -> Ty<'a> {
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
                }
                Ty::Bool
            }
            Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual => {
                if !left.can_order(&right) {
                    let help = self.help_to_compare(operands, &left, &right);
                    self.mismatch(node, operator, &left, &right, help);
                }
                Ty::Bool
            }
            Binary::In => {
                self.contained(node, &left, &right);
                Ty::Bool
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
                return Some("take the value of an optional with orValue(...)".to_owned());
            }
            (Ty::Timestamp | Ty::Duration, Ty::Int) | (Ty::Int, Ty::Timestamp | Ty::Duration) => {
                return Some(LENGTH_OF_TIME.to_owned());
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
            (Ty::Optional(_), _) | (_, Ty::Optional(_)) => {
                Some("take the value of an optional with orValue(...)".to_owned())
            }
            _ => None,
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
            Ty::Optional(_) => Some("take the value of an optional with orValue(...)".to_owned()),
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
            self.error(&args[0], format!("there is no state `{path}`"))
                .help = Some("a state is named by its full path, e.g. 'processing.payment'".to_owned());
        }
        call::result(function, &types).unwrap_or_else(|(index, expected)| {
            let name = super::functions::name(function);
            let given = types.get(index).map_or("nothing", Ty::name);
            let at = args.get(index).unwrap_or(node);
            let help = match (expected, given) {
                ("timestamp", "string") => Some(format!("write timestamp({})", self.text(at))),
                ("int", "double") => Some(format!("write int({})", self.text(at))),
                (_, "optional") => {
                    Some("take the value of an optional with orValue(...)".to_owned())
                }
                _ => None,
            };
            let message = format!("`{name}` takes {expected} here, and this is {given}");
            self.error_with_help(at, message, help);
            Ty::Any
        })
    }
}
