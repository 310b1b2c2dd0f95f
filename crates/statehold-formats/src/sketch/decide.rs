//! What a diagram leaves open is decided here, and said.
//!
//! An arrow without words out of a state that ends somewhere inside is taken when it is done; any other waits for an
//! event called like its target, for a chart would take it at once. The same words at arrows to different states cannot
//! mean one event, so the events carry the name of the target.

use std::collections::HashMap;

use statehold_core::machine::StateKind;

use super::Origin;
use super::effects::is_else;
use super::label::{Trigger, is_event};
use super::moves::Move;
use super::states::Filler;
use super::tree::ROOT;

impl Filler<'_, '_> {
    /// Decides what an arrow without words waits for, and what `done` is about.
    pub(super) fn settle_trigger(&mut self, one: &mut Move) {
        if self.is_choice(one.source) {
            return;
        }
        let completes = one.source != ROOT && self.tree.completes(one.source);
        if one.origin == Origin::Completion && one.trigger != Trigger::None {
            let message = "an arrow out of a join is taken as soon as all ways have come together; it cannot wait for an event";
            self.notes.refuse(one.at, message);
            return;
        }
        let kind = self.tree.nodes[one.source].kind;
        let has_inside =
            one.source != ROOT && matches!(kind, StateKind::Compound | StateKind::Parallel);
        let is_said = self.is_own(one.source) && has_inside;
        if one.trigger == Trigger::Done(String::new()) && !completes && !is_said {
            one.trigger = Trigger::Event("done".to_owned());
        }
        if one.trigger != Trigger::None || one.targets.is_empty() {
            return;
        }
        if completes && (!self.is_own(one.source) || one.origin == Origin::Completion) {
            one.trigger = Trigger::Done(String::new());
            return;
        }
        if one.label.guard.is_some() {
            return;
        }
        let name = match &one.origin {
            Origin::Named(name) => name.clone(),
            _ => self.called(one.targets[0]),
        };
        let message = format!(
            "it waits for the event `{name}`; nothing is written at it, and without an event it would be taken at once"
        );
        self.notes.loss(one.at, "arrow without words", message);
        one.trigger = Trigger::Event(name);
    }

    /// What a state was called in the diagram.
    pub(super) fn called(&self, node: usize) -> String {
        let node = &self.tree.nodes[node];
        node.original.clone().unwrap_or_else(|| node.name.clone())
    }

    /// Arrows of one state with the same words and no conditions: to one state they are one, to several they are
    /// events of their own.
    pub(super) fn tell_apart(&mut self, moves: &mut Vec<Move>) {
        let mut targets: HashMap<(usize, String), Vec<Vec<usize>>> = HashMap::new();
        let mut twice: Vec<usize> = Vec::new();
        for (at, one) in moves.iter().enumerate() {
            // In our own exports candidates stand in the order in which they are tried.
            let is_open = !self.is_choice(one.source) && !self.is_own(one.source);
            let Some(words) = one.plain_event().filter(|_| is_open) else {
                continue;
            };
            let known = targets.entry((one.source, words.to_owned())).or_default();
            let is_known = known.contains(&one.targets);
            if is_known && one.label.actions.is_empty() {
                twice.push(at);
            } else if !is_known {
                known.push(one.targets.clone());
            }
        }
        for one in moves.iter_mut() {
            let Some(words) = one.plain_event().map(str::to_owned) else {
                continue;
            };
            let several = targets
                .get(&(one.source, words.clone()))
                .is_some_and(|known| known.len() > 1);
            if !several {
                continue;
            }
            let between = if is_event(&words) { '_' } else { ' ' };
            let name = format!("{words}{between}{}", self.called(one.targets[0]));
            let message = format!(
                "`{words}` leads to several states and cannot tell which; this way waits for `{name}`"
            );
            self.notes.loss(one.at, "words used twice", message);
            one.trigger = Trigger::Event(name);
        }
        for at in twice.into_iter().rev() {
            let one = moves.remove(at);
            self.notes
                .loss(one.at, "arrow drawn twice", "it says nothing new");
        }
    }

    pub(super) fn has_condition(&self, one: &Move) -> bool {
        let guard = one.label.guard.as_deref();
        if guard.is_some() {
            return guard.is_some_and(|guard| !is_else(guard));
        }
        let words = one.label.trigger.as_str();
        self.is_choice(one.source) && !words.is_empty() && !is_else(words)
    }
}
