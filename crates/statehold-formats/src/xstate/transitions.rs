//! Transitions of a configuration: a target, an object, or a list of candidates.

use statehold_core::expr::Expr;
use statehold_core::machine::{Descriptor, Guard, StateId, Transition};
use statehold_core::source::{Node, NodeValue};

use super::outline::{Config, one_or_many};

impl Config<'_> {
    /// The candidates for one event, in the order in which they are tried.
    pub(super) fn candidates(
        &self,
        node: &Node,
        source: StateId,
        on: Option<&Descriptor>,
    ) -> Vec<Transition> {
        // Nothing at all forbids the event: it is handled here, by doing nothing.
        if node.value == NodeValue::Null {
            return vec![blank(node, source, on)];
        }
        let candidates = one_or_many(node).iter();
        candidates
            .filter_map(|node| self.transition(node, source, on))
            .collect()
    }

    fn transition(
        &self,
        node: &Node,
        source: StateId,
        on: Option<&Descriptor>,
    ) -> Option<Transition> {
        let target = match &node.value {
            NodeValue::Str(_) => Some(node),
            NodeValue::Map(_) => node.get("target"),
            _ => {
                self.problem(
                    node,
                    format!("a transition is a target or an object, not {}", node.kind()),
                );
                return None;
            }
        };
        let targets = match target {
            Some(target) => self.targets(target, source)?,
            None => Vec::new(),
        };
        let reenter = node
            .get("reenter")
            .is_some_and(|flag| flag.value == NodeValue::Bool(true));
        Some(Transition {
            targets,
            reenter,
            guard: match node.get("guard") {
                Some(guard) => Some(self.guard(guard)?),
                None => None,
            },
            actions: self.actions(node.get("actions")),
            ..blank(node, source, on)
        })
    }

    fn guard(&self, node: &Node) -> Option<Guard> {
        let name = node.as_str().or(node.get("type").and_then(Node::as_str));
        let verdict = name.and_then(|name| self.stubs.guards.get(name));
        let (Some(name), Some(verdict)) = (name, verdict) else {
            let name = name.unwrap_or("without a name");
            self.problem(node, format!("nothing says what the guard `{name}` is"));
            return None;
        };
        Some(Guard {
            expr: Expr::compile(if *verdict { "true" } else { "false" }).ok()?,
            name: Some(name.to_owned()),
            reason: None,
            code: None,
            span: node.span.clone(),
        })
    }
}

fn blank(node: &Node, source: StateId, on: Option<&Descriptor>) -> Transition {
    Transition {
        on: on.cloned(),
        invoke: None,
        source,
        targets: Vec::new(),
        reenter: false,
        guard: None,
        actions: Vec::new(),
        label: None,
        span: node.span.clone(),
    }
}
