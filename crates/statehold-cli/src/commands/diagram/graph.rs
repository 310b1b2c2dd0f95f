//! A chart's states and transitions as data, in the order of the chart, for programs that draw or count.

use serde_json::{Value, json};
use statehold_core::Machine;
use statehold_core::machine::{Descriptor, State, StateId, StateKind, Transition};

/// The whole graph.
pub(super) fn graph(machine: &Machine) -> Value {
    let transitions = machine.states.iter().flat_map(|state| {
        let lists = state.transitions.iter().chain(&state.always);
        lists.map(move |transition| edge(machine, state, transition))
    });
    json!({
        "machine": machine.name,
        "version": machine.version,
        "initial": initial(machine, machine.state(StateId::ROOT)),
        "states": machine.states.iter().skip(1).map(|state| node(machine, state)).collect::<Vec<_>>(),
        "transitions": transitions.collect::<Vec<_>>(),
    })
}

fn node(machine: &Machine, state: &State) -> Value {
    let kind = match state.kind {
        StateKind::Atomic => "atomic",
        StateKind::Compound => "compound",
        StateKind::Parallel => "parallel",
        StateKind::Final => "final",
        StateKind::History { deep: false } => "history",
        StateKind::History { deep: true } => "deep_history",
    };
    json!({
        "path": state.path,
        "kind": kind,
        "label": state.label,
        "description": state.description,
        "tags": state.tags,
        "initial": initial(machine, state),
        "deprecated": state.deprecated.is_some(),
    })
}

fn edge(machine: &Machine, state: &State, transition: &Transition) -> Value {
    json!({
        "source": state.path,
        "event": transition.on.as_ref().map(Descriptor::text),
        "targets": paths(machine, &transition.targets),
        "reenter": transition.reenter,
        "guard": transition.guard.as_ref().map(|guard| guard.expr.source()),
        "guard_name": transition.guard.as_ref().and_then(|guard| guard.name.as_deref()),
        "label": transition.label,
    })
}

fn initial(machine: &Machine, state: &State) -> Option<Vec<String>> {
    let initial = state.initial.as_ref()?;
    Some(paths(machine, &initial.targets))
}

fn paths(machine: &Machine, ids: &[StateId]) -> Vec<String> {
    ids.iter()
        .map(|id| machine.state(*id).path.clone())
        .collect()
}
