//! States in which an entity stays for ever although they are not final: nothing leads out, and nothing else happens.

use super::walk;
use crate::configuration::StateSet;
use crate::machine::{State, StateId, StateKind};

/// The reached states that nobody can leave, in document order. A state that takes any event, if only to note something, is not meant:
/// some entities live for ever.
pub(super) fn dead_ends(states: &[State], reached: &StateSet) -> Vec<StateId> {
    let exits: Vec<bool> = states.iter().map(|state| has_exit(states, state)).collect();
    (states.iter())
        .filter(|state| state.kind == StateKind::Atomic && reached.contains(state.id))
        .map(|state| state.id)
        .filter(|id| !is_alive(states, *id) && !is_swept_out(states, *id, &exits))
        .collect()
}

/// Whether the state, or one around it, waits for anything but the completion of what the state itself holds up.
fn is_alive(states: &[State], id: StateId) -> bool {
    std::iter::once(id)
        .chain(walk::ancestors(states, id))
        .flat_map(|outer| walk::transitions(&states[outer.index()]))
        .any(|transition| !waits_for(states, transition, id))
}

/// Whether a transition waits for the completion of a state that cannot be complete while `id` is active.
fn waits_for(states: &[State], transition: &crate::machine::Transition, id: StateId) -> bool {
    walk::awaits_completion(transition).is_some_and(|path| {
        let outer = walk::ancestors(states, id).find(|outer| states[outer.index()].path == path);
        outer.is_some()
    })
}

/// Whether another region can leave a parallel state around this one, and so this one with it.
fn is_swept_out(states: &[State], id: StateId, exits: &[bool]) -> bool {
    let mut inner = id;
    for outer in walk::ancestors(states, id) {
        if states[outer.index()].kind == StateKind::Parallel {
            let mut others = walk::regions(states, outer).filter(|region| *region != inner);
            if others.any(|region| exits[region.index()]) {
                return true;
            }
        }
        inner = outer;
    }
    false
}

/// Whether anything in a region of a parallel state leads out of the region.
fn has_exit(states: &[State], region: &State) -> bool {
    let is_region = region
        .parent
        .is_some_and(|parent| states[parent.index()].kind == StateKind::Parallel);
    is_region
        && states[region.id.index()..=region.last.index()]
            .iter()
            .flat_map(walk::transitions)
            .filter_map(|transition| walk::domain(states, transition))
            .any(|domain| !walk::is_within(states, domain, region.id))
}
