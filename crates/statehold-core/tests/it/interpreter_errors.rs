//! Errors within a step: what fails leaves nothing behind, or is an event, as the chart says.

use serde_json::json;
use statehold_core::{Event, Outcome, codes};

use crate::interpreter_support::{World, check, machine};

#[test]
fn a_guard_that_cannot_be_evaluated_ends_the_step() {
    check(
        "
initial: a
context: { n?: integer }
states: { a: { on: { e: [ { target: b, guard: ctx.n > 1 }, { target: c } ] } }, b: {}, c: {} }
",
        "e",
        "
        create -> a
        e: guard_error guard `ctx.n > 1` could not be evaluated: `ctx.n` is absent; test it first with has(ctx.n), or write ctx.?n.orValue(...) (in `ctx.n > 1`)
          SH0210 at a on e: guard `ctx.n > 1` could not be evaluated: `ctx.n` is absent; test it first with has(ctx.n), or write ctx.?n.orValue(...) (in `ctx.n > 1`)
        ",
    );
}

/// A text or a number is no answer: nobody should have to know what counts as true.
#[test]
fn a_guard_that_is_neither_true_nor_false_ends_the_step() {
    let machine = machine(
        "
initial: a
context: { values: list }
states: { a: { on: { e: [ { target: b, guard: \"ctx.values[0]\" }, { target: c } ] } }, b: {}, c: {} }
",
    );
    for (value, expected) in [
        (json!(true), Ok("b".to_owned())),
        (json!(false), Ok("c".to_owned())),
        (json!(1), Err(codes::GUARD_ERROR)),
        (json!("true"), Err(codes::GUARD_ERROR)),
        (json!(null), Err(codes::GUARD_ERROR)),
    ] {
        let world = World::create(&machine, json!({ "values": [value] })).unwrap();
        let step = machine.step(&world.snapshot, &Event::new("e"), world.now);
        let found = step.map(|step| step.to).map_err(|refusal| refusal.code);
        assert_eq!(found, expected, "{value}");
    }
}

/// A failure must mean the same on a plain edge, on a branch with a guard, on an entry and on an eventless edge.
#[test]
fn an_action_that_fails_undoes_the_step_on_every_kind_of_edge() {
    let machine = machine(
        "
initial: a
context: { n?: integer, seen: { type: integer, default: 0 } }
states:
  a:
    on:
      plain: { target: b, assign: { seen: ctx.n + 1 } }
      branch: [ { target: b, guard: ctx.seen == 9 }, { target: b, assign: { seen: ctx.n + 1 } } ]
      inside: { actions: [ { assign: { seen: 7 } }, { assign: { seen: ctx.n + 1 } } ] }
      entry: c
      later: d
  b: {}
  c: { entry: [ { assign: { seen: ctx.n + 1 } } ] }
  d: { always: { target: b, assign: { seen: ctx.n + 1 } } }
",
    );
    let world = World::create(&machine, json!({})).unwrap();
    for event in ["plain", "branch", "inside", "entry", "later"] {
        let refusal = machine
            .step(&world.snapshot, &Event::new(event), world.now)
            .unwrap_err();
        assert_eq!(
            (refusal.outcome, refusal.code),
            (Outcome::StepError, codes::STEP_ERROR),
            "{event}"
        );
    }
}

#[test]
fn under_raise_a_failing_guard_counts_as_false_and_is_an_event() {
    check(
        "
initial: a
onExpressionError: raise
context: { n?: integer }
on: { error.execution: /failed }
states: { a: { on: { e: { target: b, guard: ctx.n > 1 } } }, b: {}, failed: {} }
",
        "e",
        "
        create -> a
        e -> failed
          (root) on error.execution -> failed
        ",
    );
}

#[test]
fn under_raise_an_error_skips_the_rest_of_its_block_only() {
    check(
        "
initial: a
onExpressionError: raise
context: { n?: integer, at: { type: list, default: [] } }
on: { error.execution: { assign: { at: \"ctx.at + ['error']\" } } }
states:
  a:
    exit: [ { assign: { at: \"ctx.at + ['-a']\" } } ]
    on: { e: { target: b, actions: [ { assign: { at: \"ctx.at + ['1']\" } }, { assign: { n: ctx.n + 1 } }, { assign: { at: \"ctx.at + ['2']\" } } ] } }
  b: { entry: [ { assign: { at: \"ctx.at + ['+b']\" } } ] }
",
        "e",
        r#"
        create -> a
          ctx.at = []
        e -> b
          a on e -> b
          (root) on error.execution -> (stays)
          ctx.at = ["-a","1","+b","error"]
        "#,
    );
}

#[test]
fn under_raise_an_error_that_nothing_takes_leaves_a_refusal() {
    check(
        "
initial: a
onExpressionError: raise
context: { n?: integer }
states: { a: { on: { e: { target: b, guard: ctx.n > 1 } } }, b: {} }
",
        "e",
        "
        create -> a
        e: no_transition `e` is not accepted in state `a`
        ",
    );
}

#[test]
fn only_guards_of_the_event_itself_are_named_in_its_refusal() {
    check(
        "
initial: a
onExpressionError: raise
context: { n?: integer }
on: { error.execution: { target: /b, guard: \"false\" } }
states: { a: { on: { e: { target: b, guard: ctx.n > 1 } } }, b: {} }
",
        "e",
        "
        create -> a
        e: no_transition `e` is not accepted in state `a`
        ",
    );
}

#[test]
fn a_guard_that_fails_for_ever_is_bounded() {
    let machine = machine(
        "
initial: a
onExpressionError: raise
maxMicrosteps: 50
context: { n?: integer }
states: { a: { on: { go: b } }, b: { always: { target: c, guard: ctx.n > 1 } }, c: {} }
",
    );
    let world = World::create(&machine, json!({})).unwrap();
    let refusal = machine
        .step(&world.snapshot, &Event::new("go"), world.now)
        .unwrap_err();
    assert_eq!(
        (refusal.outcome, refusal.code),
        (Outcome::StepError, codes::MICROSTEP_LIMIT)
    );
}

/// Eventless transitions whose guards stay true would spin for ever; one that counts comes to rest.
#[test]
fn eventless_loops_settle_or_are_undone() {
    check(
        "
initial: a
context: { n: { type: integer, default: 0 } }
states: { a: { on: { go: b } }, b: { always: { target: b, reenter: true, guard: ctx.n < 3, assign: { n: ctx.n + 1 } } } }
",
        "go",
        "
        create -> a
          ctx.n = 0
        go -> b
          a on go -> b
          b on always -> b
          b on always -> b
          b on always -> b
          ctx.n = 3
        ",
    );
    check(
        "
initial: a
maxMicrosteps: 4
context: { on: { type: boolean, default: true }, n: { type: integer, default: 0 } }
states:
  a: { on: { go: b } }
  b: { always: { target: c, guard: ctx.on, assign: { n: ctx.n + 1 } } }
  c: { always: { target: b, guard: ctx.on } }
",
        "go
         go",
        "
        create -> a
          ctx.on = true
          ctx.n = 0
        go: step_error more than 4 microsteps; the last states entered were b, c, b, c
          SH0217 at c: more than 4 microsteps; the last states entered were b, c, b, c
        go: step_error more than 4 microsteps; the last states entered were b, c, b, c
          SH0217 at c: more than 4 microsteps; the last states entered were b, c, b, c
        ",
    );
}

#[test]
fn a_creation_that_does_not_settle_creates_nothing() {
    let machine = machine(
        "
initial: a
context: { on: { type: boolean, default: true } }
states: { a: { always: { target: b, guard: ctx.on } }, b: { always: { target: a, guard: ctx.on } } }
",
    );
    let refusal = World::create(&machine, json!({})).map(|_| ()).unwrap_err();
    assert_eq!(
        (refusal.outcome, refusal.code),
        (Outcome::StepError, codes::MICROSTEP_LIMIT)
    );
    assert!(World::create(&machine, json!({ "on": false })).is_ok());
}

#[test]
fn events_that_keep_raising_each_other_are_bounded() {
    let machine = machine(
        "
initial: a
states: { a: { on: { go: { actions: [ { raise: go2 }, { raise: go2 } ] }, go2: { actions: [ { raise: go2 }, { raise: go2 } ] } } } }
",
    );
    let world = World::create(&machine, json!({})).unwrap();
    let refusal = machine
        .step(&world.snapshot, &Event::new("go"), world.now)
        .unwrap_err();
    assert_eq!(refusal.code, codes::MICROSTEP_LIMIT);
}

#[test]
fn a_context_that_would_not_fit_its_schema_undoes_the_step() {
    let machine = machine(
        "
initial: a
context: { n: { type: integer, maximum: 3, default: 3 }, any?: list }
states: { a: { on: { e: { target: b, assign: { n: ctx.n + 1 } }, through: { target: b, actions: [ { assign: { n: 9 - 5 } }, { assign: { n: 1 } } ] } } }, b: {} }
",
    );
    let world = World::create(&machine, json!({})).unwrap();
    let refusal = machine
        .step(&world.snapshot, &Event::new("e"), world.now)
        .unwrap_err();
    assert_eq!(
        (refusal.outcome, refusal.code),
        (Outcome::StepError, codes::CONTEXT_INVALID)
    );
    assert_eq!(refusal.blockers[0].place, "/n");
    // Only the end of the step counts.
    assert!(
        machine
            .step(&world.snapshot, &Event::new("through"), world.now)
            .is_ok()
    );
    let refusal = World::create(&machine, json!({ "n": 4 }))
        .map(|_| ())
        .unwrap_err();
    assert_eq!(refusal.outcome, Outcome::InvalidInput);
    let refusal = World::create(&machine, json!({ "stranger": 4 }))
        .map(|_| ())
        .unwrap_err();
    assert_eq!(refusal.outcome, Outcome::InvalidInput);
}
