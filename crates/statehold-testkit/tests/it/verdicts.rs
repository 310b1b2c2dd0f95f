//! A failed expectation says what was there instead, and why.

use statehold_core::Machine;
use statehold_testkit::{Failure, ScenarioFile, play};

const CHART: &str = "
statehold: 1
machine: door
version: 1
context: { opened: { type: integer, default: 0 } }
initial: shut
states:
  shut:
    on: { open: { target: wide, guard: { if: ctx.opened < 2, reason: The hinges are worn }, assign: { opened: ctx.opened + 1 } } }
  wide:
    entry: [ { effect: ring } ]
    on: { close: shut }
    after: { 10m: shut }
effects:
  ring: { http: { method: POST, url: '${env.BELL}/ring', body: { times: '${ctx.opened}' } } }
";

/// The failure of the only scenario, whose steps these are.
fn failure(steps: &str) -> Failure {
    let text = format!("test: 1\nscenarios:\n  - name: a\n    create: {{}}\n    steps: {steps}\n");
    let file = ScenarioFile::load("door.test.yaml", &text)
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    let machine = Machine::from_yaml(CHART).expect("a chart");
    let mut verdict = play(&machine, &file.scenarios[0]);
    assert_eq!(verdict.failures.len(), 1, "{verdict:?}");
    verdict.failures.remove(0)
}

fn found(steps: &str) -> (Option<String>, Option<String>) {
    let failure = failure(steps);
    (failure.expected, failure.found)
}

fn some(expected: &str, found: &str) -> (Option<String>, Option<String>) {
    (Some(expected.to_owned()), Some(found.to_owned()))
}

#[test]
fn a_wrong_state_is_shown_beside_the_expected_one() {
    assert_eq!(
        found("[ { fire: open, expect: shut } ]"),
        some("shut", "wide")
    );
    assert_eq!(
        found("[ { fire: open, expect: { in: shut } } ]"),
        some("shut", "wide")
    );
    assert_eq!(
        found("[ { advance: 1h, expect: { status: done } } ]"),
        some("done", "active")
    );
}

#[test]
fn an_unexpected_refusal_gives_its_reasons() {
    let failure = failure("[ { fire: open }, { fire: open } ]");
    assert_eq!(
        (failure.expected.as_deref(), failure.found.as_deref()),
        (Some("applied"), Some("no_transition"))
    );
    assert!(
        failure
            .notes
            .iter()
            .any(|note| note == "accepted here: close"),
        "{failure:?}"
    );
    let steps = "[ { fire: open }, { fire: close }, { fire: open }, { fire: close }, { fire: open, expect: { reason: hinges are oiled } } ]";
    let failure = self::failure(steps);
    assert!(
        failure
            .notes
            .iter()
            .any(|note| note.contains("The hinges are worn")),
        "{failure:?}"
    );
}

#[test]
fn a_refusal_that_was_expected_must_happen() {
    assert_eq!(
        found("[ { fire: open, expect: { outcome: guard_failed } } ]"),
        some("guard_failed", "applied")
    );
}

#[test]
fn effects_are_compared_by_name_order_and_request() {
    assert_eq!(
        found("[ { fire: open, expect: { effects: [] } } ]"),
        some("none", "ring")
    );
    assert_eq!(
        found("[ { fire: open, expect: { effects: [ { ring: { body: { times: 2 } } } ] } } ]"),
        some("2", "1")
    );
    assert_eq!(
        found("[ { fire: open, expect: { open: [] } } ]"),
        some("none", "ring")
    );
}

#[test]
fn timers_are_compared_by_name_and_due_time() {
    assert_eq!(
        found("[ { fire: open, expect: { timers: [] } } ]"),
        some("none", "10m")
    );
    let failure = failure("[ { fire: open, expect: { timers: { 10m: 2026-01-01T00:11:00Z } } } ]");
    assert_eq!(
        failure.found.as_deref(),
        Some("10m at 2026-01-01T00:10:00Z")
    );
}

#[test]
fn a_context_difference_names_the_field() {
    let failure = failure("[ { fire: open, expect: { context: { opened: 3 } } } ]");
    assert!(failure.message.contains("`/opened`"), "{failure:?}");
    assert_eq!(
        (failure.expected.as_deref(), failure.found.as_deref()),
        (Some("3"), Some("1"))
    );
}

#[test]
fn an_effect_that_nobody_asked_for_cannot_be_answered() {
    let failure = failure("[ { effect: ring, reply: { status: 200 } } ]");
    assert!(failure.message.contains("was not asked for"), "{failure:?}");
}

#[test]
fn timers_fire_in_order_and_each_at_its_own_instant() {
    let steps = "[ { fire: open }, { advance: 9m, expect: wide }, { advance: 2m, expect: { state: shut, timers: [10m] } } ]";
    assert_eq!(failure(steps).expected.as_deref(), Some("10m"));
}
