//! Expressions in a chart: compiled, checked against what is known where they stand, and their mistakes put where
//! they are in the file.

use std::ops::Range;

use serde_json::{Map, Value};

use super::chart::Loader;
use super::names::is_identifier;
use crate::codes::{self, Code};
use crate::diagnostic::{Diagnostic, Span};
use crate::expr::{Expected, Expr, ExprError, Names, Template, check};
use crate::interpreter::is_reserved;
use crate::machine::ValueExpr;
use crate::schema::Record;
use crate::source::{Item, NodeValue, Style, cut_off_comment};

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

    /// Any expression.
    pub(super) fn expression(&self, item: &Item<'n>, view: View<'_>) -> Option<Expr> {
        let expr = self.compile(item, item.text()?)?;
        self.check(item, &expr, 0, view, Expected::Any);
        Some(expr)
    }

    fn compile(&self, item: &Item<'n>, text: &str) -> Option<Expr> {
        let compiled = Expr::compile(text);
        compiled
            .map_err(|error| {
                let mistake = self.mistake(item, codes::BAD_EXPRESSION, &error, 0, View::default());
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
        let in_state = |path: &str| self.outline.by_path.contains_key(path);
        let names = Names {
            ctx: Some(&self.context),
            input: view.input,
            extra: view.extra,
            in_state: Some(&in_state),
            expected,
        };
        for error in check(expr, &names) {
            self.reader.report(self.mistake(item, code_of(&error), &error, offset, view));
        }
    }

    /// Text with `${CEL}` parts.
    pub(super) fn template(&self, item: &Item<'n>, text: &str, offset: usize, view: View<'_>) -> Option<Template> {
        match Template::compile(text) {
            Ok(template) => {
                let mut from = 0;
                for expr in template.expressions() {
                    // The parts do not keep their place; in order, each is the next one of its text.
                    let at = text[from..].find(expr.source()).map_or(from, |at| from + at);
                    self.check(item, expr, offset + at, view, Expected::Any);
                    from = at + expr.source().len();
                }
                Some(template)
            }
            Err(error) => {
                self.reader.report(self.mistake(item, codes::BAD_EXPRESSION, &error, offset, view));
                None
            }
        }
    }

    /// A value: literals as they are, texts as `texts` says, lists and mappings of values.
    pub(super) fn value(&self, item: &Item<'n>, texts: Texts, view: View<'_>) -> Option<ValueExpr> {
        match &item.node.value {
            NodeValue::Str(text) => match texts {
                Texts::Expressions => self.expression(item, view).map(ValueExpr::Expr),
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
    pub(super) fn values(&self, item: &Item<'n>, texts: Texts, view: View<'_>) -> Option<Vec<(String, ValueExpr)>> {
        let values: Vec<_> = (item.entries()?.into_iter())
            .map(|(key, item)| Some((key.text.clone(), self.value(&item, texts, view)?)))
            .collect();
        values.into_iter().collect()
    }

    fn mistake(&self, item: &Item<'n>, code: Code, error: &ExprError, offset: usize, view: View<'_>) -> Diagnostic {
        let text = item.node.as_str().unwrap_or_default();
        let range = error.range.start + offset..error.range.end + offset;
        let span = self.span_of(item, text, range);
        let mut diagnostic =
            Diagnostic::error(code, span, error.message.clone()).at(item.pointer.clone());
        if let Some(event) = view.event {
            diagnostic = diagnostic.label(format!("for event `{event}`"));
        }
        match self.help(item, text, code, error, view) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    fn help(&self, item: &Item<'n>, text: &str, code: Code, error: &ExprError, view: View<'_>) -> Option<String> {
        if item.node.style == Style::Plain && cut_off_comment(self.text, &item.node.span) {
            return Some("` #` begins a comment, so the rest of the line is not part of the expression; put all of it in quotes".to_owned());
        }
        if code == codes::UNKNOWN_NAME && error.message.contains("`env`") {
            return Some("`${env.NAME}` may stand only at the beginning of a `url`, or as the whole value of a header".to_owned());
        }
        if is_identifier(text) && code == codes::UNKNOWN_NAME {
            if self.context.get(text).is_some() {
                return Some(format!("a field of the entity is written `ctx.{text}`"));
            }
            if let Some(guard) = self.reader.nearest(text, self.guards.keys().map(String::as_str)) {
                return Some(format!("did you mean the guard `{guard}`?"));
            }
            return Some(format!("text in an expression needs quotes inside the quotes of YAML: \"'{text}'\""));
        }
        if let Some(event) = view.event
            && code == codes::UNKNOWN_NAME
            && !is_reserved(event)
            && view.input.is_some_and(|record| record.fields().len() == 0)
            && text.contains("event.input")
        {
            return Some(format!("declare what the event brings: `events: {{ {event}: {{ input: {{ ... }} }} }}`"));
        }
        error.help.clone()
    }

    /// Where a range of an item's text stands in the file: exact for scalars on one line that hold their text as it
    /// is, else the whole scalar.
    fn span_of(&self, item: &Item<'n>, text: &str, range: Range<usize>) -> Span {
        let whole = item.node.span.clone();
        let lead = match item.node.style {
            Style::Plain => 0,
            Style::Quoted => 1,
            _ => return whole,
        };
        let start = whole.start + lead;
        if self.text.get(start..start + text.len()) != Some(text) {
            return whole;
        }
        start + range.start..start + range.end.min(text.len())
    }
}


/// The checker says what is wrong in words; whether a name is missing or a type does not fit are two codes.
fn code_of(error: &ExprError) -> Code {
    let names_nothing = ["unknown ", "has no field", "no state"];
    if names_nothing.iter().any(|words| error.message.contains(words)) {
        codes::UNKNOWN_NAME
    } else {
        codes::TYPE_MISTAKE
    }
}

fn literal_list(values: Vec<ValueExpr>) -> ValueExpr {
    let literals: Option<Vec<Value>> = values.iter().map(as_literal).collect();
    literals.map_or(ValueExpr::List(values), |items| ValueExpr::Literal(Value::Array(items)))
}

fn literal_map(values: Vec<(String, ValueExpr)>) -> ValueExpr {
    let literals: Option<Map<String, Value>> = (values.iter())
        .map(|(key, value)| Some((key.clone(), as_literal(value)?)))
        .collect();
    literals.map_or(ValueExpr::Map(values), |object| ValueExpr::Literal(Value::Object(object)))
}

fn as_literal(value: &ValueExpr) -> Option<Value> {
    match value {
        ValueExpr::Literal(value) => Some(value.clone()),
        _ => None,
    }
}
