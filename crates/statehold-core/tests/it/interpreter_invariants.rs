//! Invariants: what always holds, or the step does not happen, or is told.

use jiff::Timestamp;
use serde_json::json;
use statehold_core::{Event, Machine, Outcome, codes};

use crate::interpreter_support::machine;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

const CHART: &str = "
context: { paid: { type: boolean, default: false }, n: { type: integer, default: 0 } }
guards: { is_paid_or_small: ctx.paid || ctx.n >= 0 }
invariants:
  small: ctx.n < 3
  paid_before_shipped: { check: \"!in_state('shipped') || ctx.paid\", enforce: true, reason: an order is paid before it leaves }
  known: { check: is_paid_or_small }
initial: open
states:
  open:
    on:
      pay: { assign: { paid: true } }
      ship: shipped
      add: { assign: { n: ctx.n + 1 } }
      there_and_back: [ { target: through } ]
  through: { entry: [ { assign: { paid: false } } ], always: { target: open, assign: { paid: true } } }
  shipped: {}
";

#[test]
fn a_step_that_would_break_an_enforced_invariant_changes_nothing() {
    let machine = machine(CHART);
    let open = machine.start(json!({}), NOW).unwrap().snapshot;
    let before = open.clone();
    let refusal = machine.step(&open, &Event::new("ship"), NOW).unwrap_err();
    assert_eq!(refusal.outcome, Outcome::StepError);
    assert_eq!(refusal.code, codes::INVARIANT_BROKEN);
    assert_eq!(
        refusal.message,
        "invariant `paid_before_shipped` would not hold: an order is paid before it leaves"
    );
    assert_eq!(refusal.blockers[0].place, "paid_before_shipped");
    assert_eq!(open, before);
    let paid = machine.step(&open, &Event::new("pay"), NOW).unwrap();
    assert!(
        machine
            .step(&paid.snapshot, &Event::new("ship"), NOW)
            .is_ok()
    );
}

#[test]
fn a_broken_invariant_that_is_not_enforced_is_told_with_every_step() {
    let machine = machine(CHART);
    let mut now = machine.start(json!({}), NOW).unwrap().snapshot;
    for expected in [&[][..], &[], &["small"], &["small"]] {
        let step = machine.step(&now, &Event::new("add"), NOW).unwrap();
        assert_eq!(step.violated, expected);
        now = step.snapshot;
    }
}

/// What holds between two transitions of one step is nobody's business.
#[test]
fn invariants_are_checked_when_the_step_is_over() {
    let machine = machine(
        "
context: { n: { type: integer, default: 0 } }
invariants: { zero: { check: ctx.n == 0, enforce: true } }
initial: a
states:
  a: { on: { go: { target: b, assign: { n: ctx.n + 1 } } } }
  b: { always: { target: c, assign: { n: ctx.n - 1 } } }
  c: {}
",
    );
    let a = machine.start(json!({}), NOW).unwrap().snapshot;
    assert_eq!(machine.step(&a, &Event::new("go"), NOW).unwrap().to, "c");
    let refusal = machine.start(json!({ "n": 1 }), NOW).unwrap_err();
    assert_eq!(refusal.code, codes::INVARIANT_BROKEN);
}

#[test]
fn an_invariant_that_cannot_be_evaluated_does_not_hold() {
    let chart = |enforce: bool| {
        machine(&format!(
            "
onExpressionError: raise
context: {{ n: {{ type: integer, default: 1 }} }}
invariants: {{ whole: {{ check: 6 / ctx.n > 0, enforce: {enforce} }} }}
initial: a
states: {{ a: {{ on: {{ zero: {{ assign: {{ n: 0 }} }} }} }} }}
"
        ))
    };
    let zero = |machine: &Machine| {
        let a = machine.start(json!({}), NOW).unwrap().snapshot;
        machine.step(&a, &Event::new("zero"), NOW)
    };
    let refusal = zero(&chart(true)).unwrap_err();
    assert_eq!(refusal.code, codes::INVARIANT_BROKEN);
    assert!(
        refusal.message.contains("could not be evaluated"),
        "{refusal}"
    );
    assert_eq!(zero(&chart(false)).unwrap().violated, ["whole"]);
}
