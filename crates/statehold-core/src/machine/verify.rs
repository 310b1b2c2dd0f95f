//! The invariants of a [`Definition`] that the interpreter relies on, checked for definitions of any origin.
//!
//! The chart loader establishes them with better words; here one sentence has to do, because what breaks them is a
//! fault of an importer and not of an author.

use super::{Definition, Initial, State, StateId, StateKind, Transition};

/// Most states of a definition, the root included. Keeps ids, and sets of them, small.
const STATES_MAX: usize = 10_000;

/// Deepest nesting. Bounds the recursion of the interpreter.
const DEPTH_MAX: u16 = 64;

/// A definition that cannot be a machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("state `{path}`: {problem}")]
pub struct DefinitionError {
    /// Path of the state; empty for the root.
    pub path: String,
    /// What is wrong.
    pub problem: &'static str,
}

/// Checks every invariant that does not concern expressions.
pub(super) fn verify(definition: &Definition) -> Result<(), DefinitionError> {
    let count = definition.states.len();
    if count == 0 || count > STATES_MAX {
        return Err(DefinitionError {
            path: String::new(),
            problem: "a machine has a root, and no more states than the limit",
        });
    }
    // Everything else looks states up, so their order comes first.
    for (at, state) in definition.states.iter().enumerate() {
        check(
            state,
            is_in_order(definition, at, state),
            "states must stand in document order",
        )?;
    }
    for state in &definition.states {
        verify_place(definition, state)?;
        verify_kind(definition, state)?;
        for transition in state.transitions.iter().chain(&state.always) {
            verify_transition(definition, state, transition)?;
        }
    }
    Ok(())
}

fn check(state: &State, holds: bool, problem: &'static str) -> Result<(), DefinitionError> {
    if holds {
        return Ok(());
    }
    Err(DefinitionError {
        path: state.path.clone(),
        problem,
    })
}

/// Ids count up, parents come before their children, and descendants are the ids up to `last`.
fn is_in_order(definition: &Definition, at: usize, state: &State) -> bool {
    let is_whole = state.id.index() == at
        && state.last >= state.id
        && state.last.index() < definition.states.len();
    let is_inside = match state.parent {
        None => at == 0 && state.last.index() + 1 == definition.states.len(),
        Some(parent) => {
            parent < state.id
                && definition.states[parent.index()].last >= state.last
                && definition.states[parent.index()]
                    .children
                    .contains(&state.id)
        }
    };
    is_whole && is_inside
}

fn verify_place(definition: &Definition, state: &State) -> Result<(), DefinitionError> {
    let mut next = StateId(state.id.0 + 1);
    for child in &state.children {
        // Children follow each other without a gap: no state belongs to two parents, or to none.
        let is_next = *child == next && child.index() < definition.states.len();
        check(
            state,
            is_next && *child <= state.last,
            "children must stand in document order",
        )?;
        let child = definition.state(*child);
        check(
            child,
            child.parent == Some(state.id),
            "the parent must know its child",
        )?;
        check(
            child,
            child.depth == state.depth + 1,
            "depth counts from the root",
        )?;
        next = StateId(child.last.0 + 1);
    }
    check(
        state,
        next.0 == state.last.0 + 1,
        "children must fill the range up to `last`",
    )?;
    check(
        state,
        state.depth <= DEPTH_MAX,
        "states nest deeper than the limit",
    )?;
    let Some(parent) = state.parent else {
        return check(
            state,
            state.path.is_empty() && state.depth == 0,
            "the root has no path",
        );
    };
    let outer = &definition.state(parent).path;
    let path = if outer.is_empty() {
        state.name.clone()
    } else {
        format!("{outer}.{}", state.name)
    };
    check(
        state,
        path == state.path,
        "a path is the names from the root down",
    )?;
    let is_known = definition.by_path.get(&state.path) == Some(&state.id);
    check(state, is_known, "the path must be known, and unique")
}

fn verify_kind(definition: &Definition, state: &State) -> Result<(), DefinitionError> {
    let has_transitions = !state.transitions.is_empty() || !state.always.is_empty();
    let has_regions = !definition.regions(state.id).is_empty();
    match state.kind {
        StateKind::Compound => {
            check(state, has_regions, "a compound state needs a child")?;
            let initial = state.initial.as_ref();
            check(
                state,
                initial.is_some(),
                "a compound state needs an initial child",
            )?;
            verify_default(definition, state, state.id, initial)
        }
        StateKind::Parallel => check(state, has_regions, "a parallel state needs a region"),
        StateKind::Atomic => check(
            state,
            state.children.is_empty(),
            "an atomic state has no children",
        ),
        // Some formats let final states of inner regions be left again, so transitions are no fault here.
        StateKind::Final => check(
            state,
            state.children.is_empty(),
            "a final state has no children",
        ),
        StateKind::History { .. } => {
            let is_plain = state.children.is_empty() && !has_transitions;
            check(
                state,
                is_plain,
                "a history state has no children and no transitions",
            )?;
            let parent = state.parent.unwrap_or(StateId::ROOT);
            verify_default(definition, state, parent, state.initial.as_ref())?;
            let own = state.initial.as_ref();
            let fallback = own.or(definition.state(parent).initial.as_ref());
            let targets = fallback.iter().flat_map(|initial| &initial.targets);
            let is_grounded = !targets.into_iter().any(|id| is_history(definition, *id));
            check(
                state,
                is_grounded,
                "without memory a history state must lead to real states",
            )
        }
    }
}

fn is_history(definition: &Definition, id: StateId) -> bool {
    matches!(definition.state(id).kind, StateKind::History { .. })
}

/// A default leads somewhere below `outer`.
fn verify_default(
    definition: &Definition,
    state: &State,
    outer: StateId,
    default: Option<&Initial>,
) -> Result<(), DefinitionError> {
    let Some(default) = default else {
        return Ok(());
    };
    check(
        state,
        !default.targets.is_empty(),
        "a default needs a target",
    )?;
    let is_inside = default
        .targets
        .iter()
        .all(|id| definition.is_below(*id, outer));
    check(state, is_inside, "a default leads to states inside")?;
    let fits = definition.can_be_active_together(&default.targets);
    check(state, fits, "the targets of a default must fit together")
}

fn verify_transition(
    definition: &Definition,
    state: &State,
    transition: &Transition,
) -> Result<(), DefinitionError> {
    check(
        state,
        transition.source == state.id,
        "a transition stands in its source",
    )?;
    let exist = transition
        .targets
        .iter()
        .all(|id| id.index() < definition.states.len());
    check(state, exist, "a target must exist")?;
    let fits = definition.can_be_active_together(&transition.targets);
    check(state, fits, "the targets of a transition must fit together")
}
