//! What a line means, and doing it.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Map, Value};
use statehold_core::json::{self, Limits};
use statehold_core::{Actor, Event, delay};
use statehold_testkit::{Answer, Answered};

use super::view::{self, Choice};
use super::Walk;
use crate::input;

/// Largest JSON value of a line, in bytes.
const JSON_BYTES_MAX: usize = 256 * 1024;

/// One line, understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Command {
    Fire { event: String, input: Value },
    Answer { effect: String, answer: Answer, until_ended: bool },
    Advance(Duration),
    Next,
    Actor(Actor),
    Why(String),
    Show,
    Context,
    Undo,
    Restart,
    Save(String),
    Help,
    Quit,
}

pub(super) const HELP: &str = "\
  NUMBER [JSON]            what stands under this number
  EVENT [JSON]             fires an event, with its input
  ok EFFECT [JSON]         the service says yes, with this body
  no EFFECT [STATUS] [JSON]  it says no [400]
  fail EFFECT [STATUS]     every attempt fails with this status [503]
  timeout EFFECT           no attempt is ever answered
  +48h                     moves the clock on
  next                     moves it to the next timer
  why EVENT [JSON]         what the event would do, without doing it
  as ID or JSON            who acts from now on
  show, context            the entity once more, its context in full
  undo, restart            takes back the last step, or all of them
  save FILE                the commands so far, for --script
  quit";

/// Understands a line. Words that are no command are events.
pub(super) fn parse(line: &str, choices: &[Choice]) -> Result<Command, String> {
    let (word, rest) = split(line);
    if let Some(delay) = word.strip_prefix('+') {
        return delay::parse(delay).map(Command::Advance);
    }
    if let Ok(number) = word.parse::<usize>() {
        let choice = number.checked_sub(1).and_then(|at| choices.get(at));
        let choice = choice.ok_or_else(|| format!("there is no {number} in the list"))?;
        return chosen(choice, rest);
    }
    match word {
        "ok" => answer(rest, 200),
        "no" => answer(rest, 400),
        "fail" => answer(rest, 503).map(lasting),
        "timeout" => answer_silence(rest),
        "next" => Ok(Command::Next),
        "as" => input::actor(rest).map(Command::Actor),
        "why" if !rest.is_empty() => Ok(Command::Why(rest.to_owned())),
        "show" => Ok(Command::Show),
        "context" => Ok(Command::Context),
        "undo" => Ok(Command::Undo),
        "restart" => Ok(Command::Restart),
        "save" if !rest.is_empty() => Ok(Command::Save(rest.to_owned())),
        "help" | "?" => Ok(Command::Help),
        "quit" | "exit" | "q" => Ok(Command::Quit),
        "fire" if !rest.is_empty() => fire(rest),
        _ => fire(line),
    }
}

fn split(line: &str) -> (&str, &str) {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    (word, rest.trim())
}

fn chosen(choice: &Choice, rest: &str) -> Result<Command, String> {
    match choice {
        Choice::Event(event) => fire(&format!("{event} {rest}")),
        Choice::Ok(effect) => answer(&format!("{effect} {rest}"), 200),
        Choice::No(effect) => answer(&format!("{effect} {rest}"), 400),
        Choice::Timer => Ok(Command::Next),
    }
}

fn fire(text: &str) -> Result<Command, String> {
    let (event, rest) = split(text);
    let input = match rest {
        "" => Value::Object(Map::new()),
        rest => value(rest)?,
    };
    Ok(Command::Fire {
        event: event.to_owned(),
        input,
    })
}

fn value(text: &str) -> Result<Value, String> {
    json::parse_strict(text.as_bytes(), Limits::bytes(JSON_BYTES_MAX)).map_err(|refusal| format!("not JSON: {}", refusal.message))
}

fn answer(rest: &str, usual: u16) -> Result<Command, String> {
    let (effect, rest) = split(rest);
    if effect.is_empty() {
        return Err("which effect? `ok EFFECT`".to_owned());
    }
    let (word, after) = split(rest);
    let (status, body) = match word.parse::<u16>() {
        Ok(status) if (100..=599).contains(&status) => (status, after),
        _ => (usual, rest),
    };
    let body = if body.is_empty() { Value::Null } else { value(body)? };
    Ok(Command::Answer {
        effect: effect.to_owned(),
        answer: Answer::Reply { status, body },
        until_ended: false,
    })
}

fn answer_silence(effect: &str) -> Result<Command, String> {
    if effect.is_empty() {
        return Err("which effect? `timeout EFFECT`".to_owned());
    }
    Ok(Command::Answer {
        effect: effect.to_owned(),
        answer: Answer::Timeout,
        until_ended: true,
    })
}

