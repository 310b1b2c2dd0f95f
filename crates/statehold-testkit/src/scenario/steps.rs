//! Reading the steps of a scenario.

use jiff::Timestamp;
use serde_json::{Map, Value};
use statehold_core::Actor;
use statehold_core::codes;
use statehold_core::delay;
use statehold_core::source::{Item, MapReader};

use super::keys::{REPLY, STEP};
use super::load::Shared;
use super::{Happens, ScenarioStep, expect};
use crate::world::Answer;

/// Keys of which a step has one at most.
const KINDS: [&str; 4] = ["create", "fire", "effect", "advance"];

pub(super) fn read(item: &Item<'_>, shared: &Shared, actor: &Actor) -> Option<ScenarioStep> {
    let map = item.map(STEP)?.checked();
    let kinds: Vec<&str> = KINDS
        .into_iter()
        .filter(|key| map.optional(key).is_some())
        .collect();
    if kinds.len() > 1 {
        let message = format!(
            "a step does one thing, not `{}` and `{}`",
            kinds[0], kinds[1]
        );
        item.reader.report(item.error(codes::BAD_SCENARIO, message));
        return None;
    }
    if kinds.is_empty() && map.optional("expect").is_none() {
        let message = "a step does something or expects something";
        let help = format!("possible: {}, expect", KINDS.join(", "));
        item.reader
            .report(item.error(codes::BAD_SCENARIO, message).help(help));
        return None;
    }
    let happens = match kinds.first() {
        Some(&"create") => Happens::Create {
            input: map.optional("create")?.node.to_json(),
            actor: shared.acting(&map, actor),
        },
        Some(&"fire") => Happens::Fire {
            event: map.optional("fire")?.text()?.to_owned(),
            input: map
                .optional("input")
                .map_or_else(|| Value::Object(Map::new()), |item| item.node.to_json()),
            actor: shared.acting(&map, actor),
        },
        Some(&"effect") => read_answer(&map)?,
        Some(_) => Happens::Advance(duration(&map.optional("advance")?)?),
        None => Happens::Look,
    };
    let expect = match map.optional("expect") {
        Some(item) => expect::read(&item)?,
        None => super::Expect::default(),
    };
    Some(ScenarioStep {
        happens,
        expect,
        span: item.head(),
    })
}

fn read_answer(map: &MapReader<'_>) -> Option<Happens> {
    let effect = map.optional("effect")?.text()?.to_owned();
    let reply = map.required("reply")?;
    let answer = match reply.node.as_str() {
        Some("timeout") => Answer::Timeout,
        Some("unreachable") => Answer::Unreachable,
        Some(other) => {
            let message = format!("an answer cannot be `{other}`");
            let help = "possible: timeout, unreachable, or a reply such as { status: 200, body: { id: 1 } }";
            reply
                .reader
                .report(reply.error(codes::BAD_SCENARIO, message).help(help));
            return None;
        }
        None => read_reply(&reply)?,
    };
    let until = map
        .optional("until")
        .and_then(|item| item.choice(&[("ended", true)]));
    Some(Happens::Answer {
        effect,
        answer,
        until_ended: until.unwrap_or(false),
    })
}

fn read_reply(item: &Item<'_>) -> Option<Answer> {
    let map = item.map(REPLY)?.checked();
    let status = map.required("status")?.integer(100..=599)?;
    Some(Answer::Reply {
        status: u16::try_from(status).ok()?,
        body: map
            .optional("body")
            .map_or(Value::Null, |item| item.node.to_json()),
    })
}

fn duration(item: &Item<'_>) -> Option<std::time::Duration> {
    let text = item.text()?;
    match delay::parse(text) {
        Ok(duration) => Some(duration),
        Err(error) => {
            item.reader
                .report(item.error(codes::BAD_DURATION, error.to_string()));
            None
        }
    }
}

/// An instant.
pub(super) fn instant(item: &Item<'_>) -> Option<Timestamp> {
    let text = item.text()?;
    let read = text.parse().ok();
    if read.is_none() {
        let message = format!("`{text}` is no instant");
        let help = "write it like 2026-03-01T12:00:00Z";
        item.reader
            .report(item.error(codes::BAD_VALUE, message).help(help));
    }
    read
}

/// A JSON object.
pub(super) fn object(item: &Item<'_>) -> Option<Map<String, Value>> {
    match item.node.to_json() {
        Value::Object(map) => Some(map),
        _ => {
            item.expected("a mapping");
            None
        }
    }
}
