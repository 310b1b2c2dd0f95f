//! The shape of a chart as the whole-chart checks walk it: who leaves what, and which events of the engine can happen.

use crate::machine::{Descriptor, State, StateId, StateKind, Transition};

/// All transitions of a state, on events and without.
pub(super) fn transitions(state: &State) -> impl Iterator<Item = &Transition> {
    state.transitions.iter().chain(&state.always)
}

/// Whether `inner` is `outer` or stands below it.
pub(super) fn is_within(states: &[State], inner: StateId, outer: StateId) -> bool {
    inner >= outer && inner <= states[outer.index()].last
}

/// The states above `id`, from its parent to the root.
pub(super) fn ancestors(states: &[State], id: StateId) -> impl Iterator<Item = StateId> + '_ {
    std::iter::successors(states[id.index()].parent, |id| states[id.index()].parent)
}

/// The children that can be active.
pub(super) fn regions(states: &[State], id: StateId) -> impl Iterator<Item = StateId> + '_ {
    let children = states[id.index()].children.iter().copied();
    children.filter(|child| !is_history(states, *child))
}

pub(super) fn is_history(states: &[State], id: StateId) -> bool {
    matches!(states[id.index()].kind, StateKind::History { .. })
}

/// The innermost state that stays when the transition is taken; none if nothing is left. What it leaves stands below.
pub(super) fn domain(states: &[State], transition: &Transition) -> Option<StateId> {
    if transition.targets.is_empty() {
        return None;
    }
    let source = transition.source;
    let holds = |outer: StateId| {
        (transition.targets.iter()).all(|target| is_within(states, *target, outer))
    };
    if holds(source) && !transition.reenter {
        return Some(source);
    }
    let holds_below = |outer: StateId| {
        let mut targets = transition.targets.iter();
        targets.all(|target| *target != outer && is_within(states, *target, outer))
    };
    let found = ancestors(states, source).find(|outer| holds_below(*outer));
    Some(found.unwrap_or(StateId::ROOT))
}

/// The path of the state whose completion the transition waits for.
pub(super) fn awaits_completion(transition: &Transition) -> Option<&str> {
    match &transition.on {
        Some(Descriptor::Exact(event)) => event.strip_prefix("done.state."),
        _ => None,
    }
}

/// Why a state can never be complete: itself, or the region that stands in the way. None if it can.
pub(super) fn incomplete(states: &[State], id: StateId) -> Option<StateId> {
    let state = &states[id.index()];
    match state.kind {
        StateKind::Compound => {
            let is_final = |child: &StateId| states[child.index()].kind == StateKind::Final;
            (!state.children.iter().any(is_final)).then_some(id)
        }
        StateKind::Parallel => regions(states, id).find_map(|region| incomplete(states, region)),
        StateKind::Final => None,
        StateKind::Atomic | StateKind::History { .. } => Some(id),
    }
}
