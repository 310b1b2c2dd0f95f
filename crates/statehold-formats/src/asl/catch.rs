//! Where a failure leads: the catchers of the state in order, then those around it, at last the end of the machine.

use serde_json::Value;
use statehold_core::source::Node;

use super::flow::Flow;
use super::items;
use super::scope::Scope;
use crate::draft::{ActionDraft, GuardDraft, TransitionDraft};

/// Takes every failure.
const ALL: &str = "States.ALL";

/// Takes every failure but one of time.
const TASK_FAILED: &str = "States.TaskFailed";

/// Takes a failure of time.
const TIMEOUT: &str = "States.Timeout";

/// Catchers in the order in which they are asked. The last one takes everything.
#[derive(Debug, Clone)]
pub(super) struct Catchers(Vec<Catcher>);

#[derive(Debug, Clone)]
struct Catcher {
    /// Names of the failures that it takes.
    names: Vec<String>,
    to: TransitionDraft,
    /// Keeps the failure; only an effect tells what it was.
    keep: Vec<ActionDraft>,
    at: usize,
}

/// What went wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure<'f> {
    /// An effect failed.
    Task,
    /// Somebody fired the event of a failure.
    Answer,
    /// A timer of the state was due.
    Timeout,
    /// The machine itself says so.
    Named(&'f str),
}

/// The catchers of a state, and those around it.
pub(super) fn caught(flow: &mut Flow<'_>, node: &Node, scope: &mut Scope<'_>) -> Catchers {
    let mut all = Vec::new();
    for catcher in items(node.get("Catch")) {
        let names = items(catcher.get("ErrorEquals"))
            .iter()
            .filter_map(Node::as_str);
        let keep = match catcher.get("ResultPath") {
            Some(_) => flow.put(catcher, Some(Value::from("event.error")), true),
            None => Vec::new(),
        };
        all.push(Catcher {
            names: names.map(str::to_owned).collect(),
            to: scope.next(flow, catcher),
            keep,
            at: catcher.span.start,
        });
    }
    if !all.iter().any(|catcher| catcher.has(ALL)) {
        all.extend(scope.failure().0);
    }
    Catchers(all)
}

impl Catchers {
    /// One that takes everything.
    pub(super) fn all(to: TransitionDraft) -> Self {
        Self(vec![Catcher {
            names: vec![ALL.to_owned()],
            to,
            keep: Vec::new(),
            at: 0,
        }])
    }

    /// The transitions that a failure can take, in order.
    pub(super) fn on(&self, flow: &mut Flow<'_>, failure: Failure<'_>) -> Vec<TransitionDraft> {
        let mut transitions = Vec::new();
        for catcher in self.0.iter().filter(|catcher| catcher.may_take(failure)) {
            let mut transition = catcher.to.clone();
            if failure == Failure::Task {
                transition.actions.clone_from(&catcher.keep);
            }
            if !catcher.takes(failure) {
                transition.guard = Some(catcher.guard(flow, failure));
            }
            let is_last = transition.guard.is_none();
            transitions.push(transition);
            if is_last {
                break;
            }
        }
        transitions
    }
}

impl Catcher {
    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }

    /// Whether it takes the failure whatever it is called.
    fn takes(&self, failure: Failure<'_>) -> bool {
        match failure {
            Failure::Task | Failure::Answer => self.has(ALL) || self.has(TASK_FAILED),
            Failure::Timeout | Failure::Named(_) => true,
        }
    }

    /// Whether it could take the failure.
    fn may_take(&self, failure: Failure<'_>) -> bool {
        match failure {
            Failure::Task => true,
            Failure::Answer => self.names != [TIMEOUT],
            Failure::Timeout => self.has(ALL) || self.has(TIMEOUT),
            Failure::Named(name) => {
                self.has(ALL) || self.has(name) || self.has(TASK_FAILED) && name != TIMEOUT
            }
        }
    }

    fn guard(&self, flow: &mut Flow<'_>, failure: Failure<'_>) -> GuardDraft {
        if self.names == [TIMEOUT] && failure == Failure::Task {
            return GuardDraft::Expr("event.error.kind == 'timeout'".to_owned());
        }
        let text = format!("error is {}", self.names.join(" or "));
        let message =
            format!("`{text}` is a guard that is `true` until you write it as an expression");
        if flow.is_new(&text) {
            flow.notes.loss(self.at, "Catch", message);
        }
        GuardDraft::Named(flow.draft.guard(&text, None, &[format!("TODO: {text}")]))
    }
}
