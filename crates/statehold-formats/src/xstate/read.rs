//! States of a configuration, in two passes: where they stand, then what they hold.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;
use statehold_core::machine::{
    Action, Definition, Descriptor, Initial, StateId, StateKind, TimerDef, TimerWhen, Transition,
    ValueExpr,
};
use statehold_core::source::{Key, Node, NodeValue};

use super::Stubs;
use super::target::path_segments;
use crate::skeleton::Skeleton;
use crate::{FormatError, NESTING_MAX, Problem};

/// A configuration under conversion.
pub(super) struct Config<'c> {
    text: &'c str,
    pub(super) stubs: &'c Stubs,
    pub(super) skeleton: Skeleton,
    /// Each state with its node, in document order.
    nodes: Vec<&'c Node>,
    /// States by the ids that targets use.
    pub(super) ids: HashMap<&'c str, StateId>,
    machine_id: &'c str,
    problems: RefCell<Vec<Problem>>,
}

/// What a state holds beside its place.
#[derive(Default)]
struct Content {
    initial: Option<Initial>,
    entry: Vec<Action>,
    exit: Vec<Action>,
    transitions: Vec<Transition>,
    always: Vec<Transition>,
    timers: Vec<TimerDef>,
}

/// Makes a definition of a configuration.
pub(super) fn definition(
    text: &str,
    root: &Node,
    stubs: &Stubs,
) -> Result<Definition, FormatError> {
    let machine_id = root.get("id").and_then(Node::as_str).unwrap_or("(machine)");
    let mut config = Config {
        text,
        stubs,
        skeleton: Skeleton::new(kind_of(root), root.span.clone()),
        nodes: vec![root],
        ids: HashMap::from([(machine_id, StateId::ROOT)]),
        machine_id,
        problems: RefCell::default(),
    };
    config.add_children(StateId::ROOT, root, 0);
    let states = (0..).map(StateId).zip(&config.nodes);
    let contents: Vec<Content> = states.map(|(id, node)| config.content(id, node)).collect();
    let mut problems = config.problems.into_inner();
    if !problems.is_empty() {
        problems.sort_by_key(|problem| (problem.line, problem.column));
        return Err(FormatError { problems });
    }
    let mut skeleton = config.skeleton;
    for (state, content) in skeleton.states.iter_mut().zip(contents) {
        state.initial = content.initial;
        state.entry = content.entry;
        state.exit = content.exit;
        state.transitions = content.transitions;
        state.always = content.always;
        state.timers = content.timers;
    }
    Ok(skeleton.finish(machine_id, text))
}

fn kind_of(node: &Node) -> StateKind {
    let history = node.get("history").and_then(Node::as_str);
    let deep = history == Some("deep");
    let has_states = node
        .get("states")
        .is_some_and(|states| !entries(states).is_empty());
    match node.get("type").and_then(Node::as_str) {
        Some("parallel") => StateKind::Parallel,
        Some("final") => StateKind::Final,
        Some("history") => StateKind::History { deep },
        Some("atomic") => StateKind::Atomic,
        _ if has_states => StateKind::Compound,
        _ if history.is_some() => StateKind::History { deep },
        _ => StateKind::Atomic,
    }
}

/// Entries of a mapping; nothing if it is none.
pub(super) fn entries(node: &Node) -> &[(Key, Node)] {
    match &node.value {
        NodeValue::Map(entries) => entries,
        _ => &[],
    }
}

/// Elements of a list; a lone value is a list of one, and nothing is none.
pub(super) fn one_or_many(node: &Node) -> &[Node] {
    match &node.value {
        NodeValue::Null => &[],
        NodeValue::Seq(items) => items,
        _ => std::slice::from_ref(node),
    }
}

impl<'c> Config<'c> {
    pub(super) fn problem(&self, node: &Node, message: impl Into<String>) {
        let problem = Problem::at(self.text, node.span.start, message);
        self.problems.borrow_mut().push(problem);
    }

    fn add_children(&mut self, parent: StateId, node: &'c Node, depth: usize) {
        // What stands inside a final state is never entered.
        if kind_of(node) == StateKind::Final {
            return;
        }
        for (key, child) in node.get("states").map(entries).unwrap_or_default() {
            let added = self
                .skeleton
                .add(parent, &key.text, kind_of(child), child.span.clone());
            let Some(id) = added.filter(|_| depth < NESTING_MAX) else {
                self.problem(child, "too many states, or nested too deep");
                return;
            };
            if let Some(name) = child.get("id").and_then(Node::as_str) {
                self.ids.insert(name, id);
            }
            self.nodes.push(child);
            self.add_children(id, child, depth + 1);
        }
    }

