//! What a line means. Words that are no command are events; pure text, nothing is done here.

use std::time::Duration;

use serde_json::{Map, Value};
use statehold_core::json::{self, Limits};
use statehold_core::{Actor, delay};
use statehold_engine::EVENT_BYTES_MAX;
use statehold_testkit::Answer;

use super::choices::Choice;
use crate::input;

/// Replies that are meant where no status is given: yes, no, and out of order.
const OK: u16 = 200;
const REFUSED: u16 = 400;
const FAILED: u16 = 503;

/// One line, understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Command {
    Fire { event: String, input: Option<Value> },
    Why { event: String, input: Option<Value> },
    Answer { effect: String, answer: Answer },
    Advance(Duration),
    Next,
    Actor(Actor),
    Show,
    Context,
    Undo,
    Restart,
    Save(String),
    Help,
    Quit,
}

/// What `help` prints.
pub(super) const HELP: &str = "\
  NUMBER [JSON]                     what stands under this number
  EVENT [JSON]                      fires an event with its input
  fire EVENT [JSON]                 the same, for events that are called like a command
  why EVENT [JSON]                  says what an event would do, and does not do it
  ok EFFECT [JSON]                  the call succeeds, with this body
  refused EFFECT [STATUS] [JSON]    it is refused for good [400]
  failed EFFECT [STATUS] [JSON]     every attempt fails with this status [503]
  timeout EFFECT                    no attempt is ever answered
  +2h                               moves the clock on; timers due until then fire in order
  next                              moves it to the next timer
  as ID_OR_JSON                     who acts from now on
  show, context                     the entity once more, its context in full
  undo, restart                     takes back the last step, or all of them
  save FILE                         writes the commands so far, for --script
  help, quit
A word that is an event of the chart now is that event; with a slash in front, as in /next, it is the command.";

/// Understands a line. A word that the chart accepts as an event now is that event, whatever else it means.
pub(super) fn parse(line: &str, choices: &[Choice]) -> Result<Command, String> {
    let (word, rest) = split(line);
    if let Some(delay) = word.strip_prefix('+') {
        return delay::parse(delay).map(Command::Advance);
    }
    if let Some(spelled) = line.trim().strip_prefix('/') {
        let (word, rest) = split(spelled);
        return command(word, rest)
            .unwrap_or_else(|| Err(format!("there is no command `{word}`; `help` lists them")));
    }
    if let Ok(number) = word.parse::<usize>() {
        let choice = number.checked_sub(1).and_then(|at| choices.get(at));
        let choice = choice.ok_or_else(|| format!("there is no {number} in the list"))?;
        return chosen(choice, rest);
    }
    if choices.contains(&Choice::Event(word.to_owned())) {
        return fire(line);
    }
    command(word, rest).unwrap_or_else(|| fire(line))
}

/// The command of this name; none if there is no such command.
fn command(word: &str, rest: &str) -> Option<Result<Command, String>> {
    let bare = rest.is_empty();
    Some(match word {
        "ok" => answer("ok", rest, OK),
        "refused" | "no" => answer(word, rest, REFUSED),
        "failed" | "fail" => answer(word, rest, FAILED),
        "timeout" | "dead" => silence(word, rest),
        "as" => input::actor(rest).map(Command::Actor),
        "fire" => fire(rest),
        "why" => fire(rest).map(|command| match command {
            Command::Fire { event, input } => Command::Why { event, input },
            other => other,
        }),
        "save" if bare => Err("which file? `save FILE`".to_owned()),
        "save" => Ok(Command::Save(rest.to_owned())),
        "next" if bare => Ok(Command::Next),
        "show" if bare => Ok(Command::Show),
        "context" if bare => Ok(Command::Context),
        "undo" if bare => Ok(Command::Undo),
        "restart" if bare => Ok(Command::Restart),
        "help" | "?" if bare => Ok(Command::Help),
        "quit" | "exit" | "q" if bare => Ok(Command::Quit),
        _ => return None,
    })
}

/// The line that does the same in any list of choices; none for what changes nothing.
pub(super) fn recorded(command: &Command) -> Option<String> {
    let behind = |text: &str, value: &Value| match value {
        Value::Null => text.to_owned(),
        value => format!("{text} {value}"),
    };
    Some(match command {
        Command::Fire { event, input } => behind(
            &format!("/fire {event}"),
            input.as_ref().unwrap_or(&Value::Null),
        ),
        Command::Answer { effect, answer } => match answer {
            Answer::Timeout | Answer::Unreachable => format!("/timeout {effect}"),
            Answer::Reply { status: OK, body } => behind(&format!("/ok {effect}"), body),
            Answer::Reply { status, body } => behind(&format!("/failed {effect} {status}"), body),
        },
        Command::Advance(by) => format!("+{}", delay::format(*by)),
        Command::Next => "/next".to_owned(),
        Command::Actor(actor) => {
            format!("/as {}", serde_json::to_string(actor).unwrap_or_default())
        }
        Command::Why { .. }
        | Command::Show
        | Command::Context
        | Command::Undo
        | Command::Restart
        | Command::Save(_)
        | Command::Help
        | Command::Quit => return None,
    })
}

fn split(line: &str) -> (&str, &str) {
    let line = line.trim();
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    (word, rest.trim())
}

