//! Entities, what firing did to them, verdicts and logs.

use serde_json::Value;

use super::style::{BAD, DOUBTFUL, GOOD, STATE, STRONG, WEAK, clean, paint};
use super::table::table;
use super::value::{actor, block, compact, instant, items, members, names, text};

/// One entity.
pub(crate) fn entity(document: &Value) -> String {
    let lines = [
        ("state", paint(STATE, text(document, "state"))),
        ("status", text(document, "status")),
        ("revision", text(document, "revision")),
        ("version", text(document, "version")),
        ("events", names(&document["available_events"])),
        (
            "output",
            document.get("output").map(compact).unwrap_or_default(),
        ),
        ("created", instant(document, "created_at")),
        ("entered", instant(document, "entered_at")),
        ("updated", instant(document, "updated_at")),
    ];
    let heading = format!("{} {}", text(document, "machine"), text(document, "id"));
    let mut parts = vec![block(&heading, &lines)];
    parts.extend(members("context", &document["context"]));
    parts.extend(warnings(document));
    parts.join("\n")
}

/// A page of entities.
pub(crate) fn entities(document: &Value) -> String {
    let rows = document["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entity| {
            [
                text(entity, "id"),
                text(entity, "state"),
                text(entity, "status"),
                text(entity, "revision"),
                instant(entity, "updated_at"),
            ]
        });
    table(
        ["id", "state", "status", "revision", "updated"],
        rows.collect(),
    )
}

/// What firing or creating did.
pub(crate) fn fired(document: &Value) -> String {
    let entity = &document["entity"];
    let outcome = text(document, "outcome");
    if entity.is_null() {
        return format!("{}: {}", paint(DOUBTFUL, outcome), text(document, "detail"));
    }
    let style = if outcome == "applied" { GOOD } else { DOUBTFUL };
    let mut lines = vec![format!(
        "{}: {} {} {}, revision {}",
        paint(style, &outcome),
        text(entity, "machine"),
        paint(STRONG, text(entity, "id")),
        way(document),
        text(document, "seq"),
    )];
    lines.extend(items(&document["transitions"], transition));
    lines.extend(items(&document["effects"], |effect| {
        format!(
            "  {} {}  {}",
            paint(WEAK, "effect"),
            text(effect, "name"),
            paint(WEAK, text(effect, "id"))
        )
    }));
    lines.extend(warnings(document));
    lines.join("\n")
}

/// A verdict on one event, or a list of them.
pub(crate) fn explained(document: &Value) -> String {
    match document["items"].as_array() {
        None => verdict(document),
        Some(list) if list.is_empty() => "no event from outside is waited for".to_owned(),
        Some(list) => list.iter().map(verdict).collect::<Vec<_>>().join("\n"),
    }
}

fn verdict(document: &Value) -> String {
    let outcome = text(document, "outcome");
    let style = if outcome == "applied" { GOOD } else { BAD };
    let event = paint(STRONG, text(document, "event"));
    let refusal = &document["refusal"];
    if refusal.is_null() {
        let mut lines = vec![format!(
            "{event}: {}, {}",
            paint(style, outcome),
            way(document)
        )];
        lines.extend(items(&document["transitions"], transition));
        let effects = names(&document["effects"]);
        if !effects.is_empty() {
            lines.push(format!("  {} {effects}", paint(WEAK, "effects")));
        }
        return lines.join("\n");
    }
    let code = format!("[{}]", text(refusal, "code"));
    let mut lines = vec![format!(
        "{event}: {}{}: {}",
        paint(style, outcome),
        paint(STRONG, code),
        text(refusal, "message")
    )];
    lines.extend(items(&refusal["blockers"], |blocker| {
        format!(
            "  - {} {}",
            text(blocker, "message"),
            paint(WEAK, format!("({})", text(blocker, "where")))
        )
    }));
    lines.join("\n")
}

/// An entity's log.
pub(crate) fn log(document: &Value) -> String {
    let rows = document["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| {
            [
                text(row, "seq"),
                instant(row, "at"),
                text(row, "event"),
                format!("{} → {}", or_dash(text(row, "from")), text(row, "to")),
                actor(&row["actor"]),
                items(&row["effects"], |effect| text(effect, "name")).join(", "),
            ]
        });
    table(
        ["seq", "at", "event", "from → to", "actor", "effects"],
        rows.collect(),
    )
}

/// An entity's refused events.
pub(crate) fn refusals(document: &Value) -> String {
    let rows = document["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| {
            [
                instant(row, "at"),
                text(row, "event"),
                text(row, "outcome"),
                text(row, "state"),
                actor(&row["actor"]),
                items(&row["blockers"], |blocker| text(blocker, "message")).join("; "),
            ]
        });
    table(
        ["at", "event", "outcome", "state", "actor", "why"],
        rows.collect(),
    )
}

/// One transition that was taken.
pub(crate) fn transition(taken: &Value) -> String {
    let event = match text(taken, "event") {
        event if event.is_empty() => "always".to_owned(),
        event => event,
    };
    let targets = match names(&taken["targets"]) {
        targets if targets.is_empty() => "stays".to_owned(),
        targets => format!("→ {targets}"),
    };
    let guard = match taken["guard"].as_str() {
        Some(guard) => format!(" [{}]", clean(guard)),
        None => String::new(),
    };
    let source = or_dash(text(taken, "source"));
    format!(
        "  {} {event}{guard}: {source} {targets}",
        paint(WEAK, "transition")
    )
}

/// `pending → paid`, or `in paid` where nothing moved.
pub(crate) fn way(document: &Value) -> String {
    let (from, to) = (text(document, "from"), text(document, "to"));
    let arrow = paint(WEAK, "→");
    if from.is_empty() {
        format!("{arrow} {}", paint(STATE, to))
    } else if from == to {
        format!("stays in {}", paint(STATE, to))
    } else {
        format!("{} {arrow} {}", paint(STATE, from), paint(STATE, to))
    }
}

fn warnings(document: &Value) -> Vec<String> {
    items(&document["warnings"], |warning| {
        format!(
            "{}: {}",
            paint(DOUBTFUL, "warning"),
            clean(warning.as_str().unwrap_or_default())
        )
    })
}

fn or_dash(text: String) -> String {
    if text.is_empty() {
        "-".to_owned()
    } else {
        text
    }
}
