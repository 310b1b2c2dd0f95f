//! Comparing what came of a step with what was expected.

use serde_json::{Map, Value, json};
use statehold_core::diagnostic::Span;
use statehold_core::{EffectRequest, FrozenRequest, Outcome, Refusal, Snapshot, Status};

use super::{Failure, Happened, column, failure};
use crate::compare::first_difference;
use crate::scenario::{Expect, ExpectedEffect, ScenarioStep};
use crate::world::World;

/// Every expectation of the step that is not met.
pub(super) fn check(world: &World, step: &ScenarioStep, happened: &Happened) -> Vec<Failure> {
    let expect = &step.expect;
    let mut failures: Vec<Failure> = [
        outcome(world, step, happened),
        invariants(world, step, happened),
        code(expect, happened),
        reason(expect, happened),
        effects(expect, happened),
        open(world, expect),
        timers(world, expect),
    ]
    .into_iter()
    .flatten()
    .collect();
    // What the entity looks like says little once the event itself went another way.
    if failures.is_empty() {
        failures.extend(entity(world, expect, &step.span));
    }
    failures
}

/// The reasons of a refusal, a line each.
pub(super) fn reasons(refusal: &Refusal) -> Vec<String> {
    let line = |blocker: &statehold_core::Blocker| match blocker.place.as_str() {
        "" => format!("{}: {}", blocker.code, blocker.message),
        place => format!("{}: {} ({place})", blocker.code, blocker.message),
    };
    let mut lines: Vec<String> = refusal.blockers.iter().map(line).collect();
    if !refusal.accepted_events.is_empty() {
        lines.push(format!(
            "accepted here: {}",
            refusal.accepted_events.join(", ")
        ));
    }
    lines
}

fn outcome(world: &World, step: &ScenarioStep, happened: &Happened) -> Option<Failure> {
    let found = happened.outcome();
    let (expected, span) = match &step.expect.outcome {
        Some((expected, span)) => (*expected, span),
        // A refusal that is described further down is expected.
        None if step.expect.code.is_some() || step.expect.reason.is_some() => return None,
        None => (Outcome::Applied, &step.span),
    };
    if expected == found {
        return None;
    }
    let mut notes = match &happened.refusal {
        Some(refusal) => {
            let mut notes = vec![refusal.message.clone()];
            notes.extend(reasons(refusal));
            notes
        }
        None => happened
            .steps
            .iter()
            .map(|step| format!("moved from `{}` to `{}`", step.from, step.to))
            .collect(),
    };
    notes.push(format!("the entity is in `{}`", column(world)));
    Some(Failure {
        notes,
        ..unequal(
            span,
            "the event went another way",
            expected.name(),
            found.name(),
        )
    })
}

/// What the chart says must always hold, whatever the scenario expects.
fn invariants(world: &World, step: &ScenarioStep, happened: &Happened) -> Option<Failure> {
    let name = happened
        .steps
        .iter()
        .flat_map(|step| &step.violated)
        .next()?;
    Some(Failure {
        notes: vec![format!("the entity is in `{}`", column(world))],
        ..failure(
            &step.span,
            format!("invariant `{name}` does not hold after this step"),
        )
    })
}

fn code(expect: &Expect, happened: &Happened) -> Option<Failure> {
    let (expected, span) = expect.code.as_ref()?;
    let Some(refusal) = &happened.refusal else {
        return Some(failure(
            span,
            format!("expected a refusal with code {expected}, but nothing was refused"),
        ));
    };
    let mut codes = vec![refusal.code.id().to_owned()];
    codes.extend(refusal.blockers.iter().map(|blocker| blocker.code.clone()));
    if codes.contains(expected) {
        return None;
    }
    codes.dedup();
    Some(Failure {
        notes: reasons(refusal),
        ..unequal(
            span,
            "the event was refused for another reason",
            expected,
            codes.join(", "),
        )
    })
}

