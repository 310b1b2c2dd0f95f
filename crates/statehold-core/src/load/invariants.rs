//! Invariants: conditions that hold after every step, by name.

use super::chart::{Loader, words};
use super::exprs::View;
use super::keys::INVARIANT;
use super::names::{check_identifier, declared};
use crate::machine::Invariant;
use crate::source::{Item, Key, MapReader, NodeValue};

impl<'n> Loader<'n> {
    /// The declared invariants.
    pub(super) fn read_invariants(&self, chart: &MapReader<'n>) -> Vec<Invariant> {
        let entries = chart.optional("invariants").map(|item| declared(&item));
        (entries.unwrap_or_default().into_iter())
            .filter_map(|(key, item)| self.invariant(key, &item))
            .collect()
    }

    /// A condition, or `{check, enforce, reason}`. What is checked may be a declared guard.
    fn invariant(&self, key: &Key, item: &Item<'n>) -> Option<Invariant> {
        check_identifier(item, &key.text, "an invariant");
        let (check, enforce, reason) = match &item.node.value {
            NodeValue::Map(_) => {
                let map = item.map(INVARIANT)?.checked();
                let enforce = map.optional("enforce").and_then(|item| item.boolean());
                let reason = words(&map, "reason");
                (map.required("check")?, enforce, reason)
            }
            _ => (item.clone(), None, None),
        };
        Some(Invariant {
            name: key.text.clone(),
            check: self.condition_or_guard(&check, View::default())?,
            enforce: enforce.unwrap_or(false),
            reason,
            span: key.span.clone(),
        })
    }
}
