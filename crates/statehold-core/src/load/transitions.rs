//! Transitions: from the forms an author may write to the list in which the interpreter tries them.

use std::collections::HashSet;

use super::MAX_TRANSITIONS;
use super::chart::Loader;
use super::exprs::View;
use super::keys::TRANSITION;
use super::names::{at_key, check_event};
use crate::codes;
use crate::interpreter::is_reserved;
use crate::machine::{Descriptor, State, StateId, Transition};
use crate::source::{Item, MapReader, NodeValue};

/// What a transition waits for, and what its expressions see.
#[derive(Clone, Copy)]
pub(super) struct Trigger<'a> {
    pub(super) on: Option<&'a Descriptor>,
    pub(super) invoke: Option<usize>,
    pub(super) view: View<'a>,
}

impl<'n> Loader<'n> {
    /// Transitions under `on`.
    pub(super) fn on(&self, item: &Item<'n>, source: StateId) -> Vec<Transition> {
        let mut transitions = Vec::new();
        for (key, item) in item.entries().unwrap_or_default() {
            let Some(descriptor) = self.descriptor(&item, &key.text) else {
                continue;
            };
            self.uses.borrow_mut().events.insert(key.text.clone());
            let trigger = Trigger {
                on: Some(&descriptor),
                invoke: None,
                view: self.view_of(&key.text),
            };
            transitions.extend(self.candidates(&item, source, trigger));
        }
        transitions
    }

    /// What is known where a transition on this event stands.
    pub(super) fn view_of<'a>(&'a self, event: &'a str) -> View<'a> {
        View {
            input: if is_reserved(event) {
                Some(&self.no_input)
            } else {
                self.input_of(event)
            },
            event: Some(event),
            ..View::default()
        }
    }

    fn descriptor(&self, item: &Item<'n>, text: &str) -> Option<Descriptor> {
        if text == "*" {
            return Some(Descriptor::Any { internal: false });
        }
        let Some(prefix) = text.strip_suffix(".*") else {
            return check_event(item, text).then(|| Descriptor::Exact(text.to_owned()));
        };
        if !check_event(item, prefix) {
            return None;
        }
        if is_reserved(&format!("{prefix}.")) {
            let problem = at_key(
                item,
                codes::RESERVED_NAME,
                format!("`{text}` would take nothing: wildcards take events from outside"),
            );
            self.reader
                .report(problem.help("spell the whole name, like `done.effect.NAME`"));
            return None;
        }
        Some(Descriptor::Prefix {
            prefix: prefix.to_owned(),
            internal: false,
        })
    }

    /// A target, a transition, or a list of transitions of which the first one whose guard holds is taken.
    pub(super) fn candidates(
        &self,
        item: &Item<'n>,
        source: StateId,
        trigger: Trigger<'_>,
    ) -> Vec<Transition> {
        match &item.node.value {
            NodeValue::Null => {
                let problem =
                    item.error(codes::WRONG_TYPE, format!("{} leads nowhere", item.name()));
                self.reader.report(
                    problem.help("name a state, or write `{}` to take the event and do nothing"),
                );
                Vec::new()
            }
            NodeValue::Seq(items) if items.is_empty() => {
                let problem = item.error(
                    codes::BAD_VALUE,
                    format!("{} has an empty list of transitions", item.name()),
                );
                self.reader
                    .report(problem.help("write `{}` to take the event and do nothing"));
                Vec::new()
            }
            _ => {
                let items = item.one_or_many();
                let transitions: Vec<Transition> = (items.iter())
                    .filter_map(|item| self.transition(item, source, trigger))
                    .collect();
                self.check_shadowed(item, &transitions);
                transitions
            }
        }
    }

    fn transition(
        &self,
        item: &Item<'n>,
        source: StateId,
        trigger: Trigger<'_>,
    ) -> Option<Transition> {
        self.count_transition(item)?;
        if item.node.as_str().is_some() {
            let targets = self.outline.targets(item, source)?;
            let transition = self.plain(item, source, targets, trigger);
            self.check_regions(item, &transition);
            return Some(transition);
        }
        if !matches!(item.node.value, NodeValue::Map(_)) {
            item.expected("a state or a transition");
            return None;
        }
        let map = item.map(TRANSITION)?.checked();
        self.transition_of(&map, source, trigger)
    }

