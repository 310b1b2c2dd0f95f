//! Expressions in a chart: compiled, and checked against what is known where they stand.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::MAX_EXPRESSIONS_BYTES;
use super::chart::Loader;
use crate::codes;
use crate::expr::{
    EventParts, Expected, Expr, ExprError, ExprErrorKind, Names, Purpose, Site, Template, check_at,
};
use crate::machine::ValueExpr;
use crate::schema::Record;
use crate::source::{Item, NodeValue};

/// What expressions can see at one place of the chart.
#[derive(Clone, Copy, Default)]
pub(super) struct View<'a> {
    /// Fields of `event.input`; none if the event that leads here is not known, or not declared.
    pub(super) input: Option<&'a Record>,
    /// The event, for messages.
    pub(super) event: Option<&'a str>,
    /// Further roots.
    pub(super) extra: &'a [(&'a str, Option<&'a Record>)],
}

/// Expressions compiled so far. Equal texts are compiled once: aliases and habits repeat them.
#[derive(Default)]
pub(super) struct Expressions {
    compiled: HashMap<String, Result<Expr, ExprError>>,
    /// Text compiled so far, in bytes.
    bytes: usize,
}

/// What the text of a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// CEL.
    Expressions,
    /// Literal, with `${CEL}` parts.
    Templates,
}

impl<'n> Loader<'n> {
    /// An expression that must be true or false.
    pub(super) fn condition(&self, item: &Item<'n>, view: View<'_>) -> Option<Expr> {
        let expr = self.compile_condition(item)?;
        self.check(item, &expr, 0, view, Expected::Bool);
        Some(expr)
    }

    /// An expression that must be true or false, not yet checked.
    pub(super) fn compile_condition(&self, item: &Item<'n>) -> Option<Expr> {
        match &item.node.value {
            NodeValue::Bool(value) => self.compile(item, &value.to_string()),
            NodeValue::Str(text) => self.compile(item, text),
            _ => {
                item.expected("an expression");
                None
            }
        }
    }

    /// Any expression whose value fits its purpose.
    pub(super) fn expression(
        &self,
        item: &Item<'n>,
        view: View<'_>,
        purpose: Purpose<'_>,
    ) -> Option<Expr> {
        let expr = self.compile(item, item.text()?)?;
        self.check_for(item, &expr, 0, view, Expected::Any, purpose);
        Some(expr)
    }

    fn compile(&self, item: &Item<'n>, text: &str) -> Option<Expr> {
        let known = self.expressions.borrow().compiled.get(text).cloned();
        let compiled = match known {
            Some(compiled) => compiled,
            None => {
                self.spend(item, text)?;
                let compiled = Expr::compile(text);
                let mut expressions = self.expressions.borrow_mut();
                expressions
                    .compiled
                    .insert(text.to_owned(), compiled.clone());
                compiled
            }
        };
        compiled
            .map_err(|error| {
                let mistake = self.mistake(item, &error, 0, View::default());
                self.reader.report(mistake);
            })
            .ok()
    }

    /// Checks an expression that begins at byte `offset` of the item's text.
    pub(super) fn check(
        &self,
        item: &Item<'n>,
        expr: &Expr,
        offset: usize,
        view: View<'_>,
        expected: Expected,
    ) {
        self.check_for(item, expr, offset, view, expected, Purpose::Any);
    }

    fn check_for(
        &self,
        item: &Item<'n>,
        expr: &Expr,
        offset: usize,
        view: View<'_>,
        expected: Expected,
        purpose: Purpose<'_>,
    ) {
        let in_state = |path: &str| self.outline.by_path.contains_key(path);
        let names = Names {
            ctx: Some(&self.context),
            input: view.input,
            extra: view.extra,
            in_state: Some(&in_state),
            expected,
        };
        let event = self.event_parts(view);
        for error in check_at(expr, &names, Site { event, purpose }) {
            let mistake = self.mistake(item, &error, offset, view);
            if error.kind == ExprErrorKind::Constant {
                self.constants.borrow_mut().push(mistake.span.clone());
            }
            self.reader.report(mistake);
        }
    }

