//! What a walk looks like: the entity, what can happen now and why the rest cannot, what it waits for.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use statehold_core::machine::timer_event;
use statehold_core::{Outcome, Refusal, Snapshot, Status, Step, delay};
use statehold_testkit::OpenEffect;

use super::Walk;
use super::choices::{Prospect, Verdict, prospects};
use crate::commands::step::refused;
use crate::render::effect::request;
use crate::render::failure;
use crate::render::style::{BAD, DOUBTFUL, GOOD, STATE, STRONG, WEAK, clean, paint};
use crate::render::value::compact;

/// The entity and everything that can be done now, numbered as [`choices`](super::choices::choices) counts.
pub(super) fn draw(walk: &Walk<'_>) -> String {
    let Some(snapshot) = walk.world.snapshot() else {
        return String::new();
    };
    let machine = walk.world.machine();
    let is_done = snapshot.status == Status::Done;
    let mut lines = vec![format!(
        "{}{}  {}",
        paint(STATE, clean(&machine.encode(&snapshot.configuration))),
        if is_done {
            paint(GOOD, "  done")
        } else {
            String::new()
        },
        paint(
            WEAK,
            format!("{} as {}", at(walk.world.now()), clean(&walk.actor.id))
        )
    )];
    if !snapshot.context.is_empty() {
        let context = Value::Object(machine.context.mask(&snapshot.context));
        lines.push(format!(
            "  {} {}",
            paint(WEAK, "context"),
            compact(&context)
        ));
    }
    if let Some(output) = &snapshot.memory.output {
        lines.push(format!("  {} {}", paint(WEAK, "output"), compact(output)));
    }
    for waiting in &snapshot.memory.deferred {
        lines.push(format!(
            "  {} {}",
            paint(WEAK, "waits for the state to change:"),
            clean(&waiting.event)
        ));
    }
    let mut list = List { lines, number: 0 };
    list.events(walk);
    list.calls(walk.world.effects());
    list.timers(walk);
    if list.number == 0 && !is_done {
        let nothing = paint(DOUBTFUL, "nothing can happen here");
        list.lines.push(format!("  {nothing}"));
    }
    list.lines.join("\n")
}

/// Lines, and the last number that was given.
struct List {
    lines: Vec<String>,
    number: usize,
}

impl List {
    fn heading(&mut self, text: &str) {
        self.lines.push(format!("  {}", paint(WEAK, text)));
    }

    fn numbered(&mut self, text: &str) {
        self.number += 1;
        self.lines.push(format!("  {:>3}  {text}", self.number));
    }

    fn note(&mut self, text: &str) {
        self.lines.push(format!("         {text}"));
    }

    fn events(&mut self, walk: &Walk<'_>) {
        let (open, closed): (Vec<_>, Vec<_>) =
            prospects(walk).into_iter().partition(Prospect::is_open);
        let width = (open.iter().chain(&closed))
            .map(|prospect| prospect.event.chars().count())
            .max()
            .unwrap_or(0);
        for (heading, prospects) in [("possible", open), ("not now", closed)] {
            if !prospects.is_empty() {
                self.heading(heading);
            }
            for prospect in &prospects {
                self.event(prospect, width);
            }
        }
    }

    fn event(&mut self, prospect: &Prospect, width: usize) {
        let event = clean(&prospect.event);
        let pad = " ".repeat(width.saturating_sub(event.chars().count()));
        let verdict = match &prospect.verdict {
            Verdict::Leads(state) => format!("→ {}", paint(STATE, clean(state))),
            Verdict::Stays => paint(WEAK, "stays"),
            Verdict::Asks => paint(WEAK, "depends on its input"),
            Verdict::Waits => paint(WEAK, "is kept until the state changes"),
            Verdict::Refused { outcome, .. } => paint(BAD, outcome.name()),
        };
        self.numbered(&format!("{}{pad}  {verdict}", paint(STRONG, event)));
        if let Verdict::Refused { reasons, .. } = &prospect.verdict {
            for reason in reasons {
                self.note(&clean(reason));
            }
        }
        if !prospect.fields.is_empty() {
            let fields = format!("input {{ {} }}", clean(&prospect.fields.join(", ")));
            let sample = prospect.sample.as_deref().map(clean).unwrap_or_default();
            self.note(&paint(WEAK, format!("{fields}  {sample}").trim_end()));
        }
        if let Some(rule) = &prospect.authorize {
            self.note(&paint(WEAK, format!("allowed if {}", clean(rule))));
        }
        for (name, text) in &prospect.guards {
            let name = name.as_ref().map(|name| format!("{} = ", clean(name)));
            let text = format!("if {}{}", name.unwrap_or_default(), clean(text));
            self.note(&paint(WEAK, text));
        }
        if let Some(deprecated) = &prospect.deprecated {
            self.note(&paint(DOUBTFUL, clean(deprecated)));
        }
    }

    fn calls(&mut self, effects: &[OpenEffect]) {
        if !effects.is_empty() {
            self.heading("calls that wait for ok, refused, failed or timeout");
        }
        for (at, open) in effects.iter().enumerate() {
            let name = &open.request.name;
            let text = call(open);
            if effects[..at]
                .iter()
                .any(|other| other.request.name == *name)
            {
                self.lines.push(format!("       {text}"));
            } else {
                self.numbered(&text);
            }
        }
    }

    fn timers(&mut self, walk: &Walk<'_>) {
        let timers = walk.world.timers();
        if !timers.is_empty() {
            self.heading("timers");
        }
        for (place, timer) in timers.iter().enumerate() {
            let event = timer_event(&timer.owner.state, &timer.name);
            let text = format!(
                "{}  {}",
                paint(STRONG, clean(&event)),
                paint(
                    WEAK,
                    format!("{}, {}", at(timer.due), ahead(walk.world.now(), timer.due))
                )
            );
            match place {
                0 => self.numbered(&text),
                _ => self.lines.push(format!("       {text}")),
            }
        }
    }
}

