//! Transitions and guards.

use serde_json::json;
use statehold_core::machine::{StateId, StateKind};
use statehold_core::source::{Node, NodeValue};

use super::super::outline::{entries, one_or_many};
use super::Importer;
use super::states::text_of;
use crate::draft::{GuardDraft, TransitionDraft, quoted};

/// Keys of a transition that are read, or that say nothing a chart needs.
const TRANSITION_KEYS: [&str; 14] = [
    "target",
    "guard",
    "cond",
    "in",
    "actions",
    "reenter",
    "internal",
    "description",
    "meta",
    "delay",
    "event",
    "eventType",
    "source",
    "order",
];

impl Importer<'_> {
    /// The candidates for one event, in order. Nothing at all is a handled event that does nothing.
    pub(super) fn candidates(&mut self, node: &Node, source: StateId) -> Vec<TransitionDraft> {
        if node.value == NodeValue::Null {
            return vec![TransitionDraft::nowhere(node.span.start)];
        }
        one_or_many(node)
            .iter()
            .filter_map(|node| self.transition(node, source))
            .collect()
    }

    fn transition(&mut self, node: &Node, source: StateId) -> Option<TransitionDraft> {
        let target = match &node.value {
            NodeValue::Str(_) => Some(node),
            NodeValue::Map(_) => node.get("target"),
            NodeValue::Null => None,
            _ => {
                let message = format!("a transition is a target or an object, not {}", node.kind());
                self.config.problem(node, message);
                return None;
            }
        };
        let mut transition = TransitionDraft::nowhere(node.span.start);
        transition.reenter = is_true(node.get("reenter"));
        if let Some(target) = target.filter(|target| target.value != NodeValue::Null) {
            let targets = self.config.targets(target, source)?;
            if self.is_v4 && !is_true(node.get("internal")) && !is_inward(target) {
                let is_own = |target: &StateId| self.is_within(*target, source);
                transition.reenter |= !targets.is_empty() && targets.iter().all(is_own);
            }
            transition.targets =
                self.target_paths(&targets, source, node, &mut transition.reenter)?;
        }
        transition.guard = self.guard_of(node);
        transition.actions = self.actions(node.get("actions"));
        transition.description = text_of(node, "description");
        transition.label = self
            .own_meta(node, "label")
            .and_then(Node::as_str)
            .map(str::to_owned);
        transition.more = self.more_of(node);
        for (key, value) in entries(node) {
            if !TRANSITION_KEYS.contains(&key.text.as_str()) {
                let message = "this key means nothing here";
                self.loss(value, format!("key `{}`", key.text), message);
            }
        }
        Some(transition)
    }

    fn is_within(&self, inner: StateId, outer: StateId) -> bool {
        inner >= outer && inner <= self.config.skeleton.states[outer.index()].last
    }

    /// Paths of targets. The machine itself as a target means to begin anew, which is its initial state here.
    fn target_paths(
        &mut self,
        targets: &[StateId],
        source: StateId,
        node: &Node,
        reenter: &mut bool,
    ) -> Option<Vec<String>> {
        let mut paths = Vec::with_capacity(targets.len());
        for target in targets {
            if *target != StateId::ROOT {
                paths.push(self.config.path(*target).to_owned());
                continue;
            }
            let root = self.config.nodes[0];
            let initial = root
                .get("initial")
                .filter(|initial| initial.as_str().is_some());
            let is_compound =
                self.config.skeleton.states[StateId::ROOT.index()].kind == StateKind::Compound;
            let Some(initial) = initial.filter(|_| is_compound && targets.len() == 1) else {
                let message = "the machine as a target is not supported; name the states to enter";
                self.config.problem(node, message);
                return None;
            };
            for first in self.config.initial_target(initial, StateId::ROOT)? {
                // From inside the initial state, it is left and entered again.
                *reenter |= self.is_within(source, first);
                paths.push(self.config.path(first).to_owned());
            }
        }
        Some(paths)
    }

    fn guard_of(&mut self, node: &Node) -> Option<GuardDraft> {
        let inside = node.get("in").and_then(Node::as_str);
        let guard = node.get("guard").or(node.get("cond"));
        let guard = guard.filter(|guard| guard.value != NodeValue::Null);
        let Some(inside) = inside else {
            return guard.map(|guard| self.guard(guard));
        };
        let path = match inside.starts_with('#') {
            true => self.config.by_id(inside),
            false => self.config.descend(StateId::ROOT, inside),
        };
        let Some(path) = path else {
            self.config
                .problem(node, format!("there is no state `{inside}`"));
            return None;
        };
        if let Some(guard) = guard {
            let message = "beside `in` this guard has no place; add it to the condition";
            self.loss(guard, "guard", message);
        }
        let condition = format!("in_state({})", quoted(self.config.path(path)));
        Some(GuardDraft::Expr(condition))
    }

    fn guard(&mut self, node: &Node) -> GuardDraft {
        if let Some(own) = self.own_params(node) {
            return match own.as_str() {
                Some(source) => GuardDraft::Expr(source.to_owned()),
                None => GuardDraft::Form(own.to_json()),
            };
        }
        let name = node.as_str().or(node.get("type").and_then(Node::as_str));
        let Some(name) = name else {
            self.config
                .problem(node, "a guard is a name, or an object with a `type`");
            return GuardDraft::Expr("true".to_owned());
        };
        if self.own.is_some() && self.draft.guards.contains_key(name) {
            return GuardDraft::Named(name.to_owned());
        }
        let params = node
            .get("params")
            .filter(|params| !entries(params).is_empty());
        let known = self.draft.guards.len();
        let mut comments = vec![format!(
            "TODO: say when this holds. It was the guard `{name}`."
        )];
        if let Some(params) = params {
            comments.push(format!("Its params: {}", json!(params.to_json())));
        }
        // Guards of one name with other params are other guards.
        let key = match params {
            Some(params) => format!("{name} {}", params.to_json()),
            None => name.to_owned(),
        };
        let wanted = name.to_owned();
        let name = self.draft.guard_apart(&key, &wanted, None, &comments);
        if self.draft.guards.len() > known {
            let message = format!(
                "`{wanted}` is code elsewhere: it became the guard `{name}`, which is always true until you say when it holds"
            );
            self.loss(node, "guard", message);
        }
        GuardDraft::Named(name)
    }
}

fn is_true(node: Option<&Node>) -> bool {
    node.is_some_and(|node| node.value == NodeValue::Bool(true))
}

/// `.child`: inwards without leaving, in every version.
fn is_inward(target: &Node) -> bool {
    one_or_many(target)
        .iter()
        .all(|target| target.as_str().is_some_and(|text| text.starts_with('.')))
}
