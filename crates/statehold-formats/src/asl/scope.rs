//! A list of states with its beginning: the machine itself, or a branch of a `Parallel`.

use std::collections::HashMap;

use statehold_core::machine::StateKind;
use statehold_core::source::{Node, NodeValue};

use super::catch::Catchers;
use super::flow::Flow;
use super::task::task;
use super::{entries, text};
use crate::draft::{Slugs, StateDraft, TransitionDraft, join, slug};

/// Most states of one document.
const STATES_MAX: usize = 1_000;

/// What is around a list of states.
pub(super) struct Outer {
    pub(super) path: String,
    /// Where a failure leads that nothing inside catches; none at the top, where it ends the machine.
    pub(super) failure: Option<Catchers>,
}

impl Outer {
    /// Nothing is around.
    pub(super) fn root() -> Self {
        Self {
            path: String::new(),
            failure: None,
        }
    }
}

/// A list of states being read.
pub(super) struct Scope<'o> {
    pub(super) outer: &'o Outer,
    /// Paths of its states by their own names.
    pub(super) paths: HashMap<String, String>,
    names: Slugs,
    end: Option<String>,
    failed: Option<String>,
}

/// Where a state stands.
pub(super) struct Place<'n> {
    pub(super) original: &'n str,
    pub(super) name: String,
    pub(super) path: String,
}

/// Adds the states under `States` and returns the path in which they begin.
pub(super) fn fill(
    flow: &mut Flow<'_>,
    state: &mut StateDraft,
    node: &Node,
    outer: &Outer,
) -> Option<String> {
    let mut scope = Scope {
        outer,
        paths: HashMap::new(),
        names: Slugs::default(),
        end: None,
        failed: None,
    };
    let states = node.get("States").map(entries).unwrap_or_default();
    if states.is_empty() {
        flow.refuse(node, "there are no `States`");
        return None;
    }
    if states.len() > STATES_MAX {
        flow.refuse(node, format!("a chart has at most {STATES_MAX} states"));
        return None;
    }
    let mut places = Vec::new();
    for (key, _) in states {
        let name = scope.names.name(&key.text, |text| slug(text, "state"));
        let path = join(&outer.path, &name);
        scope.paths.insert(key.text.clone(), path.clone());
        places.push(Place {
            original: &key.text,
            name,
            path,
        });
    }
    for (place, (_, node)) in places.iter().zip(states) {
        let made = scope.state(flow, node, place);
        state.states.push(made);
    }
    for name in [&scope.end, &scope.failed].into_iter().flatten() {
        state.states.push(StateDraft::with_kind(
            name,
            StateKind::Final,
            node.span.start,
        ));
    }
    let start = text(node, "StartAt").unwrap_or_default();
    let path = scope.paths.get(start).cloned();
    if path.is_none() {
        flow.refuse(
            node.get("StartAt").unwrap_or(node),
            format!("`StartAt` names no state: `{start}`"),
        );
    }
    path
}

impl Scope<'_> {
    fn state(&mut self, flow: &mut Flow<'_>, node: &Node, place: &Place<'_>) -> StateDraft {
        let mut state = StateDraft::new(place.original, node.span.start);
        state.name.clone_from(&place.name);
        state.description = text(node, "Comment").map(str::to_owned);
        if let Some(node) = node
            .get("QueryLanguage")
            .filter(|node| node.as_str() == Some("JSONata"))
        {
            flow.loss_once(
                node,
                "QueryLanguage",
                "JSONata is not read; what it says is left out",
            );
        }
        match text(node, "Type") {
            Some("Task") => task(flow, &mut state, node, place, self),
            Some("Pass") => self.pass(flow, &mut state, node),
            Some("Choice") => self.choice(flow, &mut state, node),
            Some("Wait") => self.wait(flow, &mut state, node),
            Some("Succeed") => {
                flow.note_keys(node, &[]);
                flow.note_output(node);
                state.kind = StateKind::Final;
            }
            Some("Fail") => self.fail(flow, &mut state, node),
            Some("Parallel") => self.parallel(flow, &mut state, node, place),
            Some("Map") => {
                let message = format!(
                    "`{}` is a Map: how many entities of its branch there are shows only when it runs; make the branch a machine of its own",
                    place.original
                );
                flow.refuse(node, message);
            }
            Some(other) => flow.refuse(
                node,
                format!("`{}` is of an unknown type: `{other}`", place.original),
            ),
            None => flow.refuse(node, format!("`{}` needs a `Type`", place.original)),
        }
        state
    }

    /// Where `Next` or `End` of a node leads.
    pub(super) fn next(&mut self, flow: &mut Flow<'_>, node: &Node) -> TransitionDraft {
        let at = node.span.start;
        if let Some(next) = node.get("Next") {
            let name = next.as_str().unwrap_or_default();
            return match self.paths.get(name) {
                Some(path) => TransitionDraft::to(path.clone(), at),
                None => {
                    flow.refuse(next, format!("there is no state `{name}` beside this one"));
                    TransitionDraft::nowhere(at)
                }
            };
        }
        if !is_end(node) {
            flow.refuse(node, "a state goes on with `Next`, or ends with `End`");
        }
        let names = &mut self.names;
        let end = self
            .end
            .get_or_insert_with(|| names.name("\u{0}end", |_| "end".to_owned()));
        TransitionDraft::to(join(&self.outer.path, end), at)
    }

    /// Where a failure leads that the state itself does not catch.
    pub(super) fn failure(&mut self) -> Catchers {
        if let Some(failure) = &self.outer.failure {
            return failure.clone();
        }
        let names = &mut self.names;
        let failed = self
            .failed
            .get_or_insert_with(|| names.name("\u{0}failed", |_| "failed".to_owned()));
        Catchers::all(TransitionDraft::to(join(&self.outer.path, failed), 0))
    }
}

/// Whether nothing comes after a node.
pub(super) fn is_end(node: &Node) -> bool {
    node.get("End")
        .is_some_and(|end| end.value == NodeValue::Bool(true))
}