fn chosen(choice: &Choice, rest: &str) -> Result<Command, String> {
    match choice {
        Choice::Event(event) => fire(&format!("{event} {rest}")),
        Choice::Call(effect) => answer("ok", &format!("{effect} {rest}"), OK),
        Choice::Timer => Ok(Command::Next),
    }
}

fn fire(text: &str) -> Result<Command, String> {
    let (event, rest) = split(text);
    if event.is_empty() {
        return Err("which event? `fire EVENT`".to_owned());
    }
    let input = match rest {
        "" => None,
        rest => Some(value(rest)?),
    };
    Ok(Command::Fire {
        event: event.to_owned(),
        input,
    })
}

fn answer(word: &str, rest: &str, usual: u16) -> Result<Command, String> {
    let (effect, rest) = split(rest);
    if effect.is_empty() {
        return Err(format!("which call? `{word} EFFECT`"));
    }
    let (first, after) = split(rest);
    let (status, body) = match first.parse::<u16>() {
        Ok(status) if usual != OK && (100..=599).contains(&status) => (status, after),
        _ => (usual, rest),
    };
    let body = match body {
        "" => Value::Null,
        body => value(body)?,
    };
    Ok(Command::Answer {
        effect: effect.to_owned(),
        answer: Answer::Reply { status, body },
    })
}

fn silence(word: &str, effect: &str) -> Result<Command, String> {
    if effect.is_empty() {
        return Err(format!("which call? `{word} EFFECT`"));
    }
    Ok(Command::Answer {
        effect: effect.to_owned(),
        answer: Answer::Timeout,
    })
}

fn value(text: &str) -> Result<Value, String> {
    if text.starts_with('{') || text.starts_with('[') {
        return json::parse_strict(text.as_bytes(), Limits::bytes(EVENT_BYTES_MAX)).map_err(
            |refusal| {
                format!(
                    "not JSON at column {}: {}",
                    refusal.offset + 1,
                    refusal.message
                )
            },
        );
    }
    serde_json::from_str::<Value>(text)
        .ok()
        .filter(|value| !matches!(value, Value::Object(_) | Value::Array(_)))
        .ok_or_else(|| format!("expected JSON such as {{\"total\": 1200}}, got `{text}`"))
}

/// An object without members: the input of an event that was given none.
pub(super) fn nothing() -> Value {
    Value::Object(Map::new())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn choices() -> Vec<Choice> {
        vec![
            Choice::Event("pay".to_owned()),
            Choice::Call("charge".to_owned()),
            Choice::Timer,
        ]
    }

    fn reply(effect: &str, status: u16, body: Value) -> Command {
        Command::Answer {
            effect: effect.to_owned(),
            answer: Answer::Reply { status, body },
        }
    }

    #[test]
    fn lines_are_commands_numbers_or_events() {
        let parse = |line| parse(line, &choices());
        let fire = |event: &str, input| {
            Ok(Command::Fire {
                event: event.to_owned(),
                input,
            })
        };
        assert_eq!(parse("pay"), fire("pay", None));
        assert_eq!(
            parse("  pay {\"a\": 1} "),
            fire("pay", Some(json!({"a": 1})))
        );
        assert_eq!(parse("1 {\"a\": 1}"), fire("pay", Some(json!({"a": 1}))));
        assert_eq!(parse("fire undo"), fire("undo", None));
        assert_eq!(parse("2"), Ok(reply("charge", 200, Value::Null)));
        assert_eq!(parse("3"), Ok(Command::Next));
        assert_eq!(parse("/next"), Ok(Command::Next));
        assert_eq!(
            parse("ok charge {\"id\": 7}"),
            Ok(reply("charge", 200, json!({"id": 7})))
        );
        assert_eq!(
            parse("refused charge 422 {\"why\": \"x\"}"),
            Ok(reply("charge", 422, json!({"why": "x"})))
        );
        assert_eq!(
            parse("+2h"),
            Ok(Command::Advance(Duration::from_secs(7_200)))
        );
    }

    #[test]
    fn an_event_that_is_called_like_a_command_comes_first() {
        let choices = vec![Choice::Event("next".to_owned())];
        assert_eq!(
            parse("next", &choices),
            Ok(Command::Fire {
                event: "next".to_owned(),
                input: None,
            })
        );
        assert_eq!(parse("/next", &choices), Ok(Command::Next));
        assert!(parse("/nxt", &choices).is_err());
    }

    #[test]
    fn what_is_not_understood_says_what_was_expected() {
        for (line, words) in [
            ("4", "no 4 in the list"),
            ("0", "no 0 in the list"),
            ("+2", "2"),
            ("pay {\"a\": }", "column 7"),
            ("pay tok", "expected JSON"),
            ("ok", "which call"),
            ("save", "which file"),
            ("why", "which event"),
            ("as", "expected an id"),
        ] {
            let problem = parse(line, &choices()).expect_err(line);
            assert!(problem.contains(words), "{line}: {problem}");
        }
    }

    #[test]
    fn a_recorded_line_means_the_same_in_any_list() {
        for line in [
            "1 {\"a\":1}",
            "2",
            "3",
            "refused charge 402 {\"b\":2}",
            "timeout charge",
            "+90m",
            "as {\"id\":\"ann\",\"roles\":[\"x\"]}",
        ] {
            let command = parse(line, &choices()).expect(line);
            let text = recorded(&command).expect("it changes something");
            assert_eq!(parse(&text, &[]), Ok(command), "{line} became {text}");
        }
    }
}
