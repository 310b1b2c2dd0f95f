//! States with their content.

use statehold_core::machine::{StateId, StateKind};
use statehold_core::source::{Node, NodeValue};

use super::super::outline::{entries, one_or_many};
use super::Importer;
use crate::draft::{InitialDraft, StateDraft, literal};

/// Keys of a state that are read, or that say nothing a chart needs.
const STATE_KEYS: [&str; 24] = [
    "id",
    "initial",
    "states",
    "on",
    "always",
    "after",
    "entry",
    "exit",
    "invoke",
    "onDone",
    "type",
    "history",
    "target",
    "output",
    "data",
    "description",
    "tags",
    "meta",
    "context",
    "version",
    "key",
    "order",
    "parallel",
    "$schema",
];

/// Keys of a machine that tell tools how to treat the file.
const TOOL_KEYS: [&str; 8] = [
    "predictableActionArguments",
    "preserveActionOrder",
    "strict",
    "schema",
    "schemas",
    "types",
    "tsTypes",
    "delimiter",
];

impl Importer<'_> {
    /// A state with everything inside it. Nesting is bounded by the outline.
    pub(super) fn state(&mut self, id: StateId) -> StateDraft {
        let node = self.config.nodes[id.index()];
        let place = &self.config.skeleton.states[id.index()];
        let mut state = StateDraft::with_kind("", place.kind, node.span.start);
        state.name.clone_from(&place.name);
        state.label.clone_from(&place.label);
        let children = place.children.clone();
        self.words(&mut state, node, id);
        self.check_keys(node, id);
        state.initial = self.initial(id, node);
        state.entry = self.actions(node.get("entry"));
        state.exit = self.actions(node.get("exit"));
        if state.kind == StateKind::Final {
            self.final_state(&mut state, node);
        } else if !state.is_history() {
            self.behaviour(&mut state, node, id);
        }
        for child in children {
            let child = self.state(child);
            state.states.push(child);
        }
        state
    }

    fn words(&mut self, state: &mut StateDraft, node: &Node, id: StateId) {
        if id != StateId::ROOT {
            state.description = text_of(node, "description");
        }
        if self.own.is_some() {
            let label = self.own_meta(node, "label").and_then(Node::as_str);
            state.label = label.map(str::to_owned);
        }
        let tags = node.get("tags").map(one_or_many).unwrap_or_default();
        state.tags = tags
            .iter()
            .filter_map(Node::as_str)
            .map(str::to_owned)
            .collect();
        let more = self.more_of(node);
        if id == StateId::ROOT {
            if let Some(meta) = more.get("meta") {
                self.draft.head.insert("meta".to_owned(), meta.clone());
            }
        } else {
            state.more = more;
        }
        state.output = self.output(node);
    }

    fn output(&self, node: &Node) -> Option<serde_json::Value> {
        if self.own.is_some() {
            return self.own_meta(node, "output").map(Node::to_json);
        }
        let value = node.get("output").or(node.get("data"))?;
        self.note_template(value, "output");
        Some(literal(&value.to_json()))
    }

    fn check_keys(&self, node: &Node, id: StateId) {
        for (key, value) in entries(node) {
            let is_tool = id == StateId::ROOT && TOOL_KEYS.contains(&key.text.as_str());
            if !is_tool && !STATE_KEYS.contains(&key.text.as_str()) {
                let message = "this key means nothing here";
                self.loss(value, format!("key `{}`", key.text), message);
            }
        }
        if id != StateId::ROOT
            && let Some(context) = node.get("context")
        {
            let message = "only the machine has a context; declare its fields there";
            self.loss(context, "context of a state", message);
        }
    }

    /// A final state takes no events: what stands there can only have been done beside them.
    fn final_state(&mut self, state: &mut StateDraft, node: &Node) {
        for key in ["on", "always", "after", "invoke", "onDone"] {
            let Some(content) = node.get(key) else {
                continue;
            };
            if key != "invoke" && moves(content, key == "on" || key == "after") {
                let message = format!("a final state cannot have `{key}` that leads elsewhere");
                self.config.problem(content, message);
            } else {
                let message = "a final state only ends; what it does here is dropped";
                self.loss(content, format!("`{key}` of a final state"), message);
            }
        }
        if let Some(states) = node
            .get("states")
            .filter(|states| !entries(states).is_empty())
        {
            let message = "states inside a final state are never entered";
            self.loss(states, "states of a final state", message);
        }
        state.states.clear();
    }

    fn behaviour(&mut self, state: &mut StateDraft, node: &Node, id: StateId) {
        for (key, candidates) in node.get("on").map(entries).unwrap_or_default() {
            self.on(state, key, candidates, id);
        }
        if let Some(candidates) = node.get("onDone") {
            let candidates = self.candidates(candidates, id);
            if id == StateId::ROOT {
                let message = "the machine is over when its root is done; this never happens";
                self.loss(node, "`onDone` of the machine", message);
            } else {
                state.on_done = candidates;
            }
        }
        if let Some(candidates) = node.get("always") {
            state.always.extend(self.candidates(candidates, id));
        }
        if let Some(after) = node.get("after") {
            self.after(state, after, id);
        }
        self.invokes(state, node, id);
    }

    fn initial(&mut self, id: StateId, node: &Node) -> Option<InitialDraft> {
        let kind = self.config.skeleton.states[id.index()].kind;
        let (targets, actions) = match kind {
            StateKind::Compound => {
                let Some(initial) = node.get("initial") else {
                    self.config
                        .problem(node, "a compound state needs `initial`");
                    return None;
                };
                let own = self.own_meta(node, "initial");
                let target = own.unwrap_or(initial.get("target").unwrap_or(initial));
                let targets = self.config.initial_target(target, id);
                (targets, self.actions(initial.get("actions")))
            }
            StateKind::History { .. } => (self.config.targets(node.get("target")?, id), Vec::new()),
            _ => return None,
        };
        let path = |target: &StateId| self.config.path(*target).to_owned();
        Some(InitialDraft {
            targets: targets?.iter().map(path).collect(),
            actions,
        })
    }
}

/// Whether a transition among these leads somewhere; `by_key` says that they stand under events or delays.
fn moves(node: &Node, by_key: bool) -> bool {
    if by_key {
        return entries(node).iter().any(|(_, node)| moves(node, false))
            || matches!(&node.value, NodeValue::Seq(items) if items.iter().any(|item| moves(item, false)));
    }
    one_or_many(node).iter().any(|one| {
        one.as_str().is_some()
            || one
                .get("target")
                .is_some_and(|target| target.value != NodeValue::Null)
    })
}

pub(super) fn text_of(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.as_str().map(str::to_owned)
}
