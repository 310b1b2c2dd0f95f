//! What the states of a configuration hold, as the interpreter takes it.

use std::time::Duration;

use serde_json::Value;
use statehold_core::machine::{
    Action, Definition, Descriptor, Initial, StateId, StateKind, TimerDef, TimerWhen, Transition,
    ValueExpr,
};
use statehold_core::source::Node;

use super::Stubs;
use super::outline::{Config, entries, one_or_many};
use crate::FormatError;

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
    let config = Config::of(text, root, stubs);
    let states = (0..).map(StateId).zip(&config.nodes);
    let contents: Vec<Content> = states.map(|(id, node)| config.content(id, node)).collect();
    config.notes.into_inner().into_losses()?;
    let mut skeleton = config.skeleton;
    for (state, content) in skeleton.states.iter_mut().zip(contents) {
        state.initial = content.initial;
        state.entry = content.entry;
        state.exit = content.exit;
        state.transitions = content.transitions;
        state.always = content.always;
        state.timers = content.timers;
    }
    Ok(skeleton.finish(config.machine_id, text))
}

impl Config<'_> {
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
