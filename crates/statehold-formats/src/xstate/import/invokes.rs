//! Invoked actors: effects of a handler.

use serde_json::Value;
use statehold_core::machine::{StateId, StateKind};
use statehold_core::source::{Node, NodeValue};

use super::super::outline::{entries, one_or_many};
use super::states::text_of;
use super::{Importer, own};
use crate::draft::{InvokeDraft, StateDraft, literal};

/// Keys of an invoke that are read.
const INVOKE_KEYS: [&str; 8] = [
    "src",
    "id",
    "input",
    "data",
    "onDone",
    "onError",
    "meta",
    "description",
];

impl Importer<'_> {
    /// Declares an effect for every invoke, so that events which name an actor find it wherever they stand.
    pub(super) fn declare_invokes(&mut self) {
        for index in 0..self.config.nodes.len() {
            let id = StateId(u16::try_from(index).unwrap_or(u16::MAX));
            let state = &self.config.skeleton.states[index];
            if matches!(state.kind, StateKind::Final | StateKind::History { .. }) {
                continue;
            }
            let node = self.config.nodes[index];
            let invokes = node.get("invoke").map(one_or_many).unwrap_or_default();
            let mut effects: Vec<String> = Vec::new();
            for (at, invoke) in invokes.iter().enumerate() {
                let effect = self.declare(invoke, &effects);
                let given = invoke.get("id").and_then(Node::as_str);
                let actor = match given {
                    Some(actor) => actor.to_owned(),
                    None => format!("{at}.{}", self.config.full_id(id)),
                };
                self.actors.insert(actor, effect.clone());
                effects.push(effect);
            }
            self.invoked.insert(id, effects);
        }
    }

    /// The effect of one invoke; `taken` are those that the same state has already.
    fn declare(&mut self, invoke: &Node, taken: &[String]) -> String {
        let src = self.source_name(invoke);
        if self.own.is_some() && self.draft.effects.contains_key(&src) {
            return src;
        }
        let known = self.draft.effects.len();
        let comments = [format!(
            "TODO: write the handler `{src}`, or say what it is over `http`."
        )];
        let mut effect = self.draft.handler(&src, false, &comments);
        // Results of one effect that a state asks for twice could not be told apart.
        let mut number = 2;
        while taken.contains(&effect) {
            let key = number.to_string();
            effect = self.draft.handler_apart(&key, &src, false, &comments);
            number += 1;
        }
        if self.draft.effects.len() > known {
            let message = format!(
                "`{src}` is code elsewhere: it became the effect `{effect}` of a handler; write the handler, or replace it by `http`"
            );
            self.loss(invoke, "invoke", message);
        }
        effect
    }

    fn source_name(&self, invoke: &Node) -> String {
        let src = invoke.get("src");
        let named = (invoke.as_str())
            .or(src.and_then(Node::as_str))
            .or_else(|| src?.get("type").and_then(Node::as_str))
            .or_else(|| src?.get("id").and_then(Node::as_str))
            .or_else(|| invoke.get("id").and_then(Node::as_str));
        if src.is_some_and(|src| src.get("states").is_some()) {
            let message = "a machine inside a machine stays a name; make it a chart of its own";
            self.loss(invoke, "child machine", message);
        }
        match named {
            Some(name) => name.to_owned(),
            None => "actor".to_owned(),
        }
    }

    /// The invokes of a state.
    pub(super) fn invokes(&mut self, state: &mut StateDraft, node: &Node, id: StateId) {
        let invokes = node.get("invoke").map(one_or_many).unwrap_or_default();
        let effects = self.invoked.remove(&id).unwrap_or_default();
        for (invoke, effect) in invokes.iter().zip(effects) {
            let mut draft = InvokeDraft::of(effect);
            draft.input = self.input(invoke);
            for (key, candidates) in [
                ("onDone", &mut draft.on_done),
                ("onError", &mut draft.on_error),
            ] {
                if let Some(node) = invoke.get(key) {
                    *candidates = self.candidates(node, id);
                }
            }
            self.invoke_words(&mut draft, invoke);
            state.invoke.push(draft);
        }
    }

    fn input(&self, invoke: &Node) -> Option<Value> {
        if self.own.is_some() {
            return self.own_meta(invoke, "input").map(Node::to_json);
        }
        let input = invoke.get("input").or(invoke.get("data"))?;
        if !matches!(input.value, NodeValue::Map(_)) {
            let message = "an input is an object of arguments; write it as one";
            self.loss(input, "input", message);
            return None;
        }
        self.note_template(input, "input");
        (!entries(input).is_empty()).then(|| literal(&input.to_json()))
    }

    fn invoke_words(&self, draft: &mut InvokeDraft, invoke: &Node) {
        let own = self.own_meta(invoke, "more").and_then(own::object);
        draft.more = own.unwrap_or_default();
        if let Some(description) = text_of(invoke, "description") {
            draft
                .more
                .insert("description".to_owned(), description.into());
        }
        for (key, value) in entries(invoke) {
            if !INVOKE_KEYS.contains(&key.text.as_str()) {
                let message = "actors are effects here: they begin, and end once";
                self.loss(value, format!("`{}` of an invoke", key.text), message);
            }
        }
    }
}