    fn content(&self, id: StateId, node: &Node) -> Content {
        let mut content = Content {
            initial: self.initial(id, node),
            entry: self.actions(node.get("entry")),
            exit: self.actions(node.get("exit")),
            ..Content::default()
        };
        for (key, candidates) in node.get("on").map(entries).unwrap_or_default() {
            let on = descriptor(&key.text);
            content
                .transitions
                .extend(self.candidates(candidates, id, Some(&on)));
        }
        if let Some(candidates) = node.get("onDone") {
            let path = &self.skeleton.states[id.index()].path;
            let on = Descriptor::Exact(format!("done.state.{path}"));
            content
                .transitions
                .extend(self.candidates(candidates, id, Some(&on)));
        }
        self.after(id, node, &mut content);
        self.invokes(id, node, &mut content);
        // Exact names before longer prefixes before shorter ones; the order of the file among equals.
        content
            .transitions
            .sort_by_key(|transition| match &transition.on {
                Some(Descriptor::Prefix { prefix, .. }) => usize::MAX - 1 - prefix.len(),
                Some(Descriptor::Any { .. }) => usize::MAX,
                _ => 0,
            });
        if let Some(candidates) = node.get("always") {
            content.always = self.candidates(candidates, id, None);
        }
        content
    }

    fn initial(&self, id: StateId, node: &Node) -> Option<Initial> {
        let (targets, actions) = match self.skeleton.states[id.index()].kind {
            StateKind::Compound => {
                let Some(initial) = node.get("initial") else {
                    self.problem(node, "a compound state needs `initial`");
                    return None;
                };
                let target = initial.get("target").unwrap_or(initial);
                (
                    self.initial_target(target, id),
                    self.actions(initial.get("actions")),
                )
            }
            StateKind::History { .. } => (self.targets(node.get("target")?, id), Vec::new()),
            _ => return None,
        };
        Some(Initial {
            targets: targets?,
            actions,
        })
    }

    /// Actions are named; what they do is code elsewhere.
    pub(super) fn actions(&self, node: Option<&Node>) -> Vec<Action> {
        let nodes = node.map(one_or_many).unwrap_or_default();
        nodes
            .iter()
            .filter_map(|node| {
                let name = node.as_str().or(node.get("type").and_then(Node::as_str));
                if name.is_none() {
                    self.problem(node, "an action is a name, or an object with a `type`");
                }
                let params = node.get("params").map_or(Value::Null, Node::to_json);
                Some(Action::Log {
                    label: name?.to_owned(),
                    value: ValueExpr::Literal(params),
                })
            })
            .collect()
    }

    fn after(&self, id: StateId, node: &Node, content: &mut Content) {
        for (key, candidates) in node.get("after").map(entries).unwrap_or_default() {
            let millis = key
                .text
                .parse()
                .ok()
                .or(self.stubs.delays.get(&key.text).copied());
            let Some(millis) = millis else {
                self.problem(candidates, format!("how long is `{}`?", key.text));
                continue;
            };
            let path = &self.skeleton.states[id.index()].path;
            let when = TimerWhen::After(Duration::from_millis(millis));
            let timer = TimerDef::new(path, key.text.as_str(), when);
            let on = Descriptor::Exact(timer.event.clone());
            content.timers.push(timer);
            content
                .transitions
                .extend(self.candidates(candidates, id, Some(&on)));
        }
    }

    fn invokes(&self, id: StateId, node: &Node, content: &mut Content) {
        let invokes = node.get("invoke").map(one_or_many).unwrap_or_default();
        for (at, invoke) in invokes.iter().enumerate() {
            let name = match invoke.get("id").and_then(Node::as_str) {
                Some(name) => name.to_owned(),
                None => format!("{at}.{}", self.full_id(id)),
            };
            for (key, kind) in [("onDone", "done"), ("onError", "error")] {
                if let Some(candidates) = invoke.get(key) {
                    let on = Descriptor::Exact(format!("xstate.{kind}.actor.{name}"));
                    content
                        .transitions
                        .extend(self.candidates(candidates, id, Some(&on)));
                }
            }
        }
    }

    /// The id that a state has if it was given none: those above it, from the machine down.
    fn full_id(&self, id: StateId) -> String {
        let given = self.nodes[id.index()].get("id").and_then(Node::as_str);
        let state = &self.skeleton.states[id.index()];
        match (given, state.parent) {
            (Some(given), _) => given.to_owned(),
            (None, None) => self.machine_id.to_owned(),
            (None, Some(_)) => {
                let mut keys = vec![crate::original_name(state)];
                let mut outer = state.parent;
                while let Some(parent) = outer.filter(|parent| *parent != StateId::ROOT) {
                    let state = &self.skeleton.states[parent.index()];
                    keys.push(crate::original_name(state));
                    outer = state.parent;
                }
                keys.push(self.machine_id);
                keys.reverse();
                keys.join(".")
            }
        }
    }
}

fn descriptor(event: &str) -> Descriptor {
    match event.strip_suffix(".*") {
        _ if event == "*" => Descriptor::Any { internal: true },
        Some(prefix) => Descriptor::Prefix {
            prefix: prefix.to_owned(),
            internal: true,
        },
        None => Descriptor::Exact(event.to_owned()),
    }
}

impl Config<'_> {
    /// The state that keys lead to, from `from` down.
    pub(super) fn descend(&self, from: StateId, path: &str) -> Option<StateId> {
        let segments = path_segments(path);
        (segments.iter()).try_fold(from, |state, key| self.skeleton.child(state, key))
    }
}
