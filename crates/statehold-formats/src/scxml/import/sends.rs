//! `send`: into this step, onto a timer, or to the world.

use serde_json::{Map, Value, json};
use statehold_core::delay;
use statehold_core::machine::StateId;

use super::super::document::{Element, ElementKind, Node, Send, SendId, Text};
use super::super::payload::PROCESSOR;
use super::super::rewrite::EventWords;
use super::super::send::delay as css_delay;
use super::Importer;
use crate::draft::{ActionDraft, Piece, TimerDraft, TransitionDraft, quoted};

/// Where a `send` leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// The internal queue.
    Inside,
    /// The machine itself, from outside.
    Itself,
    /// Somebody else, of this name.
    World(String),
    /// It is computed.
    Computed,
}

/// Where a `send` leads.
pub(super) fn route(send: &Send) -> Route {
    let world = match &send.kind {
        Some(Text::Expr(_)) => return Route::Computed,
        Some(Text::Literal(kind)) if kind != PROCESSOR && kind != "scxml" => Some(kind),
        _ => None,
    };
    match (&send.target, world) {
        (Some(Text::Expr(_)), _) => Route::Computed,
        (_, Some(kind)) => Route::World(kind.clone()),
        (None, None) => Route::Itself,
        (Some(Text::Literal(target)), None) if target == "#_internal" => Route::Inside,
        (Some(Text::Literal(target)), None) if target.is_empty() => Route::Itself,
        (Some(Text::Literal(target)), None) => Route::World(target.clone()),
    }
}

