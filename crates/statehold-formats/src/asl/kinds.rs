//! The kinds of states but tasks: what each becomes.

use serde_json::{Map, Value};
use statehold_core::machine::StateKind;
use statehold_core::source::{Node, NodeValue};

use super::catch::{Failure, caught};
use super::flow::Flow;
use super::path::Base;
use super::scope::{Outer, Place, Scope, fill, is_end};
use super::{items, text};
use crate::draft::{
    InitialDraft, StateDraft, TimerDraft, TimerWhen, TransitionDraft, join, quoted,
};

impl Scope<'_> {
    /// Data is written, then it goes on at once.
    pub(super) fn pass(&mut self, flow: &mut Flow<'_>, state: &mut StateDraft, node: &Node) {
        flow.note_keys(node, &["Result", "Parameters", "ResultPath"]);
        flow.note_output(node);
        let base = flow.base(node);
        let value = match (node.get("Parameters"), node.get("Result")) {
            (Some(parameters), _) => flow.template(parameters, &base),
            (None, Some(result)) => Some(crate::draft::literal(&result.to_json())),
            (None, None) => match (&base, node.get("ResultPath")) {
                (Base::Value(source), Some(_)) => Some(Value::from(source.as_str())),
                _ => None,
            },
        };
        let mut actions = match value {
            Some(value) => flow.put(node, Some(value), true),
            None => Vec::new(),
        };
        actions.extend(flow.variables(node, &base));
        if is_end(node) && node.get("Next").is_none() {
            state.kind = StateKind::Final;
            state.entry = actions;
            return;
        }
        let mut next = self.next(flow, node);
        next.actions = actions;
        state.always.push(next);
    }

    pub(super) fn choice(&mut self, flow: &mut Flow<'_>, state: &mut StateDraft, node: &Node) {
        flow.note_keys(node, &["Choices", "Default"]);
        flow.note_output(node);
        if items(node.get("Choices")).is_empty() {
            flow.refuse(node, "a choice needs `Choices`");
        }
        let base = flow.base(node);
        if base != Base::Context {
            let message = "rules look at the whole context here; their paths may have to change";
            flow.loss(node, "InputPath", message);
        }
        for rule in items(node.get("Choices")) {
            let mut transition = self.next(flow, rule);
            transition.guard = Some(flow.rule(rule));
            transition.description = text(rule, "Comment").map(str::to_owned);
            transition.actions = flow.variables(rule, &base);
            state.always.push(transition);
        }
        match node.get("Default") {
            Some(default) => {
                let name = default.as_str().unwrap_or_default();
                match self.paths.get(name) {
                    Some(path) => {
                        let mut transition = TransitionDraft::to(path.clone(), default.span.start);
                        transition.actions = flow.variables(node, &base);
                        state.always.push(transition);
                    }
                    None => flow.refuse(
                        default,
                        format!("there is no state `{name}` beside this one"),
                    ),
                }
            }
            // Nothing that fits is a failure there.
            None => {
                let failure = self
                    .failure()
                    .on(flow, Failure::Named("States.NoChoiceMatched"));
                state.always.extend(failure);
            }
        }
    }

    pub(super) fn wait(&mut self, flow: &mut Flow<'_>, state: &mut StateDraft, node: &Node) {
        flow.note_keys(
            node,
            &["Seconds", "Timestamp", "SecondsPath", "TimestampPath"],
        );
        flow.note_output(node);
        let base = flow.base(node);
        let mut next = self.next(flow, node);
        next.actions = flow.variables(node, &base);
        let mut timer = TimerDraft::after("1d", vec![next]);
        let path = |flow: &mut Flow<'_>, key: &str| {
            let text = text(node, key)?;
            flow.path(text, &base)
        };
        let when = if let Some(seconds) = node.get("Seconds") {
            flow.seconds(seconds).map(TimerWhen::Delay)
        } else if let Some(instant) = text(node, "Timestamp") {
            instant_of(instant).map(TimerWhen::At)
        } else if node.get("SecondsPath").is_some() {
            path(flow, "SecondsPath")
                .map(|source| TimerWhen::At(format!("now + seconds({source})")))
        } else {
            path(flow, "TimestampPath").map(|source| TimerWhen::At(format!("timestamp({source})")))
        };
        match when {
            Some(when) => timer.when = when,
            None => {
                let message = "how long is not known here; it became one day until you say it";
                flow.loss(node, "Wait", message);
                timer.comments.push("TODO: how long?".to_owned());
            }
        }
        state.after.push(timer);
    }

    pub(super) fn fail(&mut self, flow: &mut Flow<'_>, state: &mut StateDraft, node: &Node) {
        flow.note_keys(node, &["Error", "Cause", "ErrorPath", "CausePath"]);
        if self.outer.failure.is_some() {
            // A branch that fails takes all of its state with it.
            let name = text(node, "Error").unwrap_or_default();
            state.always = self.failure().on(flow, Failure::Named(name));
            return;
        }
        state.kind = StateKind::Final;
        let mut output = Map::new();
        for (key, path) in [("Error", "ErrorPath"), ("Cause", "CausePath")] {
            let value = match (text(node, key), text(node, path)) {
                (Some(text), _) => Some(quoted(text)),
                (None, Some(path)) => flow.path(path, &Base::Context),
                (None, None) => None,
            };
            if let Some(value) = value {
                output.insert(key.to_lowercase(), Value::from(value));
            }
        }
        state.output = (!output.is_empty()).then_some(Value::Object(output));
    }

    /// Branches are regions; when all have ended it goes on.
    pub(super) fn parallel(
        &mut self,
        flow: &mut Flow<'_>,
        state: &mut StateDraft,
        node: &Node,
        place: &Place<'_>,
    ) {
        flow.note_keys(
            node,
            &[
                "Branches",
                "Parameters",
                "Arguments",
                "ResultPath",
                "ResultSelector",
                "Catch",
                "Retry",
            ],
        );
        flow.note_output(node);
        if let Some(retry) = node.get("Retry") {
            flow.refuse(
                retry,
                "branches are not begun again after a failure; put `Retry` at their tasks",
            );
        }
        if let Some(parameters) = node.get("Parameters").or(node.get("Arguments")) {
            let message =
                "branches look at the whole context; write what they need by `assign` before";
            flow.loss(parameters, "Parameters", message);
        }
        if node
            .get("ResultPath")
            .is_none_or(|path| path.value != NodeValue::Null)
        {
            let message = "the answers of the branches are not collected; tasks inside keep what they are told to";
            flow.loss(node, "result of a Parallel", message);
        }
        let failure = caught(flow, node, self);
        let branches = items(node.get("Branches"));
        if branches.is_empty() {
            flow.refuse(node, "a Parallel needs `Branches`");
        }
        state.kind = StateKind::Parallel;
        for (number, branch) in branches.iter().enumerate() {
            let name = format!("branch_{}", number + 1);
            let outer = Outer {
                path: join(&place.path, &name),
                failure: Some(failure.clone()),
            };
            let mut region = StateDraft::with_kind(&name, StateKind::Compound, branch.span.start);
            region.description = text(branch, "Comment").map(str::to_owned);
            if let Some(initial) = fill(flow, &mut region, branch, &outer) {
                region.initial = Some(InitialDraft::at(initial));
            }
            state.states.push(region);
        }
        let mut done = self.next(flow, node);
        done.actions = flow.variables(node, &Base::Context);
        state.on_done.push(done);
    }
}

/// An instant as an expression; none if it is a placeholder.
fn instant_of(text: &str) -> Option<String> {
    text.starts_with(|c: char| c.is_ascii_digit())
        .then(|| format!("timestamp({})", quoted(text)))
}
