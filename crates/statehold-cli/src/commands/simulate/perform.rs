//! Doing what a line says.

use std::time::Duration;

use serde_json::{Value, json};
use statehold_core::{Event, Outcome, Refusal, Step, codes};
use statehold_testkit::{Answer, Answered};

use super::Walk;
use super::view;
use super::words::{Command, HELP, nothing};
use crate::commands::dev::sample;
use crate::render::style::clean;

/// What a line did to the walk.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Something that can be taken back.
    Changed,
    /// Nothing, or it took something back.
    Nothing,
}

/// Does it.
///
/// # Errors
/// Why it cannot be done.
pub(super) fn perform(walk: &mut Walk<'_>, command: &Command) -> Result<Effect, String> {
    match command {
        Command::Fire { event, input } => fire(walk, event, input.as_ref()),
        Command::Why { event, input } => {
            let outcome = walk.world.clone().fire(made(walk, event, input.as_ref()));
            walk.show_step(&format!("{event} (not done)"), &outcome);
            Ok(Effect::Nothing)
        }
        Command::Answer { effect, answer } => reply(walk, effect, answer),
        Command::Advance(by) => Ok(advance(walk, *by)),
        Command::Next => {
            let due = walk.world.next_due().ok_or("no timer runs")?;
            let left = due.duration_since(walk.world.now());
            Ok(advance(walk, left.try_into().unwrap_or_default()))
        }
        Command::Actor(actor) => {
            walk.actor = actor.clone();
            Ok(Effect::Changed)
        }
        Command::Undo => undo(walk),
        Command::Restart => {
            (walk.world, walk.actor) = walk.first.clone();
            walk.earlier.clear();
            walk.record.clear();
            walk.show();
            Ok(Effect::Nothing)
        }
        Command::Save(path) => save(walk, path),
        Command::Show | Command::Context | Command::Help | Command::Quit => {
            tell(walk, command);
            Ok(Effect::Nothing)
        }
    }
}

fn tell(walk: &Walk<'_>, command: &Command) {
    if walk.screen.json {
        return;
    }
    match command {
        Command::Context => walk.screen.data(&view::context(walk)),
        Command::Help => walk.screen.data(HELP),
        _ => walk.show(),
    }
}

fn made(walk: &Walk<'_>, event: &str, input: Option<&Value>) -> Event {
    let input = input.cloned().unwrap_or_else(nothing);
    Event::new(event).input(input).actor(walk.actor.clone())
}

fn fire(walk: &mut Walk<'_>, event: &str, input: Option<&Value>) -> Result<Effect, String> {
    if statehold_core::is_reserved(event) {
        return Err(format!(
            "`{event}` is fired by timers and calls: use `next` and `ok EFFECT`"
        ));
    }
    let outcome = walk.world.fire(made(walk, event, input));
    if let Err(refusal) = &outcome
        && refusal.code == codes::UNKNOWN_EVENT
    {
        return Err(unknown(walk, event, refusal));
    }
    walk.show_step(event, &outcome);
    if let (Err(refusal), None) = (&outcome, input)
        && refusal.outcome == Outcome::InvalidInput
        && let Some(record) = walk.world.machine().input_record(event)
    {
        let sample = clean(&sample::input(record).to_string());
        walk.screen.talk(&format!("try: {event} {sample}"));
    }
    let is_kept = (outcome.as_ref()).is_err_and(|kept| kept.outcome == Outcome::Accepted);
    aftermath(walk);
    Ok(match outcome.is_ok() || is_kept {
        true => Effect::Changed,
        false => Effect::Nothing,
    })
}

/// What was deferred and is taken now.
fn aftermath(walk: &mut Walk<'_>) {
    for step in walk.world.take_aftermath() {
        let taken = step.transitions.first().map(|taken| taken.event.as_str());
        let title = format!("{} (deferred)", taken.unwrap_or("an event"));
        walk.show_step(&title, &Ok(step));
    }
}

/// A name that no transition waits for is most probably a slip.
fn unknown(walk: &Walk<'_>, event: &str, refusal: &Refusal) -> String {
    let known = (walk.world.snapshot())
        .map(|snapshot| walk.world.machine().accepted_events(snapshot))
        .unwrap_or_default();
    let near = statehold_core::source::nearest(event, known.iter().map(String::as_str));
    match near {
        Some(near) => format!("{}; did you mean `{near}`?", refusal.message),
        None => format!("{}; `help` lists the commands", refusal.message),
    }
}

fn reply(walk: &mut Walk<'_>, effect: &str, answer: &Answer) -> Result<Effect, String> {
    let answered = walk.world.exhaust(effect, answer);
    match answered.ok_or_else(|| format!("no call of `{effect}` waits for an answer"))? {
        Answered::Ended(Some(outcome)) => ended(walk, effect, &outcome),
        Answered::Ended(None) => say(walk, effect, "ended", "ended; the chart does not ask how"),
        Answered::Retried => say(walk, effect, "retried", "will be tried again"),
        Answered::Dead => say(
            walk,
            effect,
            "dead",
            "is a dead letter: nobody knows whether it happened, so the chart is not told that it failed",
        ),
    }
    aftermath(walk);
    Ok(Effect::Changed)
}

/// A result that no transition waits for is no refusal of anything: a success is noted, a failure a dead letter.
fn ended(walk: &mut Walk<'_>, effect: &str, outcome: &Result<Step, Refusal>) {
    let unheard = match outcome {
        Err(refusal) if refusal.outcome == Outcome::NoTransition => Some(&refusal.message),
        _ => None,
    };
    match unheard {
        None => walk.show_step(&format!("end of {effect}"), outcome),
        Some(message) if message.contains("error.effect.") => say(
            walk,
            effect,
            "dead",
            "has failed and no transition waits for that: a dead letter",
        ),
        Some(_) => say(walk, effect, "ended", "ended; no transition waits for that"),
    }
}

fn say(walk: &mut Walk<'_>, effect: &str, outcome: &str, words: &str) {
    if walk.screen.json {
        walk.said
            .push(json!({ "effect": effect, "outcome": outcome }));
    } else {
        walk.screen.data(&format!("{} {words}", clean(effect)));
    }
}

fn advance(walk: &mut Walk<'_>, by: Duration) -> Effect {
    for (event, outcome) in walk.world.advance(by) {
        walk.show_step(&event, &outcome);
    }
    aftermath(walk);
    Effect::Changed
}

fn undo(walk: &mut Walk<'_>) -> Result<Effect, String> {
    let (world, actor, length) = walk.earlier.pop().ok_or("there is nothing to take back")?;
    (walk.world, walk.actor) = (world, actor);
    walk.record.truncate(length);
    walk.show();
    Ok(Effect::Nothing)
}

fn save(walk: &Walk<'_>, path: &str) -> Result<Effect, String> {
    let head = format!(
        "# replay: statehold simulate {} --script {path}\n",
        walk.begun
    );
    let text = head + &walk.record.join("\n") + "\n";
    std::fs::write(path, text).map_err(|error| format!("cannot write {path}: {error}"))?;
    walk.screen.talk(&format!("written: {path}"));
    Ok(Effect::Nothing)
}
