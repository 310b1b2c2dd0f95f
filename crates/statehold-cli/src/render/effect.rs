//! Effects, their attempts, and what operators did to them.

use serde_json::Value;

use super::style::{BAD, GOOD, STRONG, WEAK, paint};
use super::table::table;
use super::value::{actor, block, compact, instant, items, text};

/// A page of effects.
pub(crate) fn effects(document: &Value) -> String {
    let rows = document["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|effect| {
            [
                text(effect, "id"),
                text(effect, "name"),
                text(effect, "status"),
                text(effect, "attempts"),
                format!("{}/{}", text(effect, "machine"), text(effect, "entity")),
                instant(effect, "due"),
                text(effect, "last_error"),
            ]
        });
    table(
        [
            "id",
            "name",
            "status",
            "attempts",
            "entity",
            "due",
            "last error",
        ],
        rows.collect(),
    )
}

/// One effect with its attempts.
pub(crate) fn details(document: &Value) -> String {
    let lines = [
        ("status", status(document)),
        (
            "entity",
            format!(
                "{} {} (log {})",
                text(document, "machine"),
                text(document, "entity"),
                text(document, "seq")
            ),
        ),
        ("key", text(document, "key")),
        ("request", request(&document["request"])),
        ("body", body(&document["request"])),
        ("attempts", text(document, "attempts")),
        ("generation", generation(document)),
        ("last error", text(document, "last_error")),
        ("created", instant(document, "created_at")),
        ("due", instant(document, "due")),
        ("settled", instant(document, "settled_at")),
    ];
    let heading = format!("{} {}", text(document, "name"), text(document, "id"));
    let mut parts = vec![block(&heading, &lines)];
    let tries = items(&document["tries"], attempt);
    if !tries.is_empty() {
        parts.push(paint(STRONG, "attempts"));
        parts.extend(tries);
    }
    let operators = items(&document["operators"], operator);
    if !operators.is_empty() {
        parts.push(paint(STRONG, "operators"));
        parts.extend(operators);
    }
    parts.join("\n")
}

/// Dead letters that were retried or discarded, one line each.
pub(crate) fn redriven(document: &Value) -> String {
    let lines = items(&document["items"], |effect| {
        format!(
            "{}: {} {}",
            status(effect),
            text(effect, "name"),
            text(effect, "id")
        )
    });
    lines.join("\n")
}

/// `POST ${env.PAYMENTS}/charges`
pub(crate) fn request(request: &Value) -> String {
    if let Some(handler) = request["handler"].as_str() {
        return format!("handler {handler}");
    }
    format!(
        "{} ${{env.{}}}{}",
        text(request, "method"),
        text(request, "destination"),
        text(request, "path")
    )
}

fn body(request: &Value) -> String {
    request.get("body").map(compact).unwrap_or_default()
}

fn status(document: &Value) -> String {
    let name = text(document, "status");
    match name.as_str() {
        "ok" => paint(GOOD, name),
        "dead" | "failed" => paint(BAD, name),
        _ => name,
    }
}

fn generation(document: &Value) -> String {
    match document["generation"].as_u64() {
        None | Some(0) => String::new(),
        Some(generation) => generation.to_string(),
    }
}

fn attempt(attempt: &Value) -> String {
    let http = match attempt["http_status"].as_u64() {
        Some(status) => format!(" {status}"),
        None => String::new(),
    };
    let next = match attempt.get("next_due") {
        Some(_) => paint(WEAK, format!(", next {}", instant(attempt, "next_due"))),
        None => String::new(),
    };
    format!(
        "  {} {} {}{http}  {}{next}",
        text(attempt, "n"),
        instant(attempt, "started_at"),
        text(attempt, "outcome"),
        text(attempt, "detail"),
    )
}

fn operator(act: &Value) -> String {
    format!(
        "  {} {} by {}: {}",
        instant(act, "at"),
        text(act, "verb"),
        actor(&act["actor"]),
        text(act, "reason")
    )
}