fn reason(expect: &Expect, happened: &Happened) -> Option<Failure> {
    let (expected, span) = expect.reason.as_ref()?;
    let Some(refusal) = &happened.refusal else {
        return Some(failure(
            span,
            format!("expected a refusal because `{expected}`, but nothing was refused"),
        ));
    };
    let blockers = refusal
        .blockers
        .iter()
        .map(|blocker| blocker.message.as_str());
    let mut messages = std::iter::once(refusal.message.as_str()).chain(blockers);
    if messages.any(|message| message.contains(expected.as_str())) {
        return None;
    }
    Some(Failure {
        notes: reasons(refusal),
        ..unequal(
            span,
            "the event was refused for another reason",
            expected,
            &refusal.message,
        )
    })
}

fn effects(expect: &Expect, happened: &Happened) -> Option<Failure> {
    let (expected, span) = expect.effects.as_ref()?;
    let found: Vec<&EffectRequest> = happened
        .steps
        .iter()
        .flat_map(|step| &step.effects)
        .collect();
    let names = |names: Vec<&str>| match names.as_slice() {
        [] => "none".to_owned(),
        names => names.join(", "),
    };
    let wanted: Vec<&str> = expected.iter().map(|effect| effect.name.as_str()).collect();
    let there: Vec<&str> = found.iter().map(|effect| effect.name.as_str()).collect();
    if wanted != there {
        return Some(unequal(
            span,
            "other effects were asked for",
            names(wanted),
            names(there),
        ));
    }
    (expected.iter().zip(found)).find_map(|(expected, found)| request(expected, found, span))
}

fn request(expected: &ExpectedEffect, found: &EffectRequest, span: &Span) -> Option<Failure> {
    let mut wanted = Map::new();
    let mut want = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            wanted.insert(key.to_owned(), Value::from(value.as_str()));
        }
    };
    want("method", &expected.method);
    want("destination", &expected.destination);
    want("path", &expected.path);
    want("handler", &expected.handler);
    if let Some(input) = &expected.input {
        wanted.insert("input".to_owned(), input.clone());
    }
    if let Some(body) = &expected.body {
        wanted.insert("body".to_owned(), body.clone());
    }
    let there = match &found.request {
        FrozenRequest::Http(request) => json!({
            "method": request.method,
            "destination": request.destination,
            "path": request.path,
            "body": request.body,
        }),
        FrozenRequest::Handler(request) => {
            json!({ "handler": request.handler, "input": request.input })
        }
    };
    let title = format!("the request of effect `{}` is another one", expected.name);
    difference(&Value::Object(wanted), &there, span, &title)
}

fn open(world: &World, expect: &Expect) -> Option<Failure> {
    let (expected, span) = expect.open.as_ref()?;
    let found: Vec<&str> = world
        .effects()
        .iter()
        .map(|open| open.request.name.as_str())
        .collect();
    (expected != &found).then(|| {
        unequal(
            span,
            "other effects wait for an answer",
            list(expected),
            list(&found),
        )
    })
}

fn timers(world: &World, expect: &Expect) -> Option<Failure> {
    let (expected, span) = expect.timers.as_ref()?;
    let mut wanted: Vec<(&str, Option<String>)> = expected
        .iter()
        .map(|timer| (timer.name.as_str(), timer.due.map(|due| due.to_string())))
        .collect();
    let is_dated = expected.iter().any(|timer| timer.due.is_some());
    let due_of = |due: jiff::Timestamp| is_dated.then(|| due.to_string());
    let mut found: Vec<(&str, Option<String>)> = world
        .timers()
        .iter()
        .map(|timer| (timer.name.as_str(), due_of(timer.due)))
        .collect();
    wanted.sort();
    found.sort();
    let words = |timers: &[(&str, Option<String>)]| {
        let word = |(name, due): &(&str, Option<String>)| match due {
            Some(due) => format!("{name} at {due}"),
            None => (*name).to_owned(),
        };
        list(&timers.iter().map(word).collect::<Vec<_>>())
    };
    (wanted != found).then(|| unequal(span, "other timers run", words(&wanted), words(&found)))
}

