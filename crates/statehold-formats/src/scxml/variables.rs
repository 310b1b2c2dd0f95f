//! Variables of a document: which there are, and when they get their first values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use statehold_core::machine::{Action, StateId, ValueExpr};
use statehold_core::schema::{Field, Record};

use super::content::is_variable;
use super::document::{Data, Element, ElementKind, Node};
use super::lower::Lower;
use super::rewrite::compiled;
use crate::{FormatError, Problem};

/// Variable that counts the ids given to sent events.
pub(super) const SEND_COUNTER: &str = "_sends";

/// Variable that holds a computed target or type while a `send` looks at it.
pub(super) const SCRATCH: &str = "_scratch";

impl<'d> Lower<'d> {
    /// What gives variables their first values: at the start, or when their state is first entered.
    pub(super) fn initialisation(&self, id: StateId, node: &Node) -> Vec<Action> {
        if !self.document.late_binding {
            let all = self.nodes.iter().flat_map(|(_, node)| &node.data);
            return match id {
                StateId::ROOT => all.filter_map(|data| self.first_value(data)).collect(),
                _ => Vec::new(),
            };
        }
        let mut actions: Vec<Action> = node
            .data
            .iter()
            .filter_map(|data| self.first_value(data))
            .collect();
        if actions.is_empty() {
            return actions;
        }
        let flag = bound_flag(id);
        let is_unbound = compiled(&format!("!ctx.{flag}"));
        actions.push(Action::Assign(vec![(
            flag,
            ValueExpr::Literal(Value::Bool(true)),
        )]));
        vec![Action::If {
            branches: vec![(is_unbound, actions)],
            otherwise: Vec::new(),
        }]
    }

    fn first_value(&self, data: &Data) -> Option<Action> {
        let value = self.given(data.value.as_ref()?, &data.span);
        Some(Action::Block(vec![Action::Assign(vec![(
            data.id.clone(),
            value,
        )])]))
    }

    /// Every variable may hold anything; declared ones hold null until they get a value.
    pub(super) fn context(&self) -> Result<Record, FormatError> {
        let anything = |name: &str| Field::from_schema(name, json!({}));
        let mut fields: BTreeMap<String, Field> = BTreeMap::new();
        for name in self.loop_variables() {
            fields.insert(name.to_owned(), anything(name).optional());
        }
        for name in &self.variables {
            fields.insert((*name).to_owned(), anything(name).default(Value::Null));
        }
        for (id, node) in self.nodes.iter().filter(|(_, node)| !node.data.is_empty()) {
            let flag = bound_flag(*id);
            if self.document.late_binding && !node.data.is_empty() {
                fields.insert(flag.clone(), anything(&flag).default(Value::Bool(false)));
            }
        }
        fields.insert(SCRATCH.to_owned(), anything(SCRATCH).optional());
        fields.insert(
            SEND_COUNTER.to_owned(),
            anything(SEND_COUNTER).default(json!(0)),
        );
        Record::new(fields.into_values().collect())
            .map_err(|error| FormatError::one(Problem::at(self.text, 0, error.to_string())))
    }

    /// Variables that a `foreach` makes as it runs.
    fn loop_variables(&self) -> BTreeSet<&'d str> {
        let mut found = BTreeSet::new();
        for (_, node) in &self.nodes {
            let blocks = node.on_entry.iter().chain(&node.on_exit);
            let edges = node.transitions.iter().map(|edge| &edge.actions);
            let start = node.initial.iter().map(|start| &start.actions);
            for block in blocks.chain(edges).chain(start) {
                find_loop_variables(block, &mut found);
            }
        }
        found
    }
}

/// Field that remembers that a state's variables have their first values.
fn bound_flag(id: StateId) -> String {
    format!("_bound_{}", id.0)
}

fn find_loop_variables<'d>(elements: &'d [Element], found: &mut BTreeSet<&'d str>) {
    for element in elements {
        match &element.kind {
            ElementKind::If {
                branches,
                otherwise,
            } => {
                for block in branches.iter().map(|(_, block)| block).chain([otherwise]) {
                    find_loop_variables(block, found);
                }
            }
            ElementKind::Foreach {
                item, index, body, ..
            } => {
                let names = std::iter::once(item).chain(index).map(String::as_str);
                found.extend(names.filter(|name| is_variable(name)));
                find_loop_variables(body, found);
            }
            _ => {}
        }
    }
}
