//! Failures for people: what is wrong, why, and what is allowed or to be done instead.

use serde_json::Value;

use super::diagnostics;
use super::style::{BAD, STRONG, WEAK, clean, paint};
use super::value::text;
use crate::exit::{Exit, Failure};

/// The failure as people read it.
pub(crate) fn draw(failure: &Failure) -> String {
    if let Some(drawn) = &failure.drawn {
        return diagnostics::draw(&drawn.0, &drawn.1);
    }
    let body = &failure.body;
    let mut lines = vec![headline(failure)];
    for problem in list(&body["problems"]) {
        lines.push(format!(
            "  - {}",
            clean(problem.as_str().unwrap_or_default())
        ));
    }
    lines.extend(list(&body["diagnostics"]).iter().map(diagnostic));
    lines.extend(
        list(&body["blockers"])
            .iter()
            .filter_map(|blocker| reason(body, blocker)),
    );
    if let Some(events) = body["accepted_events"]
        .as_array()
        .filter(|events| !events.is_empty())
    {
        let names: Vec<String> = events
            .iter()
            .map(|event| clean(event.as_str().unwrap_or_default()))
            .collect();
        lines.push(format!(
            "  {} {}",
            paint(WEAK, "accepted now:"),
            names.join(", ")
        ));
    }
    if let Some(help) = body["help"].as_str() {
        lines.push(format!("  {} {}", paint(STRONG, "help:"), clean(help)));
    }
    lines.join("\n")
}

fn headline(failure: &Failure) -> String {
    let body = &failure.body;
    let word = match (failure.exit, body["outcome"].as_str()) {
        (Exit::Done, Some(outcome)) => paint(STRONG, clean(outcome)),
        (_, Some(outcome)) => paint(BAD, clean(outcome)),
        (_, None) => paint(BAD, "error"),
    };
    let code = match body["code"].as_str() {
        Some(code) => format!("[{}]", clean(code)),
        None => String::new(),
    };
    let detail = match text(body, "detail") {
        detail if detail.is_empty() => text(body, "title"),
        detail => detail,
    };
    format!("{word}{}: {detail}", paint(STRONG, code))
}

/// A blocker that says more than the headline.
fn reason(body: &Value, blocker: &Value) -> Option<String> {
    if blocker["message"] == body["detail"] {
        return None;
    }
    let place = match text(blocker, "where") {
        place if place.is_empty() => String::new(),
        place => format!(" {}", paint(WEAK, format!("({place})"))),
    };
    Some(format!("  - {}{place}", text(blocker, "message")))
}

/// A problem of a chart that a server found.
fn diagnostic(listed: &Value) -> String {
    format!(
        "  - {}:{}: {} {}",
        listed["line"],
        listed["column"],
        text(listed, "code"),
        text(listed, "message")
    )
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
