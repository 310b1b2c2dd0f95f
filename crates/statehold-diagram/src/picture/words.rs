//! Words for transitions, actions and what triggers them.

use serde_json::Value;
use statehold_core::delay;
use statehold_core::machine::{
    Action, Definition, Descriptor, SendWhen, State, StateId, TimerDef, TimerWhen, Transition,
    ValueExpr,
};

use super::{EdgeKind, Label};
use crate::text::clean;

/// What a transition waits for, for people, and what kind of arrow that makes.
pub(super) fn trigger(definition: &Definition, transition: &Transition) -> (String, EdgeKind) {
    let Some(descriptor) = &transition.on else {
        return (String::new(), EdgeKind::Always);
    };
    let text = descriptor.text();
    let source = definition.state(transition.source);
    if let Descriptor::Exact(name) = descriptor {
        if let Some(timer) = source.timers.iter().find(|timer| timer.event == *name) {
            return (timer_words(timer), EdgeKind::Timer);
        }
        if let Some(words) = engine_event(name, source) {
            return words;
        }
    }
    (clean(&text), EdgeKind::Event)
}

fn engine_event(name: &str, source: &State) -> Option<(String, EdgeKind)> {
    let words = |text: String, kind| Some((clean(&text), kind));
    if let Some(path) = name.strip_prefix("done.state.") {
        let own = path == source.path;
        return words(
            if own {
                "done".to_owned()
            } else {
                format!("done: {path}")
            },
            EdgeKind::Done,
        );
    }
    if let Some(effect) = name.strip_prefix("done.effect.") {
        return words(format!("done: {effect}"), EdgeKind::Done);
    }
    if let Some(effect) = name.strip_prefix("error.effect.") {
        return words(format!("error: {effect}"), EdgeKind::Error);
    }
    if name.starts_with("error.") {
        return words(name.to_owned(), EdgeKind::Error);
    }
    name.starts_with("timer.")
        .then(|| (clean(name), EdgeKind::Timer))
}

fn timer_words(timer: &TimerDef) -> String {
    match &timer.when {
        // The author's own way to write the delay, where the name keeps it: 48h rather than 2d.
        TimerWhen::After(length) if delay::parse(&timer.name) == Ok(*length) => {
            clean(&format!("after {}", timer.name))
        }
        TimerWhen::After(length) => format!("after {}", delay::format(*length)),
        TimerWhen::At(instant) => clean(&format!("at {}", instant.source())),
        TimerWhen::Cron(cron) if cron.zone_name() == "UTC" => {
            clean(&format!("cron {}", cron.pattern()))
        }
        TimerWhen::Cron(cron) => clean(&format!("cron {} {}", cron.pattern(), cron.zone_name())),
    }
}

/// The words of a transition. `is_else` says that candidates with conditions stand before it.
pub(super) fn label(definition: &Definition, transition: &Transition, is_else: bool) -> Label {
    let guard = transition.guard.as_ref().map(|guard| {
        let text = guard.name.as_deref().unwrap_or_else(|| guard.expr.source());
        clean(text)
    });
    Label {
        trigger: trigger(definition, transition).0,
        reenters: is_reentering(definition, transition),
        guard: guard.or_else(|| is_else.then(|| "else".to_owned())),
        actions: actions(&transition.actions),
    }
}

/// Whether `reenter` makes a difference: the source would stay active without it.
fn is_reentering(definition: &Definition, transition: &Transition) -> bool {
    let source = transition.source;
    let stays = |target: &StateId| *target == source || definition.is_below(*target, source);
    transition.reenter && !transition.targets.is_empty() && transition.targets.iter().all(stays)
}

/// Short words for a list of actions: names of effects, `raise EVENT`, `set FIELDS`; a question mark behind what is
/// done under a condition only.
pub(super) fn actions(actions: &[Action]) -> Vec<String> {
    let mut words = Vec::new();
    collect(actions, "", &mut words);
    words
}

/// Depth is bounded by the loader, which bounds the depth of the file.
fn collect(actions: &[Action], mark: &str, words: &mut Vec<String>) {
    for action in actions {
        match action {
            Action::If {
                branches,
                otherwise,
            } => {
                for (_, actions) in branches {
                    collect(actions, "?", words);
                }
                collect(otherwise, "?", words);
            }
            Action::Block(actions) => collect(actions, mark, words),
            Action::Foreach { actions, .. } => collect(actions, "*", words),
            simple => words.push(clean(&format!("{}{mark}", in_words(simple)))),
        }
    }
}

fn in_words(action: &Action) -> String {
    match action {
        Action::Effect { effect, .. } => effect.clone(),
        Action::Raise { event, .. }
        | Action::Send {
            event: ValueExpr::Literal(Value::String(event)),
            when: SendWhen::Within,
            ..
        } => {
            format!("raise {event}")
        }
        Action::Send { event, when, .. } => match when {
            SendWhen::After(delay) if !delay.is_zero() => {
                format!("send {} after {}", source(event), delay::format(*delay))
            }
            SendWhen::Computed(delay) => format!("send {} after {}", source(event), source(delay)),
            _ => format!("send {}", source(event)),
        },
        Action::Assign(fields) => {
            let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            format!("set {}", names.join(", "))
        }
        Action::Cancel { id } => format!("cancel {}", source(id)),
        Action::Log { label, .. } if label.is_empty() => "log".to_owned(),
        Action::Log { label, .. } => format!("log {label}"),
        Action::Fail { event, .. } => format!("fail {event}"),
        Action::If { .. } | Action::Block(_) | Action::Foreach { .. } => String::new(),
    }
}

/// A value as its author wrote it, as far as one line can show that.
fn source(value: &ValueExpr) -> String {
    match value {
        ValueExpr::Literal(Value::String(text)) => text.clone(),
        ValueExpr::Literal(value) => value.to_string(),
        ValueExpr::Expr(expr) => expr.source().to_owned(),
        ValueExpr::Template(_) | ValueExpr::List(_) | ValueExpr::Map(_) => "…".to_owned(),
    }
}

/// All there is to say about a transition: where from, where to, on what, if what, doing what, and the author's words.
pub(super) fn title(definition: &Definition, transition: &Transition, label: &Label) -> String {
    let path = |path: &str| {
        if path.is_empty() {
            "any state".to_owned()
        } else {
            path.to_owned()
        }
    };
    let targets: Vec<String> = (transition.targets.iter())
        .map(|target| path(&definition.state(*target).path))
        .collect();
    let mut text = path(&definition.state(transition.source).path);
    if !targets.is_empty() {
        text.push_str(&format!(" → {}", targets.join(" + ")));
    }
    if !label.is_empty() {
        text.push_str(&format!(": {}", label.text()));
    }
    if let Some(guard) = &transition.guard {
        if guard.name.is_some() {
            text.push_str(&format!(". Guard: {}", guard.expr.source()));
        }
        if let Some(reason) = &guard.reason {
            text.push_str(&format!(". Refused with: {reason}"));
        }
    }
    if let Some(words) = &transition.label {
        text.push_str(&format!(". {words}"));
    }
    if let Some(deprecated) = deprecated_event(definition, transition) {
        text.push_str(&format!(". {deprecated}"));
    }
    clean(&text)
}

/// The sentence that says that the event of a transition is deprecated.
pub(super) fn deprecated_event(definition: &Definition, transition: &Transition) -> Option<String> {
    let name = transition.on.as_ref()?.text();
    let event = definition.event(name.strip_suffix(".*").unwrap_or(&name))?;
    let deprecated = event.deprecated.as_ref()?;
    Some(deprecated.describe("event", &name))
}
