//! What a walk looks like: the entity, what can happen now and why the rest cannot.

use serde_json::{Map, Value, json};
use statehold_core::machine::timer_event;
use statehold_core::{Event, Outcome, Refusal, Status, Step};

use super::Walk;
use crate::commands::step::refused;
use crate::render::failure;
use crate::render::style::{BAD, DOUBTFUL, GOOD, STATE, STRONG, WEAK, clean, paint};
use crate::render::value::compact;

/// Something a number in the list stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    Event(String),
    Ok(String),
    No(String),
    Timer,
}

/// What can be chosen now, in the order of the list.
pub(super) fn choices(walk: &Walk<'_>) -> Vec<Choice> {
    let Some(snapshot) = walk.world.snapshot() else {
        return Vec::new();
    };
    let events = walk.world.machine().accepted_events(snapshot).into_iter().map(Choice::Event);
    let mut choices: Vec<Choice> = events.collect();
    let mut names: Vec<&str> = Vec::new();
    for open in walk.world.effects() {
        if !names.contains(&open.request.name.as_str()) {
            names.push(&open.request.name);
        }
    }
    for name in names {
        choices.push(Choice::Ok(name.to_owned()));
        choices.push(Choice::No(name.to_owned()));
    }
    if !walk.world.timers().is_empty() {
        choices.push(Choice::Timer);
    }
    choices
}

/// What an event without input would come to.
struct Prospect {
    word: String,
    reasons: Vec<String>,
    is_open: bool,
}

fn prospect(walk: &Walk<'_>, event: &str) -> Prospect {
    let fired = Event::new(event).actor(walk.actor.clone());
    let plain = |word: String, is_open| Prospect {
        word,
        reasons: Vec::new(),
        is_open,
    };
    match walk.world.clone().fire(fired) {
        Ok(step) if step.from == step.to => plain("stays".to_owned(), true),
        Ok(step) => plain(format!("to {}", step.to), true),
        // What it needs is not known yet, so whether it would be taken is not either.
        Err(refusal) if refusal.outcome == Outcome::InvalidInput => plain(format!("needs {}", fields(walk, event)), true),
        Err(refusal) => Prospect {
            word: refusal.outcome.name().replace('_', " "),
            reasons: refusal.blockers.iter().map(|blocker| blocker.message.clone()).collect(),
            is_open: false,
        },
    }
}

/// The fields of an event's input, as its author declared them.
fn fields(walk: &Walk<'_>, event: &str) -> String {
    let Some(record) = walk.world.machine().input_record(event) else {
        return "no input".to_owned();
    };
    let field = |field: &statehold_core::schema::Field| {
        let mark = if field.optional { "?" } else { "" };
        format!("{}{mark}: {}", field.name, field.ty.name())
    };
    let names: Vec<String> = record.fields().map(field).collect();
    format!("{{ {} }}", names.join(", "))
}

pub(super) fn draw(walk: &Walk<'_>) -> String {
    let Some(snapshot) = walk.world.snapshot() else {
        return "there is no entity".to_owned();
    };
    let machine = walk.world.machine();
    let state = machine.encode(&snapshot.configuration);
    let when = walk.world.now().strftime("%Y-%m-%d %H:%M:%SZ");
    let end = if snapshot.status == Status::Done { paint(STRONG, "  done") } else { String::new() };
    let mut lines = vec![format!("{}{end}  {}", paint(STATE, clean(&state)), paint(WEAK, when))];
    if !snapshot.context.is_empty() {
        let context = Value::Object(machine.context.mask(&snapshot.context));
        lines.push(format!("  {} {}", paint(WEAK, "context"), compact(&context)));
    }
    if let Some(output) = &snapshot.memory.output {
        lines.push(format!("  {} {}", paint(WEAK, "output"), compact(output)));
    }
    for waiting in &snapshot.memory.deferred {
        lines.push(format!("  {} {}", paint(WEAK, "deferred"), clean(&waiting.event)));
    }
    let list = choices(walk);
    for (at, choice) in list.iter().enumerate() {
        lines.push(format!("  {:>2}  {}", at + 1, choice_line(walk, choice)));
    }
    if list.is_empty() && snapshot.status == Status::Active {
        lines.push(format!("  {}", paint(DOUBTFUL, "nothing can happen here")));
    }
    lines.join("\n")
}

