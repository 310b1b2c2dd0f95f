//! A chart's own text as a draft: what exporters work from.
//!
//! The text was loaded before, so nothing is checked here; keys that are not looked at travel in `head` and `more`.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use statehold_core::Machine;
use statehold_core::machine::StateKind;
use statehold_core::source::{Key, Node, NodeValue, parse_json, parse_yaml};

use super::model::{Draft, StateDraft};
use super::parts::{
    ActionDraft, GuardDraft, InitialDraft, InvokeDraft, Piece, TimerDraft, TimerWhen,
    TransitionDraft,
};
use super::targets::{Paths, join};

/// Keys of a chart that are not those of its root as a state.
const CHART_KEYS: [&str; 9] = [
    "statehold",
    "machine",
    "version",
    "label",
    "description",
    "context",
    "events",
    "guards",
    "effects",
];

const STATE_KEYS: [&str; 16] = [
    "type",
    "initial",
    "states",
    "on",
    "always",
    "after",
    "entry",
    "exit",
    "invoke",
    "onDone",
    "history",
    "target",
    "output",
    "label",
    "description",
    "tags",
];

const TRANSITION_KEYS: [&str; 8] = [
    "target",
    "guard",
    "assign",
    "actions",
    "effects",
    "reenter",
    "label",
    "description",
];

const TIMER_KEYS: [&str; 3] = ["delay", "at", "name"];

const INVOKE_KEYS: [&str; 4] = ["effect", "input", "onDone", "onError"];

/// The draft of a machine that was loaded from a chart; none if its text is something else.
pub(crate) fn read(machine: &Machine) -> Option<Draft> {
    let text = machine.source.as_str();
    let json = (text.trim_start().starts_with('{')).then(|| parse_json(text).ok());
    let root = json.flatten().or_else(|| parse_yaml(text).ok())?;
    root.get("statehold")?;
    let paths = Paths::of_machine(machine);
    let reader = Reader { paths: &paths };
    let mut draft = Draft::new(&machine.name);
    draft.label = text_of(&root, "label");
    draft.version = machine.version;
    draft.description = text_of(&root, "description");
    draft.head = others(&root, &[&CHART_KEYS, &STATE_KEYS]);
    draft.context = pieces(root.get("context"));
    draft.events = pieces(root.get("events"));
    draft.guards = pieces(root.get("guards"));
    draft.effects = pieces(root.get("effects"));
    draft.root = reader.state(&root, "", "");
    draft.root.label = None;
    draft.root.description = None;
    draft.root.more = Map::new();
    Some(draft)
}

struct Reader<'p> {
    paths: &'p Paths,
}

