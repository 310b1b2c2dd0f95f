//! Variables, and expressions in our spelling.

use serde_json::{Map, Value, json};
use statehold_core::expr::{Expected, Expr, Names as Known, check};
use statehold_core::schema::{Field, Record};

use super::super::content::is_variable;
use super::super::document::{Data, Given};
use super::super::rewrite::{EventWords, Names, respell};
use super::super::values::literal_of;
use super::Importer;
use crate::draft::{ActionDraft, GuardDraft, Piece, literal};

impl Importer<'_> {
    /// Declares the variables. What gives them values that are not written down is returned, to be done at the start.
    pub(super) fn variables(&mut self) -> Vec<ActionDraft> {
        let nodes = self.lower.nodes.clone();
        let all: Vec<&Data> = nodes.iter().flat_map(|(_, node)| &node.data).collect();
        let anything = |data: &&Data| Field::from_schema(&data.id, json!({})).optional();
        let (good, bad): (Vec<&Data>, Vec<&Data>) =
            all.into_iter().partition(|data| is_variable(&data.id));
        for data in bad {
            let message = format!(
                "`{}` cannot be the name of a variable here: a letter, then letters, digits and `_`",
                data.id
            );
            self.refuse(data.span.start, message);
        }
        self.context = match Record::new(good.iter().map(anything).collect()) {
            Ok(context) => context,
            Err(error) => {
                self.refuse(self.document.root.span.start, error.to_string());
                Record::default()
            }
        };
        if self.document.late_binding && nodes.iter().skip(1).any(|(_, node)| !node.data.is_empty())
        {
            let message = "variables of states get their values at the start, not when the state is first entered";
            self.loss(self.document.root.span.start, "late binding", message);
        }
        good.into_iter()
            .filter_map(|data| self.variable(data))
            .collect()
    }

    fn variable(&mut self, data: &Data) -> Option<ActionDraft> {
        let (default, action) = match &data.value {
            None => (Value::Null, None),
            Some(Given::Text(text)) => (written(text), None),
            Some(Given::Expr(source)) => match literal_of(source) {
                Some(value) => (value, None),
                None => (Value::Null, self.first_value(data, source)),
            },
        };
        let form = Piece::new(json!({ "default": default }));
        self.draft.context.insert(format!("{}?", data.id), form);
        action
    }

    fn first_value(&mut self, data: &Data, source: &str) -> Option<ActionDraft> {
        match self.expression(source, EventWords::Input, Expected::Any) {
            Ok(source) => {
                let assign = Map::from_iter([(data.id.clone(), Value::from(source))]);
                Some(Piece::new(json!({ "assign": assign })))
            }
            Err(problem) => {
                let message = format!(
                    "`{source}` is no expression here ({problem}); give the field a default"
                );
                self.loss(data.span.start, "first value", message);
                None
            }
        }
    }

    /// An expression in our spelling.
    ///
    /// # Errors
    /// Why it is none.
    pub(super) fn expression(
        &self,
        source: &str,
        event: EventWords,
        expected: Expected,
    ) -> Result<String, String> {
        let path_of = |id: &str| self.lower.path(id);
        let names = Names {
            document: self.document.name.as_deref().unwrap_or_default(),
            path_of: &path_of,
            event,
        };
        let respelled = respell(source, &names);
        let expr = Expr::compile(&respelled).map_err(|error| error.message.clone())?;
        let in_state = |path: &str| (self.lower.skeleton.by_path).contains_key(path);
        let known = Known {
            ctx: Some(&self.context),
            in_state: Some(&in_state),
            expected,
            ..Known::default()
        };
        match check(&expr, &known).into_iter().next() {
            None => Ok(respelled),
            Some(error) => Err(error.message),
        }
    }

    /// A value for `assign`, `input` or `output`.
    ///
    /// # Errors
    /// Why it is none.
    pub(super) fn value(&self, given: &Given, event: EventWords) -> Result<Value, String> {
        match given {
            Given::Text(text) => Ok(literal(&written(text))),
            Given::Expr(source) => match literal_of(source) {
                Some(value) => Ok(literal(&value)),
                None => self
                    .expression(source, event, Expected::Any)
                    .map(Value::from),
            },
        }
    }

    /// A condition; one that is no expression here becomes a guard to be filled in.
    pub(super) fn condition(&mut self, source: &str, event: EventWords, at: usize) -> GuardDraft {
        match self.expression(source, event, Expected::Bool) {
            Ok(source) => GuardDraft::Expr(source),
            Err(problem) => {
                let comments = [format!("TODO: say when this holds. It was: {source}")];
                let known = self.draft.guards.len();
                self.stubs += 1;
                let name = format!("condition_{}", self.stubs);
                let name = self.draft.guard_apart(source, &name, None, &comments);
                if self.draft.guards.len() == known {
                    self.stubs -= 1;
                }
                let message = format!(
                    "`{source}` is no expression here ({problem}): it became the guard `{name}`, which is always true until you say when it holds"
                );
                self.loss(at, "condition", message);
                GuardDraft::Named(name)
            }
        }
    }
}

/// A value between tags: JSON, or a literal of ECMAScript, else a text.
fn written(text: &str) -> Value {
    serde_json::from_str(text)
        .ok()
        .or_else(|| literal_of(text))
        .unwrap_or_else(|| text.into())
}
