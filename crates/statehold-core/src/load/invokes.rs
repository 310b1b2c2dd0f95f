//! Invokes: effects tied to a state, and the transitions on their ends.

use super::MAX_PER_STATE;
use super::chart::{Loader, words};
use super::exprs::View;
use super::keys::INVOKE;
use super::names::at_key;
use super::transitions::Trigger;
use crate::codes;
use crate::machine::{Descriptor, Invoke, State};
use crate::source::{Item, MapReader};

impl<'n> Loader<'n> {
    /// Reads `invoke`: the name of an effect, a mapping, or a list of these.
    pub(super) fn invokes(&self, item: &Item<'n>, state: &mut State) {
        let items = item.one_or_many();
        if items.len() > MAX_PER_STATE {
            let message = format!("a state has at most {MAX_PER_STATE} invokes");
            self.reader.report(item.error(codes::LIMIT, message));
            return;
        }
        for item in items {
            if item.node.as_str().is_some() {
                if let Some((effect, input)) = self.effect_use(&item, None, View::default()) {
                    self.add_invoke(&item, state, Invoke { effect, input });
                }
            } else if let Some(map) = item.map(INVOKE) {
                self.invoke(&map.checked(), state);
            }
        }
    }

    fn invoke(&self, map: &MapReader<'n>, state: &mut State) {
        words(map, "label");
        words(map, "description");
        let effect = map.required("effect");
        let name = effect.as_ref().and_then(|item| item.node.as_str());
        for (key, kind) in [("onDone", "done"), ("onError", "error")] {
            if let Some(item) = map.optional(key) {
                self.check_reports(&item, name, key);
                self.on_end(&item, kind, name.unwrap_or_default(), state);
            }
        }
        let input = map.optional("input");
        let used = effect.and_then(|item| self.effect_use(&item, input.as_ref(), View::default()));
        if let Some((effect, input)) = used {
            self.add_invoke(&map.item, state, Invoke { effect, input });
        }
    }

    /// Transitions on one end of the invoke that is added next.
    fn on_end(&self, item: &Item<'n>, kind: &str, effect: &str, state: &mut State) {
        let event = format!("{kind}.effect.{effect}");
        let descriptor = Descriptor::Exact(event.clone());
        let trigger = Trigger {
            on: Some(&descriptor),
            invoke: Some(state.invokes.len()),
            view: self.view_of(&event),
        };
        let transitions = self.candidates(item, state.id, trigger);
        state.transitions.extend(transitions);
    }

    fn add_invoke(&self, item: &Item<'n>, state: &mut State, invoke: Invoke) {
        let mut others = state.invokes.iter();
        if others.any(|other| other.effect == invoke.effect) {
            let message = format!(
                "the effect `{}` is invoked twice by one state",
                invoke.effect
            );
            let help = "its two results could not be told apart: declare it under two names";
            let problem = item.error(codes::BAD_STRUCTURE, message).help(help);
            self.reader.report(problem);
        }
        state.invokes.push(invoke);
    }

    fn check_reports(&self, item: &Item<'n>, effect: Option<&str>, key: &str) {
        let draft = effect.and_then(|effect| self.effects.get(effect));
        if draft.is_some_and(|draft| !draft.reports()) {
            let message = format!("`{key}` never happens: the effect is `mode: fire_and_forget`");
            let help = "use `mode: async` for an effect whose result the chart waits for";
            let problem = at_key(item, codes::BAD_STRUCTURE, message).help(help);
            self.reader.report(problem);
        }
    }
}
