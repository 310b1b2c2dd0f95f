//! [`Draft`] and its states. Places (`at`) are bytes of the document that the draft is made from.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use statehold_core::machine::StateKind;

use super::names::{Slugs, event_slug, slug};
use super::parts::{ActionDraft, InitialDraft, InvokeDraft, Piece, TimerDraft, TransitionDraft};
use crate::notes::Notes;

/// A whole chart.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Lines at the top of the file.
    pub(crate) comments: Vec<String>,
    pub(crate) machine: String,
    pub(crate) version: u32,
    pub(crate) label: Option<String>,
    pub(crate) description: Option<String>,
    /// Further keys of the chart, in order: `unhandled`, `onExpressionError`, `authorize`, ...
    pub(crate) head: Map<String, Value>,
    /// Fields of the context: `name` or `name?` and their form.
    pub(crate) context: IndexMap<String, Piece>,
    pub(crate) events: IndexMap<String, Piece>,
    pub(crate) guards: IndexMap<String, Piece>,
    /// The root: its name is not used, its kind is compound or parallel.
    pub(crate) root: StateDraft,
    pub(crate) effects: IndexMap<String, Piece>,
    event_names: Slugs,
    guard_names: Slugs,
    handler_names: Slugs,
}

impl Draft {
    /// An empty chart called like this: the name is made usable, what it was stays as the label.
    pub(crate) fn new(original: &str) -> Self {
        let machine = slug(original, "machine");
        let mut guard_names = Slugs::default();
        for root in ["true", "false", "ctx", "event", "actor", "entity", "now"] {
            guard_names.reserve(root);
        }
        Self {
            comments: Vec::new(),
            label: (machine != original && !original.trim().is_empty())
                .then(|| original.to_owned()),
            machine,
            version: 1,
            description: None,
            head: Map::new(),
            context: IndexMap::new(),
            events: IndexMap::new(),
            guards: IndexMap::new(),
            root: StateDraft::with_kind("", StateKind::Compound, 0),
            effects: IndexMap::new(),
            event_names: Slugs::default(),
            guard_names,
            handler_names: Slugs::default(),
        }
    }

    /// The name under which an event goes here. If it has to be another one, that is a loss (callers must use it), and
    /// the event is declared with what it was called as its label.
    pub(crate) fn event(&mut self, original: &str, at: usize, notes: &mut Notes<'_>) -> String {
        let mut is_new = false;
        let name = self.event_names.name(original, |text| {
            is_new = true;
            event_slug(text)
        });
        if is_new && name != original {
            let message =
                format!("`{original}` is called `{name}` here; callers must use that name");
            notes.loss(at, "event name", message);
            let form = json!({ "label": original });
            self.events.insert(name.clone(), Piece::new(form));
        }
        name
    }

    /// The name of a declared guard. When it is first asked for it is declared as `condition`, or as `true` if nothing
    /// says what it is, under these comments.
    pub(crate) fn guard(
        &mut self,
        original: &str,
        condition: Option<String>,
        comments: &[String],
    ) -> String {
        self.guard_apart(original, original, condition, comments)
    }

    /// The same, for guards of one name that are told apart by a `key`.
    pub(crate) fn guard_apart(
        &mut self,
        key: &str,
        original: &str,
        condition: Option<String>,
        comments: &[String],
    ) -> String {
        let name = self.guard_names.name(key, |_| slug(original, "guard"));
        if !self.guards.contains_key(&name) {
            let value = condition.map_or(Value::Bool(true), Value::String);
            let comments = comments.to_vec();
            self.guards.insert(name.clone(), Piece { value, comments });
        }
        name
    }

    /// The name of an effect that the handler of this name does. Declared when it is first asked for; what is fired and
    /// forgotten and what the chart waits for are effects of their own.
    pub(crate) fn handler(&mut self, original: &str, forget: bool, comments: &[String]) -> String {
        self.handler_apart("", original, forget, comments)
    }

    /// The same, for one of several effects of the same handler: those of different `key`s are told apart.
    pub(crate) fn handler_apart(
        &mut self,
        key: &str,
        original: &str,
        forget: bool,
        comments: &[String],
    ) -> String {
        let key = format!("{key}\n{forget}\n{original}");
        let name = self.handler_names.name(&key, |_| slug(original, "effect"));
        if !self.effects.contains_key(&name) {
            let mut form = json!({ "handler": handler_name(original) });
            if forget {
                form["mode"] = json!("fire_and_forget");
            }
            let comments = comments.to_vec();
            let piece = Piece {
                value: form,
                comments,
            };
            self.effects.insert(name.clone(), piece);
        }
        name
    }
}

/// Longest name of a handler, in bytes.
const HANDLER_BYTES_MAX: usize = 200;

/// What a handler may be called: no control characters, and not without end.
fn handler_name(original: &str) -> String {
    let mut name: String = original.chars().filter(|c| !c.is_control()).collect();
    let mut end = name.len().min(HANDLER_BYTES_MAX);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    match name.trim() {
        "" => "effect".to_owned(),
        name => name.to_owned(),
    }
}

/// A state.
#[derive(Debug)]
pub(crate) struct StateDraft {
    pub(crate) name: String,
    pub(crate) comments: Vec<String>,
    pub(crate) kind: StateKind,
    pub(crate) label: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) tags: Vec<String>,
    /// Where a compound state begins; where a history state without memory leads.
    pub(crate) initial: Option<InitialDraft>,
    pub(crate) entry: Vec<ActionDraft>,
    pub(crate) exit: Vec<ActionDraft>,
    pub(crate) invoke: Vec<InvokeDraft>,
    /// Candidates by event, in order. A key stands once: use [`Self::on_event`].
    pub(crate) on: IndexMap<String, Vec<TransitionDraft>>,
    pub(crate) on_done: Vec<TransitionDraft>,
    pub(crate) after: Vec<TimerDraft>,
    pub(crate) always: Vec<TransitionDraft>,
    pub(crate) output: Option<Value>,
    /// Further keys: `meta`, `deprecated`, ...
    pub(crate) more: Map<String, Value>,
    pub(crate) states: Vec<StateDraft>,
    pub(crate) at: usize,
}

impl StateDraft {
    /// An atomic state: its name is made usable, what it was stays as the label.
    pub(crate) fn new(original: &str, at: usize) -> Self {
        Self::with_kind(original, StateKind::Atomic, at)
    }

    /// A state of a kind. A compound one needs an `initial` once it has children.
    pub(crate) fn with_kind(original: &str, kind: StateKind, at: usize) -> Self {
        let name = slug(original, "state");
        Self {
            label: (name != original && !original.trim().is_empty()).then(|| original.to_owned()),
            name,
            comments: Vec::new(),
            kind,
            description: None,
            tags: Vec::new(),
            initial: None,
            entry: Vec::new(),
            exit: Vec::new(),
            invoke: Vec::new(),
            on: IndexMap::new(),
            on_done: Vec::new(),
            after: Vec::new(),
            always: Vec::new(),
            output: None,
            more: Map::new(),
            states: Vec::new(),
            at,
        }
    }

    /// Adds a candidate for an event.
    pub(crate) fn on_event(&mut self, event: &str, transition: TransitionDraft) {
        self.on
            .entry(event.to_owned())
            .or_default()
            .push(transition);
    }

    /// Whether it is a memory.
    pub(crate) fn is_history(&self) -> bool {
        matches!(self.kind, StateKind::History { .. })
    }
}
