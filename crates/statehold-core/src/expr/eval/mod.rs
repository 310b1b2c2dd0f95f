//! The evaluator: walks the tree, reads the scope in place, and pays for everything from one [`Budget`].

mod call;
mod collect;
mod convert;
mod lists;
mod numbers;
mod operands;
mod output;
mod read;
mod text;

pub use operands::Operand;
pub(super) use operands::{operand_sources, operands};

use super::ast::{Binary, Kind, Literal, Node};
use super::budget::Budget;
use super::error::{EvalError, Fault};
use super::operators;
use super::scope::Scope;
use super::value::{Key, Val, with_article};

pub(super) fn eval(
    root: &Node,
    source: &str,
    scope: &Scope<'_>,
) -> Result<serde_json::Value, EvalError> {
    let mut evaluator = Evaluator::new(scope, source);
    evaluator
        .node(root)
        .and_then(|value| output::to_json(value, &mut evaluator.budget))
        .map_err(|fault| fault.into_error(source))
}

pub(super) fn eval_bool(root: &Node, source: &str, scope: &Scope<'_>) -> Result<bool, EvalError> {
    let mut evaluator = Evaluator::new(scope, source);
    match evaluator.node(root) {
        Ok(Val::Bool(value)) => Ok(value),
        Ok(other) => Err(Fault::wrong_type(format!(
            "the result must be true or false and is {}",
            with_article(other.type_name())
        ))
        .into_error(source)),
        Err(fault) => Err(fault.into_error(source)),
    }
}

struct Evaluator<'a> {
    scope: &'a Scope<'a>,
    source: &'a str,
    budget: Budget,
    /// Values of the macros' variables, outermost first.
    locals: Vec<Val<'a>>,
}

type Eval<'a> = Result<Val<'a>, Fault>;

impl<'a> Evaluator<'a> {
    fn new(scope: &'a Scope<'a>, source: &'a str) -> Self {
        Self {
            scope,
            source,
            budget: Budget::new(),
            locals: Vec::new(),
        }
    }

    // Small on purpose: this frame is on the stack once per level. What needs room is in functions of its own.
    fn node(&mut self, node: &'a Node) -> Eval<'a> {
        self.budget.tick(1)?;
        match &node.kind {
            Kind::Literal(literal) => Ok(constant(literal)),
            Kind::Known(known) => self.known(*known, node),
            Kind::Select(operand, field) => self.select(node, operand, field),
            Kind::Binary(operator, operands) => self
                .binary(*operator, operands)
                .map_err(|fault| fault.at(node.span)),
            Kind::And(operands) => self.logic(operands, false),
            Kind::Or(operands) => self.logic(operands, true),
            Kind::Not(operand) => Ok(Val::Bool(!self.bool(operand)?)),
            Kind::Local(index) => self.local(*index),
            Kind::Root(root) => self.root(root).map_err(|fault| fault.at(node.span)),
            _ => self.rare(node).map_err(|fault| fault.at(node.span)),
        }
    }

    #[inline(never)]
    fn rare(&mut self, node: &'a Node) -> Eval<'a> {
        match &node.kind {
            Kind::If(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                let branch = if self.bool(condition)? {
                    then
                } else {
                    otherwise
                };
                self.node(branch)
            }
            Kind::Has(operand, field) => self.has(operand, field).map(Val::Bool),
            Kind::HasKnown(known) => Ok(Val::Bool(self.known_value(*known)?.is_some())),
            Kind::OptionalSelect(operand, field) => self.optional_select(operand, field),
            Kind::Index(operands) => self.index(operands),
            Kind::OptionalIndex(operands) => self.optional_index(operands),
            Kind::Negate(operand) => negate(self.node(operand)?),
            Kind::List(items) => self.list(items),
            Kind::Map(entries) => self.map(entries),
            Kind::Loop(body) => self.run(body),
            Kind::Bind(parts) => {
                let [value, body] = parts.as_ref();
                let value = self.node(value)?;
                self.with_local(value, body)
            }
            Kind::Call(function, args) => self.call(*function, args),
            Kind::Matches(text, pattern) => match self.node(text)? {
                Val::Text(text) => {
                    let text = text.as_str();
                    self.budget.tick(pattern.ticks(text.len()))?;
                    Ok(Val::Bool(pattern.is_match(text)))
                }
                other => Err(call::not_for("matches", &other)),
            },
            Kind::UnknownCall(name, _) => Err(Fault::other(format!(
                "there is no function `{name}` like this"
            ))),
            // Those of `node`, spelled out so that a new kind cannot be forgotten in both.
            Kind::Literal(_)
            | Kind::Known(_)
            | Kind::Select(..)
            | Kind::Binary(..)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Local(_)
            | Kind::Root(_) => self.node(node),
        }
    }

    fn local(&self, index: usize) -> Eval<'a> {
        self.locals
            .get(index)
            .cloned()
            .ok_or_else(|| Fault::other("a variable is read outside its macro"))
    }

    fn with_local(&mut self, value: Val<'a>, body: &'a Node) -> Eval<'a> {
        self.locals.push(value);
        let result = self.node(body);
        self.locals.pop();
        result
    }

