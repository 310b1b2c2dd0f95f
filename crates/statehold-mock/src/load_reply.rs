//! The replies of a mock file: positioned text to [`Replies`].

use axum::http::{HeaderName, StatusCode};
use serde_json::Value;
use statehold_core::codes;
use statehold_core::delay;
use statehold_core::diagnostic::Diagnostic;
use statehold_core::source::{Item, MapReader, Node, NodeValue};

use crate::load::REPLY;
use crate::reply::{DELAY_MAX, Ending, Reply};
use crate::spec::{REPLIES_MAX, Replies};
use crate::template::Template;

/// Final statuses; an interim one (1xx) is no reply.
const STATUSES: std::ops::RangeInclusive<i64> = 200..=599;

/// Most turns of one reply: more than any test makes.
const TIMES: std::ops::RangeInclusive<i64> = 1..=1_000_000;

const CUTS: &[(&str, Ending)] = &[("before", Ending::CutBefore), ("after", Ending::CutAfter)];

/// Reads a list of replies, or a lone one.
pub(crate) fn read_replies(item: &Item<'_>) -> Option<Replies> {
    let items = item.one_or_many();
    let replies: Vec<Option<Reply>> = items.iter().map(read_reply).collect();
    if replies.is_empty() {
        let problem = item.error(codes::BAD_MOCK, "there is no reply");
        item.reader
            .report(problem.help("write at least one, e.g. `- { status: 200 }`"));
    }
    if replies.len() > REPLIES_MAX {
        item.reader
            .report(item.error(codes::LIMIT, format!("more than {REPLIES_MAX} replies")));
    }
    Replies::new(replies.into_iter().collect::<Option<Vec<_>>>()?)
}

fn read_reply(item: &Item<'_>) -> Option<Reply> {
    let before = item.reader.count();
    let map = item.map(REPLY)?.checked();
    let status = map.optional("status").and_then(|item| read_status(&item));
    let headers = map
        .optional("headers")
        .map(|item| read_headers(&item))
        .unwrap_or_default();
    let body = map.optional("body").and_then(|item| read_template(&item));
    let delay = map
        .optional("delay")
        .and_then(|item| read_delay(&item))
        .unwrap_or_default();
    let times = map
        .optional("times")
        .and_then(|item| item.integer(TIMES))
        .unwrap_or(1);
    let acted = map.optional("acted").and_then(|item| item.boolean());
    let ending = read_ending(&map);
    if item.reader.count() > before {
        return None;
    }
    let reply = Reply {
        status,
        headers,
        body,
        delay,
        ending: ending?,
        acted,
        times: u32::try_from(times).ok()?,
    };
    if reply.ending == Ending::Complete && reply.status.is_none() && reply.body.is_none() {
        let problem = item.error(codes::BAD_MOCK, "the reply says nothing");
        item.reader
            .report(problem.help("give it a `status`, a `body`, a `cut` or `timeout: true`"));
        return None;
    }
    Some(reply)
}

fn read_status(item: &Item<'_>) -> Option<StatusCode> {
    let number = item.integer(STATUSES)?;
    StatusCode::from_u16(u16::try_from(number).ok()?).ok()
}

fn read_ending(map: &MapReader<'_>) -> Option<Ending> {
    let timeout = map.optional("timeout");
    let never = timeout.as_ref().map_or(Some(false), Item::boolean);
    let cut = map.optional("cut").map(|item| item.choice(CUTS));
    match (never?, cut) {
        (true, Some(_)) => {
            let problem = map
                .item
                .error(codes::BAD_MOCK, "a reply that never comes cannot be cut");
            map.item
                .reader
                .report(problem.help("keep `timeout` or `cut`; two replies can follow each other"));
            None
        }
        (true, None) => Some(Ending::Timeout),
        (false, Some(cut)) => cut,
        (false, None) => Some(Ending::Complete),
    }
}

fn read_headers(item: &Item<'_>) -> Vec<(HeaderName, Template)> {
    let entries = item.entries().unwrap_or_default();
    let header = |(key, value): (&statehold_core::source::Key, Item<'_>)| {
        let Ok(name) = key.text.parse::<HeaderName>() else {
            let problem = Diagnostic::error(
                codes::BAD_NAME,
                key.span.clone(),
                format!("`{}` is no header name", key.text),
            );
            item.reader.report(problem.at(value.pointer.clone()));
            return None;
        };
        if matches!(
            value.node.value,
            NodeValue::Map(_) | NodeValue::Seq(_) | NodeValue::Null
        ) {
            value.expected("text or a number");
            return None;
        }
        Some((name, read_template(&value)?))
    };
    entries.into_iter().filter_map(header).collect()
}

fn read_delay(item: &Item<'_>) -> Option<std::time::Duration> {
    let text = match &item.node.value {
        NodeValue::Int(number) => &number.to_string(),
        _ => item.text()?,
    };
    match delay::parse(text) {
        Ok(delay) if delay <= DELAY_MAX => Some(delay),
        Ok(_) => {
            let message = format!("`{text}` is longer than {}", delay::format(DELAY_MAX));
            item.reader.report(
                item.error(codes::BAD_DURATION, message)
                    .help("use `timeout: true` for a reply that never comes"),
            );
            None
        }
        Err(message) => {
            item.reader.report(item.error(codes::BAD_DURATION, message));
            None
        }
    }
}

/// The value as a template; every text that cannot be read is noted at its own place.
fn read_template(item: &Item<'_>) -> Option<Template> {
    let before = item.reader.count();
    note_bad_texts(item, item.node);
    if item.reader.count() > before {
        return None;
    }
    Template::new(&item.node.to_json()).ok()
}

/// The depth is bounded by the limits of source files.
fn note_bad_texts(item: &Item<'_>, node: &Node) {
    match &node.value {
        NodeValue::Str(text) => {
            if let Err(message) = Template::new(&Value::from(text.as_str())) {
                let problem = Diagnostic::error(codes::BAD_EXPRESSION, node.span.clone(), message);
                item.reader.report(
                    problem
                        .help("`$${` stands for a literal `${`")
                        .at(item.pointer.clone()),
                );
            }
        }
        NodeValue::Seq(items) => items.iter().for_each(|node| note_bad_texts(item, node)),
        NodeValue::Map(entries) => entries
            .iter()
            .for_each(|(_, node)| note_bad_texts(item, node)),
        _ => {}
    }
}