impl Importer<'_> {
    /// The action that a `send` is; none if it is a timer, or no more.
    pub(super) fn send(
        &mut self,
        send: &Send,
        event: EventWords,
        owner: StateId,
        at: usize,
    ) -> Option<ActionDraft> {
        // Became a timer when the state was looked at.
        if self.timers.contains_key(&at) {
            return None;
        }
        self.note_stored_id(send, at);
        match (route(send), &send.event, &send.delay) {
            (Route::World(name), _, delay) => {
                if delay.is_some() {
                    let message = "what is told to others is told at once; ask for the effect from an `after`";
                    self.loss(at, "delay", message);
                }
                Some(self.tell_world(send, &name, event, at))
            }
            (Route::Computed, _, _) | (_, Text::Expr(_), _) => {
                let message = "a `send` whose event, target or type is computed is not supported";
                self.refuse(at, message);
                None
            }
            (Route::Inside, Text::Literal(name), _) => {
                let input = self.payload(&send.payload, event, at);
                self.raise(name, input, at)
            }
            (Route::Itself, Text::Literal(name), None) => self.send_itself(send, name, event, at),
            (Route::Itself, Text::Literal(name), Some(_)) => {
                let path = self.lower.skeleton.states[owner.index()].path.clone();
                let message = format!(
                    "`{name}` is sent later, and not only while `{path}` is active: a timer belongs to a state; put it under `after` of the state that waits"
                );
                self.refuse(at, message);
                None
            }
        }
    }

    fn note_stored_id(&self, send: &Send, at: usize) {
        if let Some(SendId::Stored(location)) = &send.id {
            let message = format!("no id of what is sent is put into `{location}`");
            self.loss(at, "`idlocation`", message);
        }
    }

    /// From outside, in a step of its own. Raised inside it comes earlier, which is the same where nothing else could be
    /// overtaken.
    fn send_itself(
        &mut self,
        send: &Send,
        name: &str,
        event: EventWords,
        at: usize,
    ) -> Option<ActionDraft> {
        if !self.may_raise_sends {
            let message = format!(
                "`{name}` is sent to the machine itself, behind events that are raised inside: a chart cannot say that order; raise it, or let a caller fire it"
            );
            self.refuse(at, message);
            return None;
        }
        let message =
            format!("`{name}` came in a step of its own; now it is raised in the same step");
        self.loss(at, "event sent to itself", message);
        let input = self.payload(&send.payload, event, at);
        self.raise(name, input, at)
    }

    /// An effect that a handler does.
    fn tell_world(&mut self, send: &Send, name: &str, event: EventWords, at: usize) -> ActionDraft {
        let known = self.draft.effects.len();
        let comments = [format!(
            "TODO: write the handler `{name}`, or say what it is over `http`."
        )];
        let effect = self.draft.handler(name, true, &comments);
        if self.draft.effects.len() > known {
            let message = format!(
                "what is sent to `{name}` became the effect `{effect}` of a handler; write the handler, or replace it by `http`"
            );
            self.loss(at, "send", message);
        }
        let mut input = Map::new();
        match &send.event {
            Text::Literal(text) if text.is_empty() => {}
            Text::Literal(text) => {
                input.insert("event".to_owned(), quoted(text).into());
            }
            Text::Expr(source) => {
                let message =
                    format!("the name of the event, `{source}`, is not told to the handler");
                self.loss(at, "computed event", message);
            }
        }
        match self.payload(&send.payload, event, at) {
            Some(Value::Object(fields)) => input.extend(fields),
            Some(content) => {
                input.insert("content".to_owned(), content);
            }
            None => {}
        }
        let mut action = json!({ "effect": effect });
        if !input.is_empty() {
            action["input"] = Value::Object(input);
        }
        Piece::new(action)
    }

    /// A timer that is taken back on the way out ends then anyway; anywhere else a chart cannot take it back.
    pub(super) fn cancel(&mut self, at: usize) {
        let message = "a timer ends when its state is left, and not before; use a state of its own for the wait";
        self.refuse(at, message);
    }

    /// A block that is done on the way out of a state, without what takes back timers of that state.
    pub(super) fn on_the_way_out(&self, block: &[Element], id: StateId) -> Vec<Element> {
        let says_nothing = |element: &Element| {
            matches!(&element.kind, ElementKind::Cancel { id: Text::Literal(given) }
                if self.cancelled.contains(&(id, given.clone())))
        };
        let kept = block.iter().filter(|element| !says_nothing(element));
        kept.cloned().collect()
    }

    /// Timers that the delayed sends of a state's `onentry` are.
    pub(super) fn timers_of(&mut self, id: StateId, node: &Node) -> Vec<TimerDraft> {
        let mut timers: Vec<TimerDraft> = Vec::new();
        for element in node.on_entry.iter().flatten() {
            let ElementKind::Send(send) = &element.kind else {
                continue;
            };
            let at = element.span.start;
            if self.timers.get(&at) != Some(&id) {
                continue;
            }
            let (Text::Literal(name), Some(Text::Literal(text))) = (&send.event, &send.delay)
            else {
                continue;
            };
            let Some(length) = css_delay(text) else {
                continue;
            };
            self.note_stored_id(send, at);
            let input = self.payload(&send.payload, EventWords::Input, at);
            if input.as_ref().is_some_and(|input| !is_written_down(input)) {
                let message =
                    "what the event carries is computed when it comes, not when it is sent";
                self.loss(at, "content of a delayed event", message);
            }
            let Some(raise) = self.raise(name, input, at) else {
                continue;
            };
            let transition = TransitionDraft {
                actions: vec![raise],
                ..TransitionDraft::nowhere(at)
            };
            let mut timer = TimerDraft::after(delay::format(length), vec![transition]);
            if timers.iter().any(|other| other.when == timer.when) {
                let name = crate::draft::slug(name, "timer");
                timer.name = Some(crate::draft::free(&name, |name| {
                    (timers.iter()).any(|other| other.name.as_deref() == Some(name))
                }));
            }
            timers.push(timer);
        }
        timers
    }

    /// Finds the delayed sends that are timers of the state whose `onentry` they stand in: the state takes them back on
    /// its way out, or nobody else waits for them.
    pub(super) fn find_timers(&mut self) {
        let nodes = self.lower.nodes.clone();
        for (id, node) in &nodes {
            let sends = node.on_entry.iter().flatten();
            for element in sends {
                if let ElementKind::Send(send) = &element.kind {
                    self.find_timer(*id, node, element, send);
                }
            }
        }
    }

    fn find_timer(&mut self, id: StateId, node: &Node, element: &Element, send: &Send) {
        let (Text::Literal(name), Some(Text::Literal(text))) = (&send.event, &send.delay) else {
            return;
        };
        let is_timer = route(send) == Route::Itself
            && css_delay(text).is_some_and(|length| !length.is_zero() && length <= delay::MAX);
        if !is_timer {
            return;
        }
        let at = element.span.start;
        let given = match &send.id {
            Some(SendId::Given(id)) => Some(id.as_str()),
            _ => None,
        };
        let takes_back = given.is_some_and(|given| cancels(node, given));
        if !takes_back {
            if !self.is_awaited_only_in(name, id) {
                return;
            }
            let message =
                format!("`{name}` ends with its state; entered again, the state waits anew");
            self.loss(at, "delayed event", message);
        }
        self.timers.insert(at, id);
        if let Some(given) = given {
            self.cancelled.insert((id, given.to_owned()));
        }
    }

    /// Whether only this state, or states inside it, have a transition for the event.
    fn is_awaited_only_in(&self, name: &str, id: StateId) -> bool {
        let last = self.lower.skeleton.states[id.index()].last;
        self.lower.nodes.iter().all(|(other, node)| {
            let is_inside = *other >= id && *other <= last;
            is_inside
                || !node
                    .transitions
                    .iter()
                    .any(|edge| edge.events.iter().any(|on| matches(on, name)))
        })
    }
}

/// Whether a descriptor of SCXML takes an event.
pub(super) fn matches(descriptor: &str, event: &str) -> bool {
    let prefix = descriptor.trim_end_matches(".*").trim_end_matches('.');
    descriptor == "*"
        || (event.strip_prefix(prefix)).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether nothing of it has to be computed.
fn is_written_down(value: &Value) -> bool {
    match value {
        Value::String(source) => {
            source.starts_with('\'') && !source[1..].trim_end_matches('\'').contains('\'')
        }
        Value::Array(items) => items.iter().all(is_written_down),
        Value::Object(entries) => entries.values().all(is_written_down),
        _ => true,
    }
}

fn cancels(node: &Node, id: &str) -> bool {
    node.on_exit.iter().flatten().any(|element| {
        matches!(&element.kind, ElementKind::Cancel { id: Text::Literal(given) } if given == id)
    })
}