fn choice_line(walk: &Walk<'_>, choice: &Choice) -> String {
    match choice {
        Choice::Event(event) => {
            let prospect = prospect(walk, event);
            let style = if prospect.is_open { WEAK } else { BAD };
            let mut line = format!("{}  {}", paint(STRONG, clean(event)), paint(style, clean(&prospect.word)));
            for reason in &prospect.reasons {
                line.push_str(&format!("\n        {}", clean(reason)));
            }
            line
        }
        Choice::Ok(name) => format!("ok {}  {}", paint(STRONG, clean(name)), paint(WEAK, clean(&request(walk, name)))),
        Choice::No(name) => format!("no {}", paint(STRONG, clean(name))),
        Choice::Timer => {
            let timer = walk.world.timers().first();
            let line = timer.map(|timer| {
                let due = timer.due.strftime("%Y-%m-%d %H:%M:%SZ");
                format!("next: {} {}", paint(STRONG, clean(&timer_event(&timer.owner.state, &timer.name))), paint(WEAK, due))
            });
            line.unwrap_or_default()
        }
    }
}

/// The request of an open effect, on one line.
fn request(walk: &Walk<'_>, name: &str) -> String {
    let open = walk.world.open_effect(name);
    open.map(|open| compact(&open.request.request.clone().shown())).unwrap_or_default()
}

pub(super) fn outcome(title: &str, outcome: &Result<Step, Refusal>) -> String {
    match outcome {
        Ok(step) => {
            let way = if step.from == step.to { step.to.clone() } else { format!("{} -> {}", step.from, step.to) };
            let mut line = format!("{} {}  {}", paint(GOOD, "applied"), clean(title), paint(STATE, clean(&way)));
            for effect in &step.effects {
                line.push_str(&format!("\n  {} {}", paint(WEAK, "asks for"), clean(&effect.name)));
            }
            for name in &step.violated {
                line.push_str(&format!("\n  {} invariant {} does not hold", paint(BAD, "!"), clean(name)));
            }
            line
        }
        Err(refusal) => failure::draw(&refused(refusal)),
    }
}

pub(super) fn problem(problem: &str) -> String {
    format!("{} {}", paint(BAD, "?"), clean(problem))
}

pub(super) fn context(walk: &Walk<'_>) -> String {
    let Some(snapshot) = walk.world.snapshot() else {
        return String::new();
    };
    let context = Value::Object(walk.world.machine().context.mask(&snapshot.context));
    clean(&serde_json::to_string_pretty(&context).unwrap_or_default())
}

/// Everything as data.
pub(super) fn document(walk: &Walk<'_>) -> Value {
    let Some(snapshot) = walk.world.snapshot() else {
        return Value::Null;
    };
    let machine = walk.world.machine();
    let events: Vec<Value> = (machine.accepted_events(snapshot).iter())
        .map(|event| {
            let prospect = prospect(walk, event);
            json!({ "event": event, "possible": prospect.is_open, "prospect": prospect.word, "reasons": prospect.reasons })
        })
        .collect();
    let effects = walk.world.effects().iter().map(|open| {
        json!({ "name": open.request.name, "attempts": open.attempts, "request": open.request.request.clone().shown() })
    });
    let timers = walk.world.timers().iter().map(|timer| json!({ "event": timer_event(&timer.owner.state, &timer.name), "due": timer.due }));
    let mut document = Map::new();
    document.insert("state".to_owned(), json!(machine.encode(&snapshot.configuration)));
    document.insert("status".to_owned(), json!(snapshot.status));
    document.insert("now".to_owned(), json!(walk.world.now()));
    document.insert("context".to_owned(), Value::Object(machine.context.mask(&snapshot.context)));
    document.insert("events".to_owned(), Value::Array(events));
    document.insert("effects".to_owned(), effects.collect());
    document.insert("timers".to_owned(), timers.collect());
    document.insert("deferred".to_owned(), snapshot.memory.deferred.iter().map(|waiting| json!(waiting.event)).collect());
    Value::Object(document)
}

pub(super) fn outcome_document(title: &str, outcome: &Result<Step, Refusal>) -> Value {
    match outcome {
        Ok(step) => json!({
            "did": title,
            "outcome": "applied",
            "from": step.from,
            "to": step.to,
            "transitions": step.transitions,
            "effects": step.effects.iter().map(|effect| effect.name.as_str()).collect::<Vec<_>>(),
            "violated": step.violated,
        }),
        Err(refusal) => json!({ "did": title, "outcome": refusal.outcome, "refusal": refusal }),
    }
}