impl Reader<'_> {
    /// Nesting is bounded: the text was loaded.
    fn state(&self, node: &Node, name: &str, path: &str) -> StateDraft {
        let mut state = StateDraft::with_kind("", kind_of(node, path), 0);
        name.clone_into(&mut state.name);
        state.label = text_of(node, "label");
        state.description = text_of(node, "description");
        state.tags = node
            .get("tags")
            .map(|tags| one_or_many(tags).iter().filter_map(Node::as_str))
            .map(|tags| tags.map(str::to_owned).collect())
            .unwrap_or_default();
        state.initial = self.initial(node, &state, path);
        state.entry = actions(node.get("entry"));
        state.exit = actions(node.get("exit"));
        state.invoke = (node
            .get("invoke")
            .map(one_or_many)
            .unwrap_or_default()
            .iter())
        .map(|node| self.invoke(node, path))
        .collect();
        state.on = entries(node.get("on"))
            .iter()
            .map(|(event, node)| (event.text.clone(), self.candidates(node, path)))
            .collect();
        state.on_done = self.under(node, "onDone", path);
        state.after = self.after(node.get("after"), path);
        state.always = self.under(node, "always", path);
        state.output = node.get("output").map(Node::to_json);
        state.more = others(node, &[&STATE_KEYS]);
        state.states = entries(node.get("states"))
            .iter()
            .map(|(key, child)| self.state(child, &key.text, &join(path, &key.text)))
            .collect();
        state
    }

    fn initial(&self, node: &Node, state: &StateDraft, path: &str) -> Option<InitialDraft> {
        if state.is_history() {
            let targets = self.targets(node.get("target")?, path);
            return Some(InitialDraft {
                targets,
                actions: Vec::new(),
            });
        }
        let initial = node.get("initial")?;
        let target = initial.get("target").unwrap_or(initial);
        let targets = one_or_many(target).iter().filter_map(Node::as_str);
        let below = |text: &str| join(path, text.strip_prefix('.').unwrap_or(text));
        Some(InitialDraft {
            targets: targets.map(below).collect(),
            actions: content(initial),
        })
    }

    fn targets(&self, node: &Node, source: &str) -> Vec<String> {
        let texts = one_or_many(node).iter().filter_map(Node::as_str);
        texts
            .filter_map(|text| self.paths.resolve(text, source))
            .collect()
    }

    fn under(&self, node: &Node, key: &str, source: &str) -> Vec<TransitionDraft> {
        node.get(key)
            .map(|node| self.candidates(node, source))
            .unwrap_or_default()
    }

    fn candidates(&self, node: &Node, source: &str) -> Vec<TransitionDraft> {
        let all = one_or_many(node).iter();
        all.map(|node| self.transition(node, source, &[&TRANSITION_KEYS]))
            .collect()
    }

    fn transition(&self, node: &Node, source: &str, known: &[&[&str]]) -> TransitionDraft {
        let target = match node.value {
            NodeValue::Str(_) => Some(node),
            _ => node.get("target"),
        };
        TransitionDraft {
            targets: target
                .map(|target| self.targets(target, source))
                .unwrap_or_default(),
            guard: node.get("guard").map(guard),
            actions: content(node),
            reenter: node
                .get("reenter")
                .is_some_and(|flag| flag.value == NodeValue::Bool(true)),
            label: text_of(node, "label"),
            description: text_of(node, "description"),
            more: others(node, known),
            ..TransitionDraft::default()
        }
    }

    fn invoke(&self, node: &Node, source: &str) -> InvokeDraft {
        let effect = node.as_str().map(str::to_owned);
        let effect = effect.or_else(|| text_of(node, "effect"));
        InvokeDraft {
            input: node.get("input").map(Node::to_json),
            on_done: self.under(node, "onDone", source),
            on_error: self.under(node, "onError", source),
            more: others(node, &[&INVOKE_KEYS]),
            ..InvokeDraft::of(effect.unwrap_or_default())
        }
    }

    fn after(&self, node: Option<&Node>, source: &str) -> Vec<TimerDraft> {
        match node.map(|node| &node.value) {
            Some(NodeValue::Map(entries)) => (entries.iter())
                .map(|(key, node)| TimerDraft::after(&key.text, self.candidates(node, source)))
                .collect(),
            Some(NodeValue::Seq(items)) => {
                items.iter().map(|item| self.timer(item, source)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn timer(&self, node: &Node, source: &str) -> TimerDraft {
        let when = match (text_of(node, "delay"), text_of(node, "at")) {
            (Some(delay), _) => TimerWhen::Delay(delay),
            (None, Some(at)) => TimerWhen::At(at),
            (None, None) => TimerWhen::Other,
        };
        let transition = self.transition(node, source, &[&TRANSITION_KEYS, &TIMER_KEYS]);
        TimerDraft {
            comments: Vec::new(),
            name: text_of(node, "name"),
            when,
            transitions: vec![transition],
            more: Map::new(),
        }
    }
}

fn kind_of(node: &Node, path: &str) -> StateKind {
    match node.get("type").and_then(Node::as_str) {
        Some("parallel") => StateKind::Parallel,
        Some("final") => StateKind::Final,
        Some("history") => StateKind::History {
            deep: node.get("history").and_then(Node::as_str) == Some("deep"),
        },
        Some("atomic") => StateKind::Atomic,
        _ if path.is_empty() || node.get("states").is_some() => StateKind::Compound,
        _ => StateKind::Atomic,
    }
}

/// What a transition or an initial does, as one list: `assign`, `actions`, `effects`.
fn content(node: &Node) -> Vec<ActionDraft> {
    let mut all = Vec::new();
    if let Some(assign) = node.get("assign") {
        all.push(Piece::new(json!({ "assign": assign.to_json() })));
    }
    all.extend(actions(node.get("actions")));
    let effects = node.get("effects").map(one_or_many).unwrap_or_default();
    all.extend(effects.iter().map(|node| match node.as_str() {
        Some(name) => Piece::new(json!({ "effect": name })),
        None => Piece::new(node.to_json()),
    }));
    all
}

fn actions(node: Option<&Node>) -> Vec<ActionDraft> {
    let nodes = node.map(one_or_many).unwrap_or_default();
    nodes
        .iter()
        .map(|node| Piece::new(node.to_json()))
        .collect()
}

/// A lone word is a declared guard unless it is a truth value; the loader knows no other conditions of one word.
fn guard(node: &Node) -> GuardDraft {
    let is_name = |text: &str| {
        !matches!(text, "true" | "false")
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    match &node.value {
        NodeValue::Str(text) if is_name(text) => GuardDraft::Named(text.clone()),
        NodeValue::Str(text) => GuardDraft::Expr(text.clone()),
        NodeValue::Bool(value) => GuardDraft::Expr(value.to_string()),
        _ => GuardDraft::Form(node.to_json()),
    }
}

fn pieces(node: Option<&Node>) -> IndexMap<String, Piece> {
    entries(node)
        .iter()
        .map(|(key, node)| (key.text.clone(), Piece::new(node.to_json())))
        .collect()
}

/// The entries that none of these keys names.
fn others(node: &Node, known: &[&[&str]]) -> Map<String, Value> {
    let is_known = |key: &str| known.iter().any(|keys| keys.contains(&key));
    entries(Some(node))
        .iter()
        .filter(|(key, _)| !is_known(&key.text))
        .map(|(key, node)| (key.text.clone(), node.to_json()))
        .collect()
}

fn text_of(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.as_str().map(str::to_owned)
}

fn entries(node: Option<&Node>) -> &[(Key, Node)] {
    match node.map(|node| &node.value) {
        Some(NodeValue::Map(entries)) => entries,
        _ => &[],
    }
}

fn one_or_many(node: &Node) -> &[Node] {
    match &node.value {
        NodeValue::Seq(items) => items,
        _ => std::slice::from_ref(node),
    }
}