fn lasting(command: Command) -> Command {
    match command {
        Command::Answer { effect, answer, .. } => Command::Answer {
            effect,
            answer,
            until_ended: true,
        },
        other => other,
    }
}

/// The line that does the same without a list of choices.
pub(super) fn text(command: &Command, line: &str) -> String {
    match command {
        Command::Fire { event, input } if line.starts_with(|c: char| c.is_ascii_digit()) => format!("fire {event} {input}"),
        Command::Answer { effect, answer: Answer::Reply { status, body }, .. } if line.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("ok {effect} {status} {body}")
        }
        Command::Next => "next".to_owned(),
        _ => line.to_owned(),
    }
}

/// Does it. True if the world is another one afterwards.
pub(super) fn perform(walk: &mut Walk<'_>, command: &Command) -> Result<bool, String> {
    match command {
        Command::Fire { event, input } => {
            let fired = Event::new(event.as_str()).input(input.clone()).actor(walk.actor.clone());
            let outcome = walk.world.fire(fired);
            walk.show_step(event, &outcome);
            Ok(finish(walk, outcome.is_ok_and(|_| true)))
        }
        Command::Answer { effect, answer, until_ended } => reply(walk, effect, answer, *until_ended),
        Command::Advance(by) => Ok(advance(walk, *by)),
        Command::Next => {
            let due = walk.world.next_due().ok_or("no timer runs")?;
            let by: SignedDuration = due.duration_since(walk.world.now());
            Ok(advance(walk, by.try_into().unwrap_or_default()))
        }
        Command::Actor(actor) => {
            walk.actor = actor.clone();
            walk.show();
            Ok(false)
        }
        Command::Why(rest) => {
            let Command::Fire { event, input } = fire(rest)? else {
                return Ok(false);
            };
            let fired = Event::new(event.as_str()).input(input).actor(walk.actor.clone());
            let outcome = walk.world.clone().fire(fired);
            walk.show_step(&format!("{event} would be"), &outcome);
            Ok(false)
        }
        Command::Show => {
            walk.show();
            Ok(false)
        }
        Command::Context => {
            walk.screen.data(&view::context(walk));
            Ok(false)
        }
        Command::Undo => undo(walk),
        Command::Restart => {
            walk.world = walk.first.clone();
            walk.earlier.clear();
            walk.record.clear();
            walk.show();
            Ok(false)
        }
        Command::Save(path) => save(walk, path),
        Command::Help => {
            walk.screen.data(HELP);
            Ok(false)
        }
        Command::Quit => Ok(false),
    }
}

fn finish(walk: &mut Walk<'_>, has_changed: bool) -> bool {
    for step in walk.world.take_aftermath() {
        walk.show_step("deferred event", &Ok(step));
    }
    if has_changed {
        walk.show();
    }
    has_changed
}

fn reply(walk: &mut Walk<'_>, effect: &str, answer: &Answer, until_ended: bool) -> Result<bool, String> {
    let answered = match until_ended {
        true => walk.world.exhaust(effect, answer),
        false => walk.world.answer(effect, answer),
    };
    match answered.ok_or_else(|| format!("no effect `{effect}` waits for an answer"))? {
        Answered::Retried => walk.screen.talk(&format!("{effect} will be tried again")),
        Answered::Dead => walk.screen.talk(&format!("{effect} is a dead letter: it may have happened, so the chart is not told that it failed")),
        Answered::Ended(None) => walk.screen.talk(&format!("{effect} has ended; the chart is not told")),
        Answered::Ended(Some(outcome)) => walk.show_step(&format!("end of {effect}"), &outcome),
    }
    Ok(finish(walk, true))
}

fn advance(walk: &mut Walk<'_>, by: Duration) -> bool {
    for (event, outcome) in walk.world.advance(by) {
        walk.show_step(&event, &outcome);
    }
    finish(walk, true)
}

fn undo(walk: &mut Walk<'_>) -> Result<bool, String> {
    let (world, length) = walk.earlier.pop().ok_or("there is nothing to take back")?;
    walk.world = world;
    walk.record.truncate(length);
    walk.show();
    Ok(false)
}

fn save(walk: &Walk<'_>, path: &str) -> Result<bool, String> {
    let text = walk.record.join("\n") + "\n";
    std::fs::write(path, text).map_err(|error| format!("cannot write {path}: {error}"))?;
    walk.screen.talk(&format!("written: {path}"));
    Ok(false)
}
