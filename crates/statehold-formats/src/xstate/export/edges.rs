//! Transitions, guards and actions.

use serde_json::{Map, Value, json};

use super::losses;
use super::states::one_or_list;
use super::{OWN, Writer, own_meta};
use crate::draft::{ActionDraft, GuardDraft, TransitionDraft, within};

/// Longest title of an action or a guard, in characters.
const TITLE_CHARS: usize = 120;

impl Writer<'_> {
    pub(super) fn candidates(&mut self, candidates: &[TransitionDraft], source: &str) -> Value {
        let all = candidates.iter().map(|transition| {
            let transition = self.transition(transition, source);
            // A target alone is written as a text.
            match transition.get("target") {
                Some(target @ Value::String(_)) if transition.len() == 1 => target.clone(),
                _ => Value::Object(transition),
            }
        });
        one_or_list(all.collect())
    }

    pub(super) fn transition(
        &mut self,
        transition: &TransitionDraft,
        source: &str,
    ) -> Map<String, Value> {
        let mut out = Map::new();
        if !transition.targets.is_empty() {
            let target = self.target(&transition.targets, source);
            out.insert("target".to_owned(), target);
        }
        if let Some(guard) = &transition.guard {
            out.insert("guard".to_owned(), self.guard(guard));
        }
        if transition.reenter {
            out.insert("reenter".to_owned(), true.into());
        }
        if !transition.actions.is_empty() {
            out.insert("actions".to_owned(), self.actions(&transition.actions));
        }
        if let Some(description) = &transition.description {
            out.insert("description".to_owned(), description.as_str().into());
        }
        if let Some(label) = &transition.label {
            own_meta(&mut out, "label", label.as_str().into());
        }
        if !transition.more.is_empty() {
            own_meta(&mut out, "more", Value::Object(transition.more.clone()));
        }
        out
    }

    /// Targets: a sibling by its name, what is inside the source by `.name`, else by the machine's id.
    pub(super) fn target(&self, paths: &[String], source: &str) -> Value {
        let parent = source.rfind('.').map_or("", |dot| &source[..dot]);
        let one = |path: &String| {
            let inside = within(path, source);
            let beside = within(path, parent).filter(|_| !source.is_empty());
            match (inside, beside) {
                (Some(inside), _) => format!(".{inside}"),
                (None, Some(sibling)) if !sibling.contains('.') => sibling.to_owned(),
                _ => format!("#{}.{path}", self.draft.machine),
            }
        };
        one_or_list(paths.iter().map(one).map(Value::from).collect())
    }

    fn guard(&mut self, guard: &GuardDraft) -> Value {
        self.losses.add(losses::GUARD);
        let (title, own) = match guard {
            GuardDraft::Named(name) => return Value::from(name.as_str()),
            GuardDraft::Expr(source) => (source.as_str(), Value::from(source.as_str())),
            GuardDraft::Form(form) => {
                let reason = form
                    .get("reason")
                    .or(form.get("if"))
                    .and_then(Value::as_str);
                (reason.unwrap_or("guard"), form.clone())
            }
        };
        json!({ "type": cut(title), "params": { OWN: own } })
    }

    pub(super) fn actions(&mut self, actions: &[ActionDraft]) -> Value {
        let all = actions.iter().map(|action| self.action(&action.value));
        one_or_list(all.collect())
    }

    fn action(&mut self, action: &Value) -> Value {
        let text = |key: &str| action.get(key).and_then(Value::as_str);
        let (kind, title) = if let Some(effect) = text("effect") {
            if action.as_object().is_some_and(|entries| entries.len() == 1)
                && self.draft.effects.contains_key(effect)
                && !effect.starts_with("xstate.")
            {
                self.losses.add(losses::EFFECT);
                return Value::from(effect);
            }
            (losses::EFFECT, effect.to_owned())
        } else if let Some(event) = text("raise") {
            (losses::RAISE, format!("raise {event}"))
        } else if let Some(fields) = action.get("assign").and_then(Value::as_object) {
            let names: Vec<&str> = fields.keys().map(String::as_str).collect();
            (losses::ASSIGN, format!("assign {}", names.join(", ")))
        } else if let Some(condition) = text("if") {
            (losses::CHOICE, format!("if {condition}"))
        } else {
            let key = action.as_object().and_then(|entries| entries.keys().next());
            (
                losses::EFFECT,
                key.map_or("action", String::as_str).to_owned(),
            )
        };
        self.losses.add(kind);
        json!({ "type": cut(&title), "params": { OWN: action } })
    }
}

fn cut(title: &str) -> String {
    title.chars().take(TITLE_CHARS).collect()
}
