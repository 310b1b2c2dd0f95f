//! Transitions, executable content, timers and invokes of a document of ours.

use indexmap::IndexMap;
use roxmltree::Node;
use serde_json::{Map, Value, json};

use super::super::super::own::{done_event, error_event};
use super::{Reader, elements, json_mark, mark, object, text_in};
use crate::draft::{
    ActionDraft, GuardDraft, InvokeDraft, Piece, StateDraft, TimerDraft, TimerWhen,
    TransitionDraft, join,
};

impl Reader<'_> {
    pub(super) fn invokes(&mut self, node: Node<'_, '_>, state: &mut StateDraft) {
        for invoke in elements(node, "invoke") {
            let mut own = json_mark(invoke, "invoke");
            let mut draft = InvokeDraft::of(invoke.attribute("src").unwrap_or_default());
            draft.input = own.remove("input");
            draft.more = object(own.remove("more"));
            state.invoke.push(draft);
        }
    }

    pub(super) fn transitions(
        &mut self,
        node: Node<'_, '_>,
        path: &str,
        state: &mut StateDraft,
        timers: &mut IndexMap<String, TimerDraft>,
    ) {
        for edge in elements(node, "transition") {
            if mark(edge, "root").is_some() {
                continue;
            }
            let transition = self.transition(edge);
            let Some(events) = edge.attribute("event") else {
                state.always.push(transition);
                continue;
            };
            for event in events.split_whitespace() {
                self.place(state, path, timers, event, transition.clone());
            }
        }
    }

    /// Puts a transition where a chart writes it.
    fn place(
        &mut self,
        state: &mut StateDraft,
        path: &str,
        timers: &mut IndexMap<String, TimerDraft>,
        event: &str,
        transition: TransitionDraft,
    ) {
        if let Some(timer) = timers.get_mut(event) {
            timer.transitions.push(transition);
            return;
        }
        if !path.is_empty() && event == format!("done.state.{path}") {
            state.on_done.push(transition);
            return;
        }
        for invoke in &mut state.invoke {
            let id = join(path, &invoke.effect);
            if event == done_event(&id) {
                invoke.on_done.push(transition);
                return;
            }
            if event == error_event(&id) {
                invoke.on_error.push(transition);
                return;
            }
        }
        state.on_event(event, transition);
    }

    fn transition(&mut self, edge: Node<'_, '_>) -> TransitionDraft {
        let mut own = json_mark(edge, "transition");
        let targets = edge.attribute("target").unwrap_or_default();
        let mut transition = TransitionDraft::nowhere(edge.range().start);
        transition.targets = self.targets(edge, targets);
        transition.reenter = edge.attribute("type") == Some("external");
        transition.guard = match own.remove("guard") {
            Some(Value::String(name)) => Some(GuardDraft::Named(name)),
            Some(form) => Some(GuardDraft::Form(form)),
            None => edge
                .attribute("cond")
                .map(|condition| GuardDraft::Expr(condition.to_owned())),
        };
        transition.label = text_in(&own, "label");
        transition.description = text_in(&own, "description");
        transition.more = object(own.remove("more"));
        self.block(edge, &mut transition.actions, &mut IndexMap::new());
        transition
    }

    /// Executable content. Sends that are timers are put aside.
    pub(super) fn block(
        &mut self,
        node: Node<'_, '_>,
        actions: &mut Vec<ActionDraft>,
        timers: &mut IndexMap<String, TimerDraft>,
    ) {
        for element in node.children().filter(Node::is_element) {
            if let Some(own) = mark(element, "timer") {
                if element.tag_name().name() == "send" {
                    let event = element.attribute("event").unwrap_or_default();
                    timers.insert(event.to_owned(), timer(own));
                }
                continue;
            }
            match mark(element, "action") {
                Some("part") => {}
                Some(own) => match serde_json::from_str(own) {
                    Ok(value) => actions.push(Piece {
                        value,
                        comments: Vec::new(),
                    }),
                    Err(error) => {
                        let message = format!("the mark of this action is not readable: {error}");
                        self.notes.refuse(element.range().start, message);
                    }
                },
                None => actions.extend(self.plain_action(element)),
            }
        }
    }

    fn plain_action(&mut self, element: Node<'_, '_>) -> Option<ActionDraft> {
        let attribute = |name: &str| element.attribute(name).unwrap_or_default();
        match element.tag_name().name() {
            "raise" => Some(Piece::new(json!({ "raise": attribute("event") }))),
            "assign" => {
                let field = Map::from_iter([(
                    attribute("location").to_owned(),
                    Value::from(attribute("expr")),
                )]);
                Some(Piece::new(json!({ "assign": field })))
            }
            other => {
                let message = format!("`{other}` without our mark is not carried over");
                self.notes.loss(element.range().start, "action", message);
                None
            }
        }
    }
}

fn timer(own: &str) -> TimerDraft {
    let mut own = object(serde_json::from_str(own).ok());
    let when = match (text_in(&own, "delay"), text_in(&own, "at")) {
        (Some(delay), _) => TimerWhen::Delay(delay),
        (None, Some(at)) => TimerWhen::At(at),
        (None, None) => TimerWhen::Other,
    };
    TimerDraft {
        comments: Vec::new(),
        name: text_in(&own, "name"),
        when,
        transitions: Vec::new(),
        more: object(own.remove("more")),
    }
}
