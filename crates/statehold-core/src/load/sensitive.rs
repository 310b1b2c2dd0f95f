//! Where sensitive values go: into which parts of a request, and into which fields that are not masked.
//!
//! The answer errs on the side of masking: an expression that touches a sensitive field counts as sensitive, whatever
//! it computes from it.

use std::collections::BTreeSet;

use super::chart::Loader;
use super::effects::{EffectDraft, Kind};
use super::exprs::View;
use super::http::pointer_segment;
use super::names::at_key;
use crate::codes;
use crate::expr::Expr;
use crate::machine::ValueExpr;
use crate::schema::{Record, Type};
use crate::source::Item;

impl<'n> Loader<'n> {
    /// Whether a value may hold something sensitive.
    pub(super) fn is_sensitive_value(&self, value: &ValueExpr, view: View<'_>) -> bool {
        match value {
            ValueExpr::Literal(_) => false,
            ValueExpr::Expr(expr) => self.is_sensitive(expr, view, None),
            ValueExpr::Template(template) => template
                .expressions()
                .any(|expr| self.is_sensitive(expr, view, None)),
            ValueExpr::List(values) => values
                .iter()
                .any(|value| self.is_sensitive_value(value, view)),
            ValueExpr::Map(values) => values
                .iter()
                .any(|(_, value)| self.is_sensitive_value(value, view)),
        }
    }

    /// The parts of an effect's request that may hold something sensitive, given which arguments may.
    pub(super) fn sensitive_places(
        &self,
        draft: &EffectDraft,
        arguments: Option<&BTreeSet<String>>,
    ) -> Vec<String> {
        let leaves = match &draft.kind {
            Kind::Http(http) => &http.leaves,
            Kind::Handler(_) => {
                let arguments = arguments.into_iter().flatten();
                return arguments
                    .map(|name| format!("/{}", pointer_segment(name)))
                    .collect();
            }
            Kind::Unknown => return Vec::new(),
        };
        (leaves.iter())
            .filter(|(_, exprs)| {
                exprs
                    .iter()
                    .any(|expr| self.is_sensitive(expr, View::default(), arguments))
            })
            .map(|(place, _)| place.clone())
            .collect()
    }

    /// Warns when something sensitive is written to a field that is not.
    pub(super) fn check_masking(
        &self,
        item: &Item<'n>,
        field: &str,
        value: &ValueExpr,
        view: View<'_>,
    ) {
        let Some(target) = self.context.get(field) else {
            return;
        };
        // A yes or no about a sensitive value is not the value.
        let is_masked = target.sensitive || matches!(target.ty, Type::Boolean);
        if !is_masked && self.is_sensitive_value(value, view) {
            let message = format!("a sensitive value is written to `{field}`, which is not masked");
            let problem = at_key(item, codes::SENSITIVE_LEAK, message);
            self.reader.report(crate::diagnostic::Diagnostic {
                severity: crate::diagnostic::Severity::Warning,
                ..problem.help(format!(
                    "mark the field: `{field}: {{ type: {}, sensitive: true }}`",
                    target.ty.name()
                ))
            });
        }
    }

    fn is_sensitive(
        &self,
        expr: &Expr,
        view: View<'_>,
        arguments: Option<&BTreeSet<String>>,
    ) -> bool {
        expr.references().paths().any(|path| {
            let segments: Vec<&str> = path.split('.').collect();
            match segments.as_slice() {
                ["ctx", rest @ ..] => touches(&self.context, rest),
                ["event"] => self.event_touches(&[], view),
                ["event", "input", rest @ ..] => self.event_touches(rest, view),
                ["input"] => arguments.is_some_and(|arguments| !arguments.is_empty()),
                ["input", argument, ..] => {
                    arguments.is_some_and(|arguments| arguments.contains(*argument))
                }
                _ => false,
            }
        })
    }

    fn event_touches(&self, rest: &[&str], view: View<'_>) -> bool {
        match view.input {
            Some(record) => touches(record, rest),
            // Any event may have led here.
            None => self.inputs.values().any(|record| touches(record, rest)),
        }
    }
}

/// Whether what a path leads to in a record is sensitive, or holds something that is.
fn touches(record: &Record, path: &[&str]) -> bool {
    let Some((name, rest)) = path.split_first() else {
        return record.has_sensitive();
    };
    (record.get(name)).is_some_and(|field| field.sensitive || type_touches(&field.ty, rest))
}

fn type_touches(ty: &Type, path: &[&str]) -> bool {
    match ty {
        Type::Object(Some(record)) => touches(record, path),
        // Elements are not told apart.
        Type::List(Some(item)) => type_touches(item, &[]),
        _ => false,
    }
}