    fn bool(&mut self, node: &'a Node) -> Result<bool, Fault> {
        match self.node(node)? {
            Val::Bool(value) => Ok(value),
            other => Err(not_bool(&other).at(node.span)),
        }
    }

    /// `&&` (decided by false) and `||` (decided by true): a side that decides swallows an error of the other.
    fn logic(&mut self, operands: &'a [Node; 2], decisive: bool) -> Eval<'a> {
        let left = self.bool(&operands[0]);
        match left {
            Ok(value) if value == decisive => return Ok(Val::Bool(decisive)),
            Err(fault) if !fault.is_absorbable() => return Err(fault),
            _ => {}
        }
        let right = self.bool(&operands[1])?;
        if right == decisive {
            return Ok(Val::Bool(decisive));
        }
        left.map(|_| Val::Bool(!decisive))
    }

    fn binary(&mut self, operator: Binary, operands: &'a [Node; 2]) -> Eval<'a> {
        let left = self.node(&operands[0])?;
        let right = self.node(&operands[1])?;
        let budget = &mut self.budget;
        match operator {
            Binary::Equal => operators::equal(&left, &right, budget).map(Val::Bool),
            Binary::NotEqual => {
                operators::equal(&left, &right, budget).map(|equal| Val::Bool(!equal))
            }
            Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual => {
                operators::compare(operator, &left, &right, budget).map(Val::Bool)
            }
            Binary::In => contains(left, &right, budget).map(Val::Bool),
            Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Modulo => {
                operators::arithmetic(operator, &left, &right, budget)
            }
        }
    }
}

fn constant(literal: &Literal) -> Val<'_> {
    match literal {
        Literal::Null => Val::Null,
        Literal::Bool(value) => Val::Bool(*value),
        Literal::Int(value) => Val::Int(*value),
        Literal::Uint(value) => Val::Uint(*value),
        Literal::Double(value) => Val::Double(*value),
        Literal::Text(text) => Val::from(text.as_ref()),
        Literal::Type(name) => Val::Type(name),
    }
}

fn not_bool(value: &Val<'_>) -> Fault {
    Fault::wrong_type(format!(
        "expected true or false, got {}",
        with_article(value.type_name())
    ))
}

fn negate(value: Val<'_>) -> Eval<'_> {
    match value {
        Val::Int(value) => value
            .checked_neg()
            .map(Val::Int)
            .ok_or_else(|| Fault::overflow("the result of `-` does not fit 64 bits")),
        Val::Double(value) => Ok(Val::Double(-value)),
        other => Err(Fault::wrong_type(format!(
            "`-` does not work on {}",
            other.type_name()
        ))),
    }
}

/// `in`: an element of a list, or a key of a map.
fn contains<'a>(value: Val<'a>, container: &Val<'a>, budget: &mut Budget) -> Result<bool, Fault> {
    match container {
        Val::List(list) => {
            for element in list.iter() {
                if operators::equal(&value, &element?, budget)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        // Keys are whole: no error, just not there.
        Val::Map(_) if matches!(value, Val::Double(value) if value.fract() != 0.0) => Ok(false),
        Val::Map(map) => Ok(map.contains(&Key::of(value)?)),
        other => Err(operators::mismatch(Binary::In, &value, other)),
    }
}
