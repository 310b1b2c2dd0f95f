//! Eventless transitions that would run for ever.
//!
//! Reported is only what is certain: a chain of eventless transitions that have no guard and come back to where they
//! were. Where a guard, a history or a second region has a say, the bound on microsteps decides at run time.

use crate::machine::{State, StateId, StateKind};

/// States in which a certain loop begins, one for each loop.
pub(super) fn endless(states: &[State]) -> Vec<StateId> {
    let mut found = Vec::new();
    let mut settled = vec![false; states.len()];
    for state in states {
        let mut chain = Vec::new();
        let mut current = Some(state.id).filter(|id| forced(states, *id));
        while let Some(id) = current {
            if let Some(at) = chain.iter().position(|seen| *seen == id) {
                // The first state of the loop in the order of the file stands for it.
                found.extend(chain[at..].iter().min());
                break;
            }
            if settled[id.index()] {
                break;
            }
            chain.push(id);
            current = next(states, id);
        }
        for id in chain {
            settled[id.index()] = true;
        }
    }
    found
}

/// Whether the first eventless transition of a state is always taken.
fn forced(states: &[State], id: StateId) -> bool {
    (states[id.index()].always.first()).is_some_and(|transition| transition.guard.is_none())
}

/// The state whose eventless transition is certainly taken after that of `id`; none if that is not certain, or if
/// there is none.
fn next(states: &[State], id: StateId) -> Option<StateId> {
    let transition = states[id.index()].always.first()?;
    let leaf = match transition.targets.as_slice() {
        // Nothing is left: the same choice again, unless a state further inside has one of its own.
        [] => return (!below_has_choice(states, id)).then_some(id),
        [target] => leaf_of(states, *target)?,
        _ => return None,
    };
    // From the inside out: the first state with eventless transitions decides, if its first one has no guard.
    let outwards = std::iter::successors(Some(leaf), |id| states[id.index()].parent);
    let mut deciding = outwards.filter(|id| !states[id.index()].always.is_empty());
    let inside_parallel = |id: StateId| {
        std::iter::successors(states[id.index()].parent, |id| states[id.index()].parent)
            .any(|outer| states[outer.index()].kind == StateKind::Parallel)
    };
    if inside_parallel(leaf) {
        return None;
    }
    deciding.next().filter(|id| forced(states, *id))
}

fn below_has_choice(states: &[State], id: StateId) -> bool {
    let last = states[id.index()].last;
    (states[id.index() + 1..=last.index()].iter()).any(|state| !state.always.is_empty())
}

/// The leaf that becomes active when a state is entered by default; none if that depends on memory, or is several.
fn leaf_of(states: &[State], target: StateId) -> Option<StateId> {
    let mut current = target;
    loop {
        let state = &states[current.index()];
        match state.kind {
            StateKind::Atomic | StateKind::Final => return Some(current),
            StateKind::Parallel | StateKind::History { .. } => return None,
            StateKind::Compound => match state.initial.as_ref()?.targets.as_slice() {
                // Targets of an initial stand below its owner, so this ends.
                [target] => current = *target,
                _ => return None,
            },
        }
    }
}
