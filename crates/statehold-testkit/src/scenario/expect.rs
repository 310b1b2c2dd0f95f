//! Reading what must hold after a step.

use statehold_core::source::{Item, NodeValue};
use statehold_core::{Outcome, Status};

use super::keys::{EXPECT, REQUEST};
use super::load::texts;
use super::{Expect, ExpectedEffect, ExpectedTimer, steps};

const OUTCOMES: &[(&str, Outcome)] = &[
    ("applied", Outcome::Applied),
    ("accepted", Outcome::Accepted),
    ("ignored", Outcome::Ignored),
    ("no_transition", Outcome::NoTransition),
    ("guard_failed", Outcome::GuardFailed),
    ("forbidden", Outcome::Forbidden),
    ("unknown_event", Outcome::UnknownEvent),
    ("unknown_entity", Outcome::UnknownEntity),
    ("invalid_input", Outcome::InvalidInput),
    ("guard_error", Outcome::GuardError),
    ("step_error", Outcome::StepError),
];

const STATUSES: &[(&str, Status)] = &[("active", Status::Active), ("done", Status::Done)];

/// The long form, or a state column alone.
pub(super) fn read(item: &Item<'_>) -> Option<Expect> {
    if let Some(state) = item.node.as_str() {
        return Some(Expect {
            state: Some((state.to_owned(), item.node.span.clone())),
            ..Expect::default()
        });
    }
    let map = item.map(EXPECT)?.checked();
    let text = |key: &str| {
        let item = map.optional(key)?;
        Some((item.text()?.to_owned(), item.node.span.clone()))
    };
    let names = |key: &str| {
        let item = map.optional(key)?;
        Some((texts(&item), item.node.span.clone()))
    };
    let outcome = map
        .optional("outcome")
        .and_then(|item| Some((item.choice(OUTCOMES)?, item.node.span.clone())));
    let status = map
        .optional("status")
        .and_then(|item| Some((item.choice(STATUSES)?, item.node.span.clone())));
    let context = map
        .optional("context")
        .and_then(|item| Some((steps::object(&item)?, item.node.span.clone())));
    let effects = map
        .optional("effects")
        .and_then(|item| Some((read_effects(&item)?, item.node.span.clone())));
    let timers = map
        .optional("timers")
        .and_then(|item| Some((read_timers(&item)?, item.node.span.clone())));
    let active = map
        .optional("in")
        .map(|item| read_active(&item))
        .unwrap_or_default();
    Some(Expect {
        outcome,
        state: text("state"),
        active,
        status,
        context,
        output: map
            .optional("output")
            .map(|item| (item.node.to_json(), item.node.span.clone())),
        effects,
        open: names("open"),
        timers,
        code: text("code"),
        reason: text("reason"),
        accepts: names("accepts"),
    })
}

fn read_active(item: &Item<'_>) -> Vec<(String, statehold_core::diagnostic::Span)> {
    let items = item.one_or_many();
    items
        .iter()
        .filter_map(|item| Some((item.text()?.to_owned(), item.node.span.clone())))
        .collect()
}

fn read_effects(item: &Item<'_>) -> Option<Vec<ExpectedEffect>> {
    item.list()?.iter().map(read_effect).collect()
}

/// `charge_card`, or `charge_card: { body: ... }`.
fn read_effect(item: &Item<'_>) -> Option<ExpectedEffect> {
    let plain = |name: &str| ExpectedEffect {
        name: name.to_owned(),
        method: None,
        destination: None,
        path: None,
        body: None,
        handler: None,
        input: None,
    };
    if !matches!(item.node.value, NodeValue::Map(_)) {
        return item.text().map(plain);
    }
    let mut entries = item.entries()?;
    let (key, item) = match entries.len() {
        1 => entries.pop()?,
        _ => {
            item.expected("the name of an effect, or one name with its request");
            return None;
        }
    };
    let map = item.map(REQUEST)?.checked();
    let text = |key: &str| {
        map.optional(key)
            .and_then(|item| item.text().map(str::to_owned))
    };
    Some(ExpectedEffect {
        method: text("method"),
        destination: text("destination"),
        path: text("path"),
        body: map.optional("body").map(|item| item.node.to_json()),
        handler: text("handler"),
        input: map.optional("input").map(|item| item.node.to_json()),
        ..plain(&key.text)
    })
}

/// A list of names, or names with due times.
fn read_timers(item: &Item<'_>) -> Option<Vec<ExpectedTimer>> {
    if matches!(item.node.value, NodeValue::Seq(_)) {
        let timer = |name| ExpectedTimer { name, due: None };
        return Some(texts(item).into_iter().map(timer).collect());
    }
    let entries = item.entries()?;
    entries
        .into_iter()
        .map(|(key, item)| {
            Some(ExpectedTimer {
                name: key.text.clone(),
                due: Some(steps::instant(&item)?),
            })
        })
        .collect()
}