fn list<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names
            .iter()
            .map(AsRef::as_ref)
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// What the entity looks like afterwards.
fn entity(world: &World, expect: &Expect, step: &Span) -> Vec<Failure> {
    let Some(snapshot) = world.snapshot() else {
        let is_asked =
            expect.state.is_some() || expect.context.is_some() || !expect.active.is_empty();
        return match is_asked {
            true => vec![failure(
                step,
                "there is no entity yet: create it, or begin with `given`",
            )],
            false => Vec::new(),
        };
    };
    let mut failures: Vec<Failure> = [
        state(world, expect),
        status(snapshot, expect),
        context(snapshot, expect),
        output(snapshot, expect),
        accepts(world, snapshot, expect),
    ]
    .into_iter()
    .flatten()
    .collect();
    failures.extend(active(world, snapshot, expect));
    failures
}

fn state(world: &World, expect: &Expect) -> Option<Failure> {
    let (expected, span) = expect.state.as_ref()?;
    let found = column(world);
    (*expected != found).then(|| unequal(span, "the entity is in another state", expected, found))
}

fn active(world: &World, snapshot: &Snapshot, expect: &Expect) -> Vec<Failure> {
    let machine = world.machine();
    let problem = |(path, span): &(String, Span)| match machine.by_path.get(path) {
        Some(id) if snapshot.configuration.contains(*id) => None,
        Some(_) => Some(unequal(
            span,
            "the state is not active",
            path,
            column(world),
        )),
        None => Some(failure(span, format!("the chart has no state `{path}`"))),
    };
    expect.active.iter().filter_map(problem).collect()
}

fn status(snapshot: &Snapshot, expect: &Expect) -> Option<Failure> {
    let (expected, span) = expect.status.as_ref()?;
    let word = |status: Status| match status {
        Status::Active => "active",
        Status::Done => "done",
    };
    (*expected != snapshot.status).then(|| {
        unequal(
            span,
            "the status is another one",
            word(*expected),
            word(snapshot.status),
        )
    })
}

fn context(snapshot: &Snapshot, expect: &Expect) -> Option<Failure> {
    let (expected, span) = expect.context.as_ref()?;
    let found = Value::Object((*snapshot.context).clone());
    difference(
        &Value::Object(expected.clone()),
        &found,
        span,
        "the context is another one",
    )
}

fn output(snapshot: &Snapshot, expect: &Expect) -> Option<Failure> {
    let (expected, span) = expect.output.as_ref()?;
    let found = snapshot.memory.output.clone().unwrap_or(Value::Null);
    difference(expected, &found, span, "the output is another one")
}

fn accepts(world: &World, snapshot: &Snapshot, expect: &Expect) -> Option<Failure> {
    let (expected, span) = expect.accepts.as_ref()?;
    let mut wanted = expected.clone();
    let mut found = world.machine().accepted_events(snapshot);
    wanted.sort();
    found.sort();
    (wanted != found).then(|| {
        unequal(
            span,
            "other events are accepted",
            list(&wanted),
            list(&found),
        )
    })
}

fn difference(expected: &Value, found: &Value, span: &Span, title: &str) -> Option<Failure> {
    let difference = first_difference(expected, Some(found))?;
    let there = difference
        .found
        .map_or_else(|| "nothing".to_owned(), |value| value.to_string());
    let title = format!("{title} at `{}`", difference.pointer);
    Some(unequal(span, title, difference.expected.to_string(), there))
}

fn unequal(
    span: &Span,
    message: impl Into<String>,
    expected: impl Into<String>,
    found: impl Into<String>,
) -> Failure {
    Failure {
        expected: Some(expected.into()),
        found: Some(found.into()),
        ..failure(span, message)
    }
}