/// `charge_card  POST ${env.PAYMENTS}/charges {"amount":1200}  while in charging`
fn call(open: &OpenEffect) -> String {
    let shown = open.request.request.clone().shown();
    let body = (shown.get("body").or_else(|| shown.get("input"))).map(compact);
    let body = body.unwrap_or_default();
    let tied = match &open.request.invoke {
        Some(invoke) => paint(WEAK, format!("  while in {}", clean(&invoke.state))),
        None => String::new(),
    };
    let text = format!("{} {body}", request(&shown));
    format!(
        "{}  {}{tied}",
        paint(STRONG, clean(&open.request.name)),
        text.trim_end()
    )
}

/// What became of an event.
pub(super) fn outcome(title: &str, outcome: &Result<Step, Refusal>) -> String {
    let step = match outcome {
        Ok(step) => step,
        Err(kept) if kept.outcome == Outcome::Accepted => {
            return format!(
                "{} {}: {}",
                paint(GOOD, "accepted"),
                clean(title),
                clean(&kept.message)
            );
        }
        Err(refusal) => return failure::draw(&refused(refusal)),
    };
    let way = if step.from == step.to {
        format!("stays in {}", paint(STATE, clean(&step.to)))
    } else {
        format!(
            "{} → {}",
            paint(STATE, clean(&step.from)),
            paint(STATE, clean(&step.to))
        )
    };
    let mut text = format!("{} {}: {way}", paint(GOOD, "applied"), clean(title));
    if !step.patch.is_empty() {
        let fields: Vec<String> = step.patch.keys().map(|field| clean(field)).collect();
        text.push_str(&format!("\n  {} {}", paint(WEAK, "set"), fields.join(", ")));
    }
    for effect in &step.effects {
        let name = clean(&effect.name);
        text.push_str(&format!("\n  {} {name}", paint(WEAK, "asks for")));
    }
    for name in &step.violated {
        let broken = paint(BAD, "invariant broken:");
        text.push_str(&format!("\n  {broken} {}", clean(name)));
    }
    text
}

/// A line that was not done.
pub(super) fn problem(problem: &str) -> String {
    format!("{} {}", paint(BAD, "?"), clean(problem))
}

/// The context on many lines.
pub(super) fn context(walk: &Walk<'_>) -> String {
    let Some(snapshot) = walk.world.snapshot() else {
        return String::new();
    };
    let context = Value::Object(walk.world.machine().context.mask(&snapshot.context));
    clean(&serde_json::to_string_pretty(&context).unwrap_or_default())
}

/// Everything as data.
pub(super) fn document(walk: &Walk<'_>) -> Value {
    (walk.world.snapshot()).map_or_else(|| json!({}), |snapshot| portrait(walk, snapshot))
}

fn portrait(walk: &Walk<'_>, snapshot: &Snapshot) -> Value {
    let world = &walk.world;
    let events = prospects(walk).into_iter().map(|prospect| {
        let mut event = json!({ "event": prospect.event, "fields": prospect.fields });
        match prospect.verdict {
            Verdict::Leads(state) => event["to"] = json!(state),
            Verdict::Stays => event["to"] = json!(world.machine().encode(&snapshot.configuration)),
            Verdict::Asks => event["needs_input"] = json!(true),
            Verdict::Waits => event["outcome"] = json!(Outcome::Accepted),
            Verdict::Refused { outcome, reasons } => {
                event["outcome"] = json!(outcome);
                event["reasons"] = json!(reasons);
            }
        }
        event
    });
    let mut document = json!({
        "machine": world.machine().name,
        "state": world.machine().encode(&snapshot.configuration),
        "status": snapshot.status,
        "now": world.now(),
        "actor": walk.actor,
        "context": world.machine().context.mask(&snapshot.context),
        "events": events.collect::<Vec<_>>(),
        "effects": world.effects().iter().map(|open| json!({
            "name": open.request.name,
            "request": open.request.request.clone().shown(),
            "invoke": open.request.invoke,
        })).collect::<Vec<_>>(),
        "timers": world.timers().iter().map(|timer| json!({
            "event": timer_event(&timer.owner.state, &timer.name),
            "due": timer.due,
        })).collect::<Vec<_>>(),
    });
    if !snapshot.memory.deferred.is_empty() {
        let waiting = snapshot.memory.deferred.iter();
        document["deferred"] = waiting.map(|waiting| json!(waiting.event)).collect();
    }
    if let Some(output) = &snapshot.memory.output {
        document["output"] = output.clone();
    }
    document
}

/// What became of a line, as data.
pub(super) fn outcome_document(title: &str, outcome: &Result<Step, Refusal>) -> Value {
    match outcome {
        Ok(step) => json!({
            "event": title,
            "outcome": "applied",
            "from": step.from,
            "to": step.to,
            "transitions": step.transitions,
            "effects": step.effects.iter().map(|effect| &effect.name).collect::<Vec<_>>(),
            "violated": step.violated,
        }),
        Err(refusal) => json!({
            "event": title,
            "outcome": refusal.outcome,
            "code": refusal.code,
            "detail": refusal.message,
            "blockers": refusal.blockers,
        }),
    }
}

fn at(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// `in 48h`
fn ahead(now: Timestamp, due: Timestamp) -> String {
    let left: SignedDuration = due.duration_since(now);
    match left.try_into() {
        Ok(left) => format!("in {}", delay::format(left)),
        Err(_) => "due".to_owned(),
    }
}
