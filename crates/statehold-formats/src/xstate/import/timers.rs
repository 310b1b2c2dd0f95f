//! Delays: `after` in both its forms.

use statehold_core::delay;
use statehold_core::machine::StateId;
use statehold_core::source::{Node, NodeValue};

use super::super::outline::one_or_many;
use super::states::text_of;
use super::{Importer, own};
use crate::draft::{StateDraft, TimerDraft, TimerWhen, TransitionDraft, free, slug};

impl Importer<'_> {
    pub(super) fn after(&mut self, state: &mut StateDraft, after: &Node, id: StateId) {
        match &after.value {
            NodeValue::Map(entries) => {
                for (key, candidates) in entries {
                    let transitions = self.candidates(candidates, id);
                    let own = one_or_many(candidates).first();
                    let own = own.and_then(|one| self.own_meta(one, "timer"));
                    self.timer(state, own, &key.text, candidates, transitions);
                }
            }
            NodeValue::Seq(items) => {
                for item in items {
                    let delay = match item.get("delay").map(|node| &node.value) {
                        Some(NodeValue::Int(number)) => number.to_string(),
                        Some(NodeValue::Str(text)) => text.clone(),
                        _ => {
                            self.config.problem(item, "a timer needs a `delay`");
                            continue;
                        }
                    };
                    let transitions = self.candidates(item, id);
                    self.timer(state, None, &delay, item, transitions);
                }
            }
            _ => self.config.problem(after, "`after` is an object of delays"),
        }
    }

    fn timer(
        &mut self,
        state: &mut StateDraft,
        own: Option<&Node>,
        delay: &str,
        node: &Node,
        transitions: Vec<TransitionDraft>,
    ) {
        if transitions.is_empty() {
            return;
        }
        if let Some(own) = own {
            state.after.push(own_timer(own, transitions));
            return;
        }
        let mut timer = TimerDraft::after(delay, transitions);
        match delay.parse().map(std::time::Duration::from_millis) {
            Ok(length) if length <= delay::MAX => {
                timer.when = TimerWhen::Delay(delay::format(length));
            }
            Ok(_) => self
                .config
                .problem(node, format!("`{delay}` is longer than any timer runs")),
            Err(_) => {
                let message = format!(
                    "`{delay}` is computed elsewhere; it became one day until you say how long it is"
                );
                self.loss(node, "named delay", message);
                timer.comments.push(format!("TODO: how long is `{delay}`?"));
                timer.name = Some(self.free_timer(state, &slug(delay, "timer")));
                timer.when = TimerWhen::Delay("1d".to_owned());
            }
        }
        state.after.push(timer);
    }

    fn free_timer(&self, state: &StateDraft, name: &str) -> String {
        free(name, |name| {
            (state.after.iter()).any(|timer| timer.name.as_deref() == Some(name))
        })
    }
}

fn own_timer(own: &Node, transitions: Vec<TransitionDraft>) -> TimerDraft {
    let when = match (text_of(own, "delay"), text_of(own, "at")) {
        (Some(delay), _) => TimerWhen::Delay(delay),
        (None, Some(at)) => TimerWhen::At(at),
        (None, None) => TimerWhen::Other,
    };
    TimerDraft {
        comments: Vec::new(),
        name: text_of(own, "name"),
        when,
        transitions,
        more: own.get("more").and_then(own::object).unwrap_or_default(),
    }
}