    /// What the event that leads here brings beside its input.
    pub(super) fn event_parts(&self, view: View<'_>) -> EventParts<'_> {
        match view.event {
            Some(event) => self.shapes.of_event(event, |effect| self.is_http(effect)),
            None => EventParts::default(),
        }
    }

    /// Counts text that is to be compiled; none if it is too much for one chart, which is noted once.
    fn spend(&self, item: &Item<'n>, text: &str) -> Option<()> {
        let mut expressions = self.expressions.borrow_mut();
        let before = expressions.bytes;
        expressions.bytes = before.saturating_add(text.len());
        if expressions.bytes <= MAX_EXPRESSIONS_BYTES {
            return Some(());
        }
        if before <= MAX_EXPRESSIONS_BYTES {
            let message = format!(
                "the expressions of a chart have at most {MAX_EXPRESSIONS_BYTES} bytes together"
            );
            self.reader.report(item.error(codes::LIMIT, message));
        }
        None
    }

    /// Text with `${CEL}` parts.
    pub(super) fn template(
        &self,
        item: &Item<'n>,
        text: &str,
        offset: usize,
        view: View<'_>,
    ) -> Option<Template> {
        if text.contains("${") {
            self.spend(item, text)?;
        }
        match Template::compile(text) {
            Ok(template) => {
                let mut from = 0;
                for expr in template.expressions() {
                    // The parts do not keep their place; in order, each is the next one of its text.
                    let at = text[from..]
                        .find(expr.source())
                        .map_or(from, |at| from + at);
                    self.check(item, expr, offset + at, view, Expected::Any);
                    from = at + expr.source().len();
                }
                Some(template)
            }
            Err(error) => {
                self.reader.report(self.mistake(item, &error, offset, view));
                None
            }
        }
    }

    /// A value: literals as they are, texts as `texts` says, lists and mappings of values.
    pub(super) fn value(&self, item: &Item<'n>, texts: Texts, view: View<'_>) -> Option<ValueExpr> {
        match &item.node.value {
            NodeValue::Str(text) => match texts {
                Texts::Expressions => {
                    (self.expression(item, view, Purpose::Any)).map(ValueExpr::Expr)
                }
                Texts::Templates => {
                    let template = self.template(item, text, 0, view)?;
                    Some(match template.as_literal() {
                        Some(literal) => ValueExpr::Literal(Value::from(literal)),
                        None => ValueExpr::Template(template),
                    })
                }
            },
            NodeValue::Seq(_) => {
                let items = item.list().unwrap_or_default();
                let values: Vec<_> = (items.iter())
                    .map(|item| self.value(item, texts, view))
                    .collect();
                let values: Vec<ValueExpr> = values.into_iter().collect::<Option<_>>()?;
                Some(literal_list(values))
            }
            NodeValue::Map(_) => {
                let values = self.values(item, texts, view)?;
                Some(literal_map(values))
            }
            _ => Some(ValueExpr::Literal(item.node.to_json())),
        }
    }

    /// The values of a mapping whose keys the author chose.
    pub(super) fn values(
        &self,
        item: &Item<'n>,
        texts: Texts,
        view: View<'_>,
    ) -> Option<Vec<(String, ValueExpr)>> {
        let values: Vec<_> = (item.entries()?.into_iter())
            .map(|(key, item)| Some((key.text.clone(), self.value(&item, texts, view)?)))
            .collect();
        values.into_iter().collect()
    }
}

fn literal_list(values: Vec<ValueExpr>) -> ValueExpr {
    let literals: Option<Vec<Value>> = values.iter().map(as_literal).collect();
    literals.map_or(ValueExpr::List(values), |items| {
        ValueExpr::Literal(Value::Array(items))
    })
}

fn literal_map(values: Vec<(String, ValueExpr)>) -> ValueExpr {
    let literals: Option<Map<String, Value>> = (values.iter())
        .map(|(key, value)| Some((key.clone(), as_literal(value)?)))
        .collect();
    literals.map_or(ValueExpr::Map(values), |object| {
        ValueExpr::Literal(Value::Object(object))
    })
}

fn as_literal(value: &ValueExpr) -> Option<Value> {
    match value {
        ValueExpr::Literal(value) => Some(value.clone()),
        _ => None,
    }
}
