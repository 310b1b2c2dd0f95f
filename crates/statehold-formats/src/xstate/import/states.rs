//! The machine's head and its states.

use statehold_core::delay;
use statehold_core::machine::{StateId, StateKind};
use statehold_core::source::{Node, NodeValue};

use super::super::outline::{entries, one_or_many};
use super::{Importer, own};
use crate::draft::{
    InitialDraft, Piece, StateDraft, TimerDraft, TimerWhen, TransitionDraft, field, literal, slug,
};

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
    /// What stands above the states.
    pub(super) fn head(&mut self) {
        let root = self.config.nodes[0];
        self.draft.description = text_of(root, "description");
        if let Some(own) = self.own {
            own::fill_head(&mut self.draft, own);
            return;
        }
        // XState drops what nobody takes.
        self.draft
            .head
            .insert("unhandled".to_owned(), "ignore".into());
        if root.get("id").is_none() {
            self.draft.label = None;
        }
        self.version(root);
        if let Some(context) = root.get("context") {
            self.context(context);
        }
    }

    fn version(&mut self, root: &Node) {
        let Some(node) = root.get("version") else {
            return;
        };
        let text = match &node.value {
            NodeValue::Int(number) => number.to_string(),
            _ => node.as_str().unwrap_or_default().to_owned(),
        };
        match text.parse() {
            Ok(version) if version > 0 => self.draft.version = version,
            _ => {
                let message = format!("`{text}` is no version of a chart, which counts from 1");
                self.loss(node, "version", message);
            }
        }
    }

    fn context(&mut self, node: &Node) {
        let NodeValue::Map(fields) = &node.value else {
            let message = "this is no object of fields; declare them under `context`";
            self.loss(node, "context", message);
            return;
        };
        let mut names = crate::draft::Slugs::default();
        for (key, value) in fields {
            let name = names.name(&key.text, |text| slug(text, "field"));
            if name != key.text {
                let message = format!("`{}` is called `{name}` here", key.text);
                self.loss(value, "context field", message);
            }
            self.note_template(value, "context field");
            let (name, form) = field(&name, &value.to_json());
            self.draft.context.insert(name, Piece::new(form));
        }
    }

    /// A text with `{{ }}` in it is an expression of a tool that we do not read.
    pub(super) fn note_template(&self, node: &Node, construct: &str) {
        match &node.value {
            NodeValue::Str(text) if text.contains("{{") => {
                let message = format!("`{text}` is kept as a text; write it as an expression");
                self.loss(node, construct, message);
            }
            NodeValue::Seq(items) => {
                for item in items {
                    self.note_template(item, construct);
                }
            }
            NodeValue::Map(entries) => {
                for (_, item) in entries {
                    self.note_template(item, construct);
                }
            }
            _ => {}
        }
    }

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

    fn after(&mut self, state: &mut StateDraft, after: &Node, id: StateId) {
        match &after.value {
            NodeValue::Map(entries) => {
                for (key, candidates) in entries {
                    let transitions = self.candidates(candidates, id);
                    let own = one_or_many(candidates).first();
                    let own = own.and_then(|one| self.own_meta(one, "timer"));
                    self.timer(state, own, &key.text, candidates, transitions);
                }
            }
            NodeValue::Seq(items) => {
                for item in items {
                    let delay = match item.get("delay").map(|node| &node.value) {
                        Some(NodeValue::Int(number)) => number.to_string(),
                        Some(NodeValue::Str(text)) => text.clone(),
                        _ => {
                            self.config.problem(item, "a timer needs a `delay`");
                            continue;
                        }
                    };
                    let transitions = self.candidates(item, id);
                    self.timer(state, None, &delay, item, transitions);
                }
            }
            _ => self.config.problem(after, "`after` is an object of delays"),
        }
    }

    fn timer(
        &mut self,
        state: &mut StateDraft,
        own: Option<&Node>,
        delay: &str,
        node: &Node,
        transitions: Vec<TransitionDraft>,
    ) {
        if transitions.is_empty() {
            return;
        }
        if let Some(own) = own {
            state.after.push(own_timer(own, transitions));
            return;
        }
        let mut timer = TimerDraft::after(delay, transitions);
        match delay.parse().map(std::time::Duration::from_millis) {
            Ok(length) if length <= delay::MAX => {
                timer.when = TimerWhen::Delay(delay::format(length));
            }
            Ok(_) => self
                .config
                .problem(node, format!("`{delay}` is longer than any timer runs")),
            Err(_) => {
                let message = format!(
                    "`{delay}` is computed elsewhere; it became one day until you say how long it is"
                );
                self.loss(node, "named delay", message);
                timer.comments.push(format!("TODO: how long is `{delay}`?"));
                timer.name = Some(self.free_timer(state, &slug(delay, "timer")));
                timer.when = TimerWhen::Delay("1d".to_owned());
            }
        }
        state.after.push(timer);
    }

    fn free_timer(&self, state: &StateDraft, name: &str) -> String {
        crate::draft::free(name, |name| {
            (state.after.iter()).any(|timer| timer.name.as_deref() == Some(name))
        })
    }
}

fn own_timer(own: &Node, transitions: Vec<TransitionDraft>) -> TimerDraft {
    let when = match (text_of(own, "delay"), text_of(own, "at")) {
        (Some(delay), _) => TimerWhen::Delay(delay),
        (None, Some(at)) => TimerWhen::At(at),
        (None, None) => TimerWhen::Other,
    };
    TimerDraft {
        comments: Vec::new(),
        name: text_of(own, "name"),
        when,
        transitions,
        more: own.get("more").and_then(own::object).unwrap_or_default(),
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
