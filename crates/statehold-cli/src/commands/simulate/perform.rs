//! Doing what a line says.

use jiff::Timestamp;
use serde_json::{Value, json};
use statehold_core::{Event, Outcome, Refusal, Step, codes};

use super::Walk;
use super::view;
use super::words::{Command, HELP, nothing};
use super::world::{Answer, Answered};
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
        Command::Advance(by) => {
            let until = walk.world.later(*by);
            Ok(advance(walk, until))
        }
        Command::Next => {
            let next = walk.world.timers().first().map(|timer| timer.due);
            let until = next.ok_or("no timer runs")?;
            Ok(advance(walk, until))
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
    Ok(changed(&outcome))
}

/// A name that no transition waits for is most probably a slip.
fn unknown(walk: &Walk<'_>, event: &str, refusal: &Refusal) -> String {
    let known = walk.world.machine().accepted_events(walk.world.snapshot());
    let near = statehold_core::source::nearest(event, known.iter().map(String::as_str));
    match near {
        Some(near) => format!("{}; did you mean `{near}`?", refusal.message),
        None => format!("{}; `help` lists the commands", refusal.message),
    }
}

fn reply(walk: &mut Walk<'_>, effect: &str, answer: &Answer) -> Result<Effect, String> {
    let answered = walk.world.exhaust(effect, answer);
    match answered.ok_or_else(|| format!("no call of `{effect}` waits for an answer"))? {
        Answered::Told(outcome) => walk.show_step(&format!("end of {effect}"), &outcome),
        Answered::Untold => say(walk, effect, "ended", "ended; the chart does not ask how"),
        Answered::Dead => say(
            walk,
            effect,
            "dead",
            "is a dead letter: nobody knows whether it happened, so the chart is not told that it failed",
        ),
    }
    Ok(Effect::Changed)
}

fn say(walk: &mut Walk<'_>, effect: &str, outcome: &str, words: &str) {
    if walk.screen.json {
        walk.said
            .push(json!({ "effect": effect, "outcome": outcome }));
    } else {
        walk.screen.data(&format!("{} {words}", clean(effect)));
    }
}

fn advance(walk: &mut Walk<'_>, until: Timestamp) -> Effect {
    for (event, outcome) in walk.world.advance(until) {
        walk.show_step(&event, &outcome);
    }
    Effect::Changed
}

fn changed(outcome: &Result<Step, Refusal>) -> Effect {
    match outcome {
        Ok(_) => Effect::Changed,
        Err(_) => Effect::Nothing,
    }
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
        "# {} from {}; replay with --script and --now {}\n",
        walk.world.machine().name,
        walk.first
            .0
            .machine()
            .encode(&walk.first.0.snapshot().configuration),
        walk.first.0.now()
    );
    let text = head + &walk.record.join("\n") + "\n";
    std::fs::write(path, text).map_err(|error| format!("cannot write {path}: {error}"))?;
    walk.screen.talk(&format!("written: {path}"));
    Ok(Effect::Nothing)
}
