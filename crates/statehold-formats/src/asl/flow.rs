//! [`Flow`]: the draft under construction, and the names that states, effects and fields get.

use std::collections::HashSet;

use statehold_core::delay;
use statehold_core::source::{Node, NodeValue};

use super::any_field;
use crate::draft::{Draft, Piece, Slugs, slug};
use crate::notes::Notes;

/// Longest wait that is read as a number of seconds.
const SECONDS_MAX: f64 = 3.0e9;

/// A chart under construction.
pub(super) struct Flow<'t> {
    pub(super) draft: Draft,
    pub(super) notes: Notes<'t>,
    effects: Slugs,
    events: Slugs,
    fields: Slugs,
    noted: HashSet<String>,
}

impl<'t> Flow<'t> {
    pub(super) fn new(draft: Draft, notes: Notes<'t>) -> Self {
        Self {
            draft,
            notes,
            effects: Slugs::default(),
            events: Slugs::default(),
            fields: Slugs::default(),
            noted: HashSet::new(),
        }
    }

    /// Notes that something at a node did not survive.
    pub(super) fn loss(
        &mut self,
        node: &Node,
        construct: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.notes.loss(node.span.start, construct, message);
    }

    /// Notes something once in the document.
    pub(super) fn loss_once(&mut self, node: &Node, construct: &str, message: impl Into<String>) {
        if self.is_new(construct) {
            self.notes.loss(node.span.start, construct, message);
        }
    }

    /// Whether something comes up for the first time.
    pub(super) fn is_new(&mut self, what: &str) -> bool {
        self.noted.insert(what.to_owned())
    }

    /// What the events of a state begin with: no other state has the same.
    pub(super) fn event(&mut self, name: &str, at: usize) -> String {
        self.events.name(&format!("{at}"), |_| name.to_owned())
    }

    /// Refuses the document because of a node.
    pub(super) fn refuse(&mut self, node: &Node, message: impl Into<String>) {
        self.notes.refuse(node.span.start, message);
    }

    /// The context's field for the first step of a path.
    pub(super) fn field(&mut self, original: &str) -> String {
        let name = self.fields.name(original, |text| slug(text, "field"));
        self.draft
            .context
            .entry(format!("{name}?"))
            .or_insert_with(any_field);
        name
    }

    /// Declares an effect and returns its name.
    pub(super) fn effect(&mut self, original: &str, at: usize, effect: Piece) -> String {
        let name = self
            .effects
            .name(&format!("{at}"), |_| slug(original, "effect"));
        self.draft.effects.insert(name.clone(), effect);
        name
    }

    /// A number of seconds as a length of time.
    pub(super) fn seconds(&mut self, node: &Node) -> Option<String> {
        let seconds = match node.value {
            NodeValue::Int(number) => number as f64,
            NodeValue::Float(number) => number,
            _ => return None,
        };
        if !(0.0..=SECONDS_MAX).contains(&seconds) {
            self.refuse(node, "this is no time that can be waited");
            return None;
        }
        let length = std::time::Duration::from_secs_f64(seconds);
        Some(delay::format(length.min(delay::MAX)))
    }
}
