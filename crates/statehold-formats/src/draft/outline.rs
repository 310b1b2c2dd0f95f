//! A machine that was not read from a chart: its states and where its transitions lead, and nothing else.

use statehold_core::Machine;
use statehold_core::machine::{StateId, StateKind, Transition};

use super::model::{Draft, StateDraft};
use super::parts::{InitialDraft, TransitionDraft};

/// The draft of the graph alone.
pub(crate) fn outline(machine: &Machine) -> Draft {
    let mut draft = Draft::new(&machine.name);
    draft.label.clone_from(&machine.label);
    draft.version = machine.version;
    draft.root = state(machine, StateId::ROOT);
    draft
}

fn state(machine: &Machine, id: StateId) -> StateDraft {
    let source = machine.state(id);
    let mut draft = StateDraft::with_kind("", source.kind, 0);
    draft.name.clone_from(&source.name);
    draft.label.clone_from(&source.label);
    let has_initial = matches!(source.kind, StateKind::Compound | StateKind::History { .. });
    draft.initial = (source.initial.as_ref().filter(|_| has_initial)).map(|initial| InitialDraft {
        targets: paths(machine, &initial.targets),
        actions: Vec::new(),
    });
    for transition in &source.transitions {
        if let Some(on) = &transition.on {
            draft.on_event(&on.text(), edge(machine, transition));
        }
    }
    draft.always = (source.always.iter())
        .map(|transition| edge(machine, transition))
        .collect();
    draft.states = (source.children.iter())
        .map(|child| state(machine, *child))
        .collect();
    draft
}

fn edge(machine: &Machine, transition: &Transition) -> TransitionDraft {
    TransitionDraft {
        targets: paths(machine, &transition.targets),
        reenter: transition.reenter,
        ..TransitionDraft::default()
    }
}

fn paths(machine: &Machine, targets: &[StateId]) -> Vec<String> {
    (targets.iter())
        .map(|target| machine.state(*target).path.clone())
        .filter(|path| !path.is_empty())
        .collect()
}