    /// A transition written as a mapping, of any place that has a transition's keys.
    pub(super) fn transition_of(
        &self,
        map: &MapReader<'n>,
        source: StateId,
        trigger: Trigger<'_>,
    ) -> Option<Transition> {
        let target = map.optional("target");
        let targets = match &target {
            Some(target) => self.outline.targets(target, source),
            None => Some(Vec::new()),
        };
        let guard = map.optional("guard");
        let guard = guard.map(|item| self.guard(&item, trigger.view));
        let actions = self.content(map, trigger.view);
        let reenter = map
            .optional("reenter")
            .and_then(|item| item.boolean())
            .unwrap_or(false);
        let label = super::chart::words(map, "label");
        super::chart::words(map, "description");
        let transition = Transition {
            reenter,
            // A guard that could not be read must not become a transition without one.
            guard: match guard {
                Some(guard) => Some(guard?),
                None => None,
            },
            actions,
            label,
            ..self.plain(&map.item, source, targets?, trigger)
        };
        if let Some(target) = &target {
            self.check_regions(target, &transition);
        } else if reenter {
            let problem = map
                .item
                .warning(codes::UNUSED, "`reenter` does nothing without a target");
            self.reader.report(problem.help(format!(
                "to leave and enter the source again, write `target: {}`",
                self.outline.draft(source).name
            )));
        }
        Some(transition)
    }

    fn count_transition(&self, item: &Item<'n>) -> Option<()> {
        let count = self.transitions.get() + 1;
        self.transitions.set(count);
        if count == MAX_TRANSITIONS + 1 {
            let message = format!("a chart has at most {MAX_TRANSITIONS} transitions");
            self.reader.report(item.error(codes::LIMIT, message));
        }
        (count <= MAX_TRANSITIONS).then_some(())
    }

    fn plain(
        &self,
        item: &Item<'n>,
        source: StateId,
        targets: Vec<StateId>,
        trigger: Trigger<'_>,
    ) -> Transition {
        Transition {
            on: trigger.on.cloned(),
            invoke: trigger.invoke,
            source,
            targets,
            reenter: false,
            guard: None,
            actions: Vec::new(),
            label: None,
            span: item.node.span.clone(),
        }
    }

    /// Warns of transitions behind one that is always taken.
    fn check_shadowed(&self, item: &Item<'n>, transitions: &[Transition]) {
        let Some(at) = transitions
            .iter()
            .position(|transition| transition.guard.is_none())
        else {
            return;
        };
        let all_targets = item
            .one_or_many()
            .iter()
            .all(|item| item.node.as_str().is_some());
        for hidden in &transitions[at + 1..] {
            let message = "this transition can never be taken: the one before it has no guard";
            self.reader.report(
                crate::diagnostic::Diagnostic::warning(codes::SHADOWED, hidden.span.clone(), message)
                    .related(transitions[at].span.clone(), "always taken")
                    .help(if all_targets {
                        "to enter several states at once, write `{ target: [ ... ] }`; a list of states is tried one after the other"
                    } else {
                        "give the one before it a guard, or put it last"
                    })
                    .at(item.pointer.clone()),
            );
        }
    }

    /// Every `on` that names an event of the engine must name one that can happen.
    pub(super) fn check_reserved_events(&self, states: &[State]) {
        let timers: HashSet<&str> = (states.iter().flat_map(|state| &state.timers))
            .map(|timer| timer.event.as_str())
            .collect();
        for draft in &self.outline.drafts {
            let on = draft.map.as_ref().and_then(|map| map.optional("on"));
            for (key, item) in on
                .and_then(|on| match on.node.value {
                    NodeValue::Map(_) => on.entries(),
                    _ => None,
                })
                .unwrap_or_default()
            {
                if is_reserved(&key.text) && !key.text.ends_with(".*") {
                    self.check_reserved_event(&item, &key.text, &timers);
                }
            }
        }
    }

    fn check_reserved_event(&self, item: &Item<'n>, event: &str, timers: &HashSet<&str>) {
        let effect = event
            .strip_prefix("done.effect.")
            .or_else(|| event.strip_prefix("error.effect."));
        if let Some(effect) = effect {
            if !self.effects.contains_key(effect) {
                let problem = at_key(
                    item,
                    codes::UNKNOWN_EFFECT,
                    format!("there is no effect `{effect}`"),
                );
                let known = self.effects.keys().map(String::as_str);
                self.reader.report(problem.help(self.did_you_mean(
                    effect,
                    known,
                    "declare it under `effects`".to_owned(),
                )));
            }
            return;
        }
        let can_happen = event == "error.execution"
            || event
                .strip_prefix("done.state.")
                .is_some_and(|path| self.outline.by_path.contains_key(path))
            || timers.contains(event);
        if !can_happen {
            let problem = at_key(
                item,
                codes::RESERVED_NAME,
                format!("the engine never fires `{event}`"),
            );
            self.reader.report(problem.help(
                "it fires done.state.PATH, done.effect.NAME, error.effect.NAME, timer.PATH.NAME and error.execution; names beginning so cannot be your own",
            ));
        }
    }
}

/// Puts the transitions of a state into the order in which they are tried: exact names, longer prefixes, `*`; among
/// equals the order of the file.
pub(super) fn sort(transitions: &mut [Transition]) {
    transitions.sort_by_key(|transition| match &transition.on {
        None | Some(Descriptor::Exact(_)) => (0, 0),
        Some(Descriptor::Prefix { prefix, .. }) => {
            let tokens = prefix.split('.').count();
            (1, usize::MAX - tokens)
        }
        Some(Descriptor::Any { .. }) => (2, 0),
    });
}
