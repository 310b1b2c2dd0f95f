//! Transitions of a draft as forms: a target alone, a mapping, a list of candidates.

use serde_json::Value;

use super::form::{entry, flag, map, path_list, piece, text};
use super::layout::{Form, Part};
use super::parts::{ActionDraft, GuardDraft, TransitionDraft};
use super::targets::Paths;

/// Transitions of one state under conversion.
pub(super) struct Edges<'p> {
    pub(super) paths: &'p Paths,
    /// Path of the state that owns them.
    pub(super) source: &'p str,
}

impl Edges<'_> {
    /// All candidates for one event.
    pub(super) fn candidates(&self, transitions: &[TransitionDraft]) -> Part {
        match transitions {
            [one] => {
                let part = self.transition(one);
                Part {
                    comments: one.comments.clone(),
                    ..part
                }
            }
            several => {
                let items = several
                    .iter()
                    .map(|one| self.transition(one).comments(&one.comments));
                Part::new(Form::List(items.collect()))
            }
        }
    }

    fn transition(&self, transition: &TransitionDraft) -> Part {
        let entries = self.entries(transition);
        // A list of targets would be read as candidates, so only one target stands alone.
        if let [(key, target)] = entries.as_slice()
            && key == "target"
            && matches!(target.form, Form::Text(_))
        {
            return target.clone();
        }
        Part::new(map(entries))
    }

    /// The keys of a transition.
    pub(super) fn entries(&self, transition: &TransitionDraft) -> Vec<(String, Part)> {
        let mut entries = Vec::new();
        if let Some(target) = path_list(&transition.targets, |path| {
            self.paths.reference(path, self.source)
        }) {
            entry(&mut entries, "target", target);
        }
        if let Some(guard) = &transition.guard {
            entry(&mut entries, "guard", guard_form(guard));
        }
        if transition.reenter {
            entry(&mut entries, "reenter", Form::Bool(true));
        }
        content(&mut entries, &transition.actions);
        text(&mut entries, "label", transition.label.as_deref());
        text(
            &mut entries,
            "description",
            transition.description.as_deref(),
        );
        for (key, value) in &transition.more {
            entry(&mut entries, key, Form::from(value));
        }
        entries
    }
}

/// A condition, wherever one stands.
pub(super) fn guard_form(guard: &GuardDraft) -> Form {
    match guard {
        GuardDraft::Named(name) => Form::Text(name.clone()),
        GuardDraft::Expr(source) => flag(source),
        GuardDraft::Form(Value::String(source)) => flag(source),
        GuardDraft::Form(value) => Form::from(value),
    }
}

/// Actions of a transition by the short forms that mean the same: `assign` first, then `actions`, then `effects`.
pub(super) fn content(entries: &mut Vec<(String, Part)>, actions: &[ActionDraft]) {
    let mut rest = actions;
    if let [first, more @ ..] = rest
        && let Some(assign) = sole(&first.value, "assign").filter(|value| value.is_object())
    {
        let part = Part::new(Form::from(assign)).comments(&first.comments);
        entries.push(("assign".to_owned(), part));
        rest = more;
    }
    let effects = rest
        .iter()
        .rev()
        .take_while(|action| is_effect(&action.value))
        .count();
    let (others, effects) = rest.split_at(rest.len() - effects);
    if !others.is_empty() {
        entries.push(("actions".to_owned(), actions_part(others)));
    }
    if !effects.is_empty() {
        let items = effects.iter().map(|action| {
            let form = match sole(&action.value, "effect") {
                Some(name) => Form::from(name),
                None => Form::from(&action.value),
            };
            Part::new(form).comments(&action.comments)
        });
        entries.push(("effects".to_owned(), Part::new(Form::List(items.collect()))));
    }
}

/// A list of actions, or the only one.
pub(super) fn actions_part(actions: &[ActionDraft]) -> Part {
    match actions {
        [one] => piece(one),
        several => Part::new(Form::List(several.iter().map(piece).collect())),
    }
}

/// The value of a mapping that has this key and no other.
fn sole<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let object = value.as_object()?;
    (object.len() == 1).then(|| object.get(key)).flatten()
}

fn is_effect(value: &Value) -> bool {
    let keys = value.as_object().map(serde_json::Map::keys);
    value.get("effect").is_some_and(Value::is_string)
        && keys.is_some_and(|mut keys| keys.all(|key| key == "effect" || key == "input"))
}
