//! Tasks: a state that invokes an effect of a handler and goes on when that ends.
//!
//! One that waits for its token asks for the effect too, but goes on when somebody fires `STATE_done` or
//! `STATE_failed` at the entity: the token is the entity's id. Every state has events of its own, because an event goes
//! to all branches that wait.

use serde_json::{Value, json};
use statehold_core::delay;
use statehold_core::retry::MAX_ATTEMPTS;
use statehold_core::source::{Node, NodeValue};

use super::catch::{Catchers, Failure, caught};
use super::flow::Flow;
use super::items;
use super::scope::{Place, Scope};
use crate::draft::{InvokeDraft, Piece, StateDraft, TimerDraft};

/// Longest call of an effect; what takes longer is a timer of the state.
const CALL_SECONDS_MAX: i64 = 300;

/// Longest name of a handler, in bytes.
const HANDLER_BYTES_MAX: usize = 200;

const KEYS: [&str; 12] = [
    "Resource",
    "Parameters",
    "Arguments",
    "ResultPath",
    "ResultSelector",
    "Retry",
    "Catch",
    "TimeoutSeconds",
    "TimeoutSecondsPath",
    "HeartbeatSeconds",
    "HeartbeatSecondsPath",
    "Credentials",
];

/// Makes a state of a task.
pub(super) fn task(
    flow: &mut Flow<'_>,
    state: &mut StateDraft,
    node: &Node,
    place: &Place<'_>,
    scope: &mut Scope<'_>,
) {
    flow.note_keys(node, &KEYS);
    for key in [
        "TimeoutSecondsPath",
        "HeartbeatSeconds",
        "HeartbeatSecondsPath",
        "Credentials",
    ] {
        if let Some(value) = node.get(key) {
            flow.loss(value, key, "it is up to the handler");
        }
    }
    let resource = super::text(node, "Resource").unwrap_or_default();
    if resource.is_empty() {
        flow.refuse(
            node,
            format!("task `{}` needs a `Resource`", place.original),
        );
        return;
    }
    let waits = resource.ends_with(".waitForTaskToken");
    let effect = effect(flow, node, place, resource);
    let mut invoke = InvokeDraft::of(effect);
    invoke.input = Some(flow.arguments(node))
        .filter(|input| input.as_object().is_none_or(|all| !all.is_empty()));
    let catchers = caught(flow, node, scope);
    invoke.on_error = catchers.on(flow, Failure::Task);
    if waits {
        let name = flow.event(&place.name, node.span.start);
        let (yes, no) = (format!("{name}_done"), format!("{name}_failed"));
        let message = format!(
            "it waits until somebody fires `{yes}` or `{no}` at the entity, with the answer as input"
        );
        flow.loss(node, "waitForTaskToken", message);
        let mut done = scope.next(flow, node);
        done.actions = flow.keep(node, "event.input");
        state.on_event(&yes, done);
        for transition in catchers.on(flow, Failure::Answer) {
            state.on_event(&no, transition);
        }
    } else {
        let mut done = scope.next(flow, node);
        done.actions = flow.keep(node, "event.output");
        invoke.on_done.push(done);
    }
    timeout(flow, state, node, &catchers, waits);
    state.invoke.push(invoke);
}

fn effect(flow: &mut Flow<'_>, node: &Node, place: &Place<'_>, resource: &str) -> String {
    let mut form = json!({ "handler": handler(node, resource), "description": resource });
    if let Some(NodeValue::Int(seconds @ 1..=CALL_SECONDS_MAX)) =
        node.get("TimeoutSeconds").map(|node| &node.value)
    {
        form["timeout"] = Value::from(format!("{seconds}s"));
    }
    form["retry"] = retry(flow, node);
    let message = format!(
        "`{resource}` is the effect of a handler that you have to write, or replace by `http`"
    );
    flow.loss(node.get("Resource").unwrap_or(node), "Resource", message);
    flow.effect(place.original, node.span.start, Piece::new(form))
}

/// What does the work: the function that is called, or the service and its action.
fn handler(node: &Node, resource: &str) -> String {
    let parameters = node.get("Parameters").or(node.get("Arguments"));
    let function = parameters.and_then(|all| super::text(all, "FunctionName"));
    let name = match function.filter(|_| resource.contains(":lambda:invoke")) {
        Some(function) => function,
        None => match resource.split_once(":::") {
            Some((_, service)) => service,
            None => resource.rsplit(':').next().unwrap_or(resource),
        },
    };
    let name = name.trim_end_matches(".waitForTaskToken");
    let mut usable: String = name.chars().filter(|c| !c.is_control()).collect();
    while usable.len() > HANDLER_BYTES_MAX {
        usable.pop();
    }
    if usable.trim().is_empty() {
        "task".to_owned()
    } else {
        usable
    }
}

/// One rule for all failures: how often, and how long between. Without `Retry` nothing is tried again.
fn retry(flow: &mut Flow<'_>, node: &Node) -> Value {
    let rules = items(node.get("Retry"));
    let attempts = |rule: &Node| match rule.get("MaxAttempts").map(|node| &node.value) {
        Some(NodeValue::Int(number)) => (*number).clamp(0, i64::from(MAX_ATTEMPTS) - 1) + 1,
        _ => 4,
    };
    let Some(rule) = rules.iter().max_by_key(|rule| attempts(rule)) else {
        return json!({ "attempts": 1 });
    };
    if rules.len() > 1 {
        let message =
            "an effect has one rule for what is tried again; the one with most attempts is kept";
        flow.loss(node.get("Retry").unwrap_or(node), "Retry", message);
    }
    let names: Vec<&str> = items(rule.get("ErrorEquals"))
        .iter()
        .filter_map(Node::as_str)
        .collect();
    if names != ["States.ALL"] {
        let message = format!(
            "which failures are tried again is up to the handler, not `{}`",
            names.join(", ")
        );
        flow.loss(rule, "ErrorEquals", message);
    }
    let number = |key: &str, otherwise: f64| match rule.get(key).map(|node| &node.value) {
        Some(NodeValue::Int(number)) => *number as f64,
        Some(NodeValue::Float(number)) => *number,
        _ => otherwise,
    };
    let first = number("IntervalSeconds", 1.0).clamp(0.001, 86_400.0);
    let attempts = attempts(rule);
    let longest = first
        * number("BackoffRate", 2.0)
            .clamp(1.0, 100.0)
            .powi(i32::try_from(attempts - 2).unwrap_or(0).max(0));
    let longest = longest
        .min(number("MaxDelaySeconds", 86_400.0))
        .clamp(first, 86_400.0);
    let length =
        |seconds: f64| delay::format(std::time::Duration::from_millis((seconds * 1_000.0) as u64));
    json!({ "attempts": attempts, "backoff": format!("{}..{}", length(first), length(longest)) })
}

/// A time limit that a call cannot have is one of the state.
fn timeout(
    flow: &mut Flow<'_>,
    state: &mut StateDraft,
    node: &Node,
    catchers: &Catchers,
    waits: bool,
) {
    let Some(limit) = node.get("TimeoutSeconds") else {
        return;
    };
    let is_short = matches!(limit.value, NodeValue::Int(1..=CALL_SECONDS_MAX));
    if is_short && !waits {
        return;
    }
    match flow.seconds(limit) {
        Some(delay) => {
            let transitions = catchers.on(flow, Failure::Timeout);
            state.after.push(TimerDraft::after(delay, transitions));
        }
        None => flow.loss(
            limit,
            "TimeoutSeconds",
            "it is no number; write a timer under `after`",
        ),
    }
}
