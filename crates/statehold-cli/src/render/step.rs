//! One pure step for people.

use serde_json::Value;

use super::effect::request;
use super::entity::{transition, way};
use super::style::{BAD, GOOD, STATE, STRONG, WEAK, paint};
use super::value::{compact, instant, items, members, text};

/// What a step results in.
pub(crate) fn step(document: &Value) -> String {
    let mut parts = vec![format!(
        "{}: {} {}",
        paint(GOOD, text(document, "outcome")),
        paint(STRONG, text(document, "event")),
        way(document)
    )];
    parts.extend(items(&document["transitions"], transition));
    if document["status"] == "done" {
        let output = document
            .get("output")
            .map(|output| format!(" {}", compact(output)));
        parts.push(format!(
            "  {}{}",
            paint(WEAK, "done"),
            output.unwrap_or_default()
        ));
    }
    parts.extend(items(&document["violated"], |name| {
        let name = name.as_str().unwrap_or_default();
        format!(
            "  {} {}",
            paint(BAD, "invariant broken:"),
            paint(STRONG, name)
        )
    }));
    parts.extend(members("context", &document["context"]));
    parts.extend(section("effects", &document["effects"], effect));
    parts.extend(section("timers", &document["timers"], timer));
    parts.extend(section(
        "cancelled with their state",
        &document["left"],
        |left| {
            format!(
                "  timers and calls of {}",
                paint(STATE, text(left, "state"))
            )
        },
    ));
    parts.join("\n")
}

fn section(heading: &str, list: &Value, draw: impl FnMut(&Value) -> String) -> Vec<String> {
    let drawn = items(list, draw);
    let heading = (!drawn.is_empty()).then(|| paint(STRONG, heading));
    heading.into_iter().chain(drawn).collect()
}

fn effect(effect: &Value) -> String {
    let asked = &effect["request"];
    let body = (asked.get("body").or_else(|| asked.get("input")))
        .map(compact)
        .unwrap_or_default();
    let tied = match effect["invoke"]["state"].as_str() {
        Some(state) => paint(WEAK, format!("  while in {state}")),
        None => String::new(),
    };
    format!(
        "  {}  {} {body}{tied}",
        text(effect, "name"),
        request(asked)
    )
    .trim_end()
    .to_owned()
}

fn timer(timer: &Value) -> String {
    format!("  {}  {}", instant(timer, "due"), text(timer, "event"))
}
