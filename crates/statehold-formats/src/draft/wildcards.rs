//! Wildcards of other tools also take events that a machine raises itself; ours take events from outside only. Here
//! such candidates are written once more under every inner event that the wildcard would take.

use std::collections::BTreeSet;

use serde_json::Value;
use statehold_core::machine::{StateKind, timer_event};

use super::model::{Draft, StateDraft};
use super::parts::{ActionDraft, TimerDraft, TimerWhen, TransitionDraft};
use super::targets::join;

/// Most transitions that a draft may grow to; charts have no more.
const TRANSITIONS_MAX: usize = 10_000;

/// An event that the machine itself makes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Inner {
    event: String,
    /// State whose activity it needs; none if it can come at any time.
    owner: Option<String>,
}

/// Writes wildcard candidates under the names of inner events too. Engine events (`done.`, `error.`, `timer.`) are
/// taken by `*` alone unless a key of the draft, still in the words of its source, stands for them: that is the
/// importer's to expand.
///
/// # Errors
/// The draft would grow beyond what a chart may have.
pub(crate) fn spell_out(draft: &mut Draft) -> Result<(), String> {
    let inner = inner_events(&draft.root);
    let parallels = parallels(&draft.root);
    let mut grown = 0;
    widen(&mut draft.root, "", &inner, &parallels, &mut grown)
}

fn widen(
    state: &mut StateDraft,
    path: &str,
    inner: &BTreeSet<Inner>,
    parallels: &BTreeSet<String>,
    grown: &mut usize,
) -> Result<(), String> {
    let mut wildcards: Vec<(String, Vec<TransitionDraft>)> = (state.on.iter())
        .filter(|(key, _)| *key == "*" || key.ends_with(".*"))
        .map(|(key, candidates)| (key.clone(), candidates.clone()))
        .collect();
    // Longer prefixes are tried first.
    wildcards.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
    for (key, candidates) in &wildcards {
        let taken = inner
            .iter()
            .filter(|inner| takes(key, &inner.event) && can_meet(path, inner, parallels));
        for inner in taken {
            *grown += candidates.len();
            if *grown > TRANSITIONS_MAX {
                return Err("wildcards and inner events make too many transitions".to_owned());
            }
            append(state, path, &inner.event, candidates);
        }
    }
    for child in &mut state.states {
        let path = join(path, &child.name);
        widen(child, &path, inner, parallels, grown)?;
    }
    Ok(())
}

/// Whether a wildcard takes an event.
pub(crate) fn takes(wildcard: &str, event: &str) -> bool {
    let Some(prefix) = wildcard.strip_suffix(".*") else {
        return wildcard == "*";
    };
    event
        .strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Adds candidates behind those that the state has for this event: what stands under `on` is tried before what stands
/// with the timer, the invoke or the end itself.
fn append(state: &mut StateDraft, path: &str, event: &str, candidates: &[TransitionDraft]) {
    let is_closed = |known: &[TransitionDraft]| known.iter().any(|one| one.guard.is_none());
    if state.on.get(event).is_some_and(|known| is_closed(known)) {
        return;
    }
    if let Some(own) = own_candidates(state, path, event) {
        if !is_closed(own) {
            own.extend_from_slice(candidates);
        }
        return;
    }
    let known = state.on.entry(event.to_owned()).or_default();
    known.extend_from_slice(candidates);
}

/// The candidates that a state has for an event of its own timers, invokes or end.
fn own_candidates<'s>(
    state: &'s mut StateDraft,
    path: &str,
    event: &str,
) -> Option<&'s mut Vec<TransitionDraft>> {
    if event == format!("done.state.{path}") && !state.on_done.is_empty() {
        return Some(&mut state.on_done);
    }
    if event.starts_with("timer.") {
        let timers = &mut state.after;
        return (timers.iter_mut())
            .find(|timer| timer_event(path, timer_name(timer)) == event)
            .map(|timer| &mut timer.transitions);
    }
    for invoke in &mut state.invoke {
        if event == format!("done.effect.{}", invoke.effect) {
            return Some(&mut invoke.on_done);
        }
        if event == format!("error.effect.{}", invoke.effect) {
            return Some(&mut invoke.on_error);
        }
    }
    None
}

fn timer_name(timer: &TimerDraft) -> &str {
    match (&timer.name, &timer.when) {
        (Some(name), _) => name,
        (None, TimerWhen::Delay(delay)) => delay,
        _ => "at",
    }
}

/// Whether the event can come while the state is active.
fn can_meet(path: &str, inner: &Inner, parallels: &BTreeSet<String>) -> bool {
    let Some(owner) = &inner.owner else {
        return true;
    };
    let common: Vec<&str> = path
        .split('.')
        .zip(owner.split('.'))
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a)
        .collect();
    let common = common.join(".");
    common == path
        || common == *owner
        || path.is_empty()
        || owner.is_empty()
        || parallels.contains(&common)
}

fn parallels(root: &StateDraft) -> BTreeSet<String> {
    fn collect(state: &StateDraft, path: &str, found: &mut BTreeSet<String>) {
        if state.kind == StateKind::Parallel {
            found.insert(path.to_owned());
        }
        for child in &state.states {
            collect(child, &join(path, &child.name), found);
        }
    }
    let mut found = BTreeSet::new();
    collect(root, "", &mut found);
    found
}

fn inner_events(root: &StateDraft) -> BTreeSet<Inner> {
    let mut found = BTreeSet::new();
    collect(root, "", &mut found);
    found
}

fn collect(state: &StateDraft, path: &str, found: &mut BTreeSet<Inner>) {
    let mut own = |event: String| {
        found.insert(Inner {
            event,
            owner: Some(path.to_owned()),
        });
    };
    let completes = match state.kind {
        StateKind::Parallel => true,
        StateKind::Compound => state
            .states
            .iter()
            .any(|child| child.kind == StateKind::Final),
        _ => false,
    };
    if completes && !path.is_empty() {
        own(format!("done.state.{path}"));
    }
    for timer in &state.after {
        own(timer_event(path, timer_name(timer)));
    }
    for invoke in &state.invoke {
        own(format!("done.effect.{}", invoke.effect));
        own(format!("error.effect.{}", invoke.effect));
    }
    for actions in all_actions(state) {
        for action in actions {
            raised(&action.value, &mut |event| {
                found.insert(Inner {
                    event: event.to_owned(),
                    owner: None,
                });
            });
        }
    }
    for child in &state.states {
        collect(child, &join(path, &child.name), found);
    }
}

fn all_actions(state: &StateDraft) -> impl Iterator<Item = &Vec<ActionDraft>> {
    let timers = state.after.iter().flat_map(|timer| &timer.transitions);
    let invokes = state.invoke.iter();
    let ends = invokes.flat_map(|invoke| invoke.on_done.iter().chain(&invoke.on_error));
    let transitions = state.on.values().flatten();
    let transitions = transitions
        .chain(&state.always)
        .chain(&state.on_done)
        .chain(timers)
        .chain(ends);
    (transitions.map(|transition| &transition.actions))
        .chain([&state.entry, &state.exit])
        .chain(state.initial.iter().map(|initial| &initial.actions))
}

fn raised(action: &Value, found: &mut impl FnMut(&str)) {
    if let Some(event) = action.get("raise").and_then(Value::as_str) {
        found(event);
    }
    for key in ["then", "else"] {
        match action.get(key) {
            Some(Value::Array(items)) => items.iter().for_each(|item| raised(item, found)),
            Some(item) => raised(item, found),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::parts::{GuardDraft, Piece};
    use super::*;

    #[test]
    fn inner_events_get_candidates_of_their_own() {
        let mut draft = Draft::new("m");
        let mut a = StateDraft::new("a", 0);
        a.entry.push(Piece::new(
            json!({ "if": "true", "then": [{ "raise": "x.y" }] }),
        ));
        a.on_event("x.*", TransitionDraft::to("b", 0));
        a.on_event("*", TransitionDraft::nowhere(0));
        a.after.push(TimerDraft::after(
            "5s",
            vec![TransitionDraft {
                guard: Some(GuardDraft::Expr("false".to_owned())),
                ..TransitionDraft::to("b", 0)
            }],
        ));
        draft.root.states.push(a);
        let mut b = StateDraft::new("b", 0);
        b.on_event("*", TransitionDraft::nowhere(0));
        draft.root.states.push(b);
        spell_out(&mut draft).unwrap();
        let [a, b] = draft.root.states.as_slice() else {
            panic!("two states");
        };
        assert_eq!(a.on["x.y"][0].targets, ["b"]);
        assert_eq!(a.after[0].transitions.len(), 2);
        let keys: Vec<&str> = b.on.keys().map(String::as_str).collect();
        assert_eq!(keys, ["*", "x.y"]);
    }
}
