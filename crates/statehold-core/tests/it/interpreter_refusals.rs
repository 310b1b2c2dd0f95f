//! Why an event is not taken: unknown, refused by guards, not accepted here, ignored; and what is accepted instead.

use serde_json::json;
use statehold_core::{Actor, Event, Outcome, codes};

use crate::interpreter_support::{World, check, machine};

/// What the chart says to ignore is no fault and no transition.
#[test]
fn an_event_that_is_to_be_ignored_is_no_error() {
    check(
        "
initial: a
unhandled: reject
events: { ping: { unhandled: ignore } }
states: { a: { on: { go: b } }, b: { on: { ping: a } } }
",
        "ping
         pong",
        "
        create -> a
        ping: ignored `ping` is ignored in state `a`
        pong: unknown_event machine `m` knows no event `pong`
        ",
    );
}

/// An event whose guards all refuse must not vanish: the caller reads every reason.
#[test]
fn every_guard_that_refused_is_named() {
    check(
        "
initial: a
context: { x: { type: integer, default: 3 } }
guards: { is_two: { if: ctx.x == 2, reason: The number is not two, code: NOT_TWO } }
states:
  a: { on: { e: [ { target: b, guard: ctx.x == 1 }, { target: c, guard: is_two } ] } }
  b: {}
  c: {}
",
        "e",
        "
        create -> a
          ctx.x = 3
        e: guard_failed `e` is refused in state `a`
          SH0202 at a on e: guard `ctx.x == 1` is false
          NOT_TWO at a on e: The number is not two
        ",
    );
}

/// Nothing to take it, and a guard against it, are different answers.
#[test]
fn no_edge_and_a_guard_that_refuses_are_told_apart() {
    let machine = machine(
        "
initial: new
states:
  new: { on: { init: { target: ready, guard: event.input.ok } } }
  ready: { on: { stop: stopped } }
  stopped: {}
events: { init: { input: { ok: boolean } } }
",
    );
    let world = World::create(&machine, json!({})).unwrap();
    let stop = machine
        .step(&world.snapshot, &Event::new("stop"), world.now)
        .unwrap_err();
    assert_eq!(
        (stop.outcome, stop.accepted_events.as_slice()),
        (Outcome::NoTransition, &["init".to_owned()][..])
    );
    assert!(stop.blockers.is_empty());
    let init = Event::new("init").input(json!({ "ok": false }));
    let init = machine.step(&world.snapshot, &init, world.now).unwrap_err();
    assert_eq!(
        (init.outcome, init.blockers.len()),
        (Outcome::GuardFailed, 1)
    );
}

/// Guards that all refuse are a refusal; of several that hold the first counts.
#[test]
fn of_several_true_guards_the_first_counts_and_none_is_no_ambiguity() {
    let chart = "
initial: a
context: { i: integer }
states:
  a: { on: { x: [ { target: b, guard: ctx.i >= 2 }, { target: c, guard: ctx.i >= 1 } ] } }
  b: {}
  c: {}
";
    for (i, end) in [(1, "c"), (2, "b")] {
        let create = format!("create {{\"i\": {i}}}");
        check(
            chart,
            &format!("{create}\nx"),
            &format!("{create} -> a\n  ctx.i = {i}\nx -> {end}\n  a on x -> {end}\n")
                .replace(&create, "create"),
        );
    }
    check(
        chart,
        "create {\"i\": 0}
         x",
        "
        create -> a
          ctx.i = 0
        x: guard_failed `x` is refused in state `a`
          SH0202 at a on x: guard `ctx.i >= 2` is false
          SH0202 at a on x: guard `ctx.i >= 1` is false
        ",
    );
}

/// Reasons must not leak from one entity to the next through the shared machine.
#[test]
fn what_one_entity_was_refused_for_does_not_show_at_another() {
    let machine = machine(
        "
initial: a
context: { ok: boolean }
states: { a: { on: { e: { target: b, guard: ctx.ok } } }, b: {} }
",
    );
    let bad = World::create(&machine, json!({ "ok": false })).unwrap();
    let good = World::create(&machine, json!({ "ok": true })).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let refusal = machine
                        .step(&bad.snapshot, &Event::new("e"), bad.now)
                        .unwrap_err();
                    assert_eq!(refusal.blockers.len(), 1);
                    let step = machine
                        .step(&good.snapshot, &Event::new("e"), good.now)
                        .unwrap();
                    assert_eq!(step.to, "b");
                }
            });
        }
    });
}

/// What would be taken is the first candidate whose guard holds, not the first candidate.
#[test]
fn a_false_guard_leads_to_the_next_candidate() {
    check(
        "
initial: sleeping
context: { can_run: { type: boolean, default: false } }
states:
  sleeping: { on: { start: [ { target: running, guard: ctx.can_run }, { target: dancing } ] } }
  running: {}
  dancing: {}
",
        "start",
        "
        create -> sleeping
          ctx.can_run = false
        start -> dancing
          sleeping on start -> dancing
        ",
    );
}

/// A wildcard is no state to be stored.
#[test]
fn a_wildcard_without_target_leaves_everything_as_it_is() {
    check(
        "
initial: a
events: { touch: {} }
states: { a: { on: { \"*\": {} }, after: { 1s: b } }, b: {} }
",
        "touch
         +1s",
        "
        create -> a
          timer a#1 1s at 1s
        touch -> a
          a on touch -> (stays)
        timer.a.1s at 1s -> b
          a on timer.a.1s -> b
          left a#1
        ",
    );
}

/// A catch-all must not swallow timers and completions.
#[test]
fn wildcards_take_neither_timers_nor_done_events() {
    check(
        "
initial: w
on: { \"*\": /unexpected }
events: { poke: {} }
states:
  w: { after: { 1s: c } }
  c: { initial: f, states: { f: { type: final } }, onDone: next }
  next: {}
  unexpected: {}
",
        "+1s
         poke",
        "
        create -> w
          timer w#1 1s at 1s
        timer.w.1s at 1s -> next
          w on timer.w.1s -> c
          c on done.state.c -> next
          left w#1
        poke -> unexpected
          (root) on poke -> unexpected
        ",
    );
}

#[test]
fn an_exact_name_comes_before_a_longer_prefix_and_that_before_a_shorter_one() {
    let chart = "
initial: a
states:
  a: { on: { \"*\": rest, pay.*: short, pay.card.*: long, pay.card.visa: exact } }
  rest: {}
  short: {}
  long: {}
  exact: {}
events: { other: {}, payment: {} }
";
    for (event, end) in [
        ("pay.card.visa", "exact"),
        ("pay.card.amex", "long"),
        ("pay.card", "long"),
        ("pay.cash", "short"),
        ("payment", "rest"),
        ("other", "rest"),
    ] {
        check(
            chart,
            event,
            &format!("create -> a\n{event} -> {end}\n  a on {event} -> {end}\n"),
        );
    }
}

/// A refused event must leave the entity whole, so that the next valid one works.
#[test]
fn a_refused_event_leaves_the_entity_where_it_was() {
    check(
        "
initial: a
states: { a: { on: { e: { target: b, guard: \"false\" }, f: b } }, b: {} }
",
        "e
         e
         f",
        "
        create -> a
        e: guard_failed `e` is refused in state `a`
          SH0202 at a on e: guard `false` is false
        e: guard_failed `e` is refused in state `a`
          SH0202 at a on e: guard `false` is false
        f -> b
          a on f -> b
        ",
    );
}

#[test]
fn accepted_events_are_those_of_the_active_states_inner_ones_first() {
    let machine = machine(
        "
initial: p
on: { abort: /gone, e: /gone }
effects: { x: { http: { method: POST, url: \"${env.X}/\" } } }
states:
  p:
    type: parallel
    states:
      l: { initial: a, states: { a: { on: { e: b, pay.*: b }, after: { 1s: b }, invoke: { effect: x, onDone: b } }, b: {} } }
      r: { initial: c, states: { c: { on: { e: d } }, d: { on: { f: c } } } }
  gone: {}
",
    );
    let mut world = World::create(&machine, json!({})).unwrap();
    assert_eq!(
        machine.accepted_events(&world.snapshot),
        ["e", "pay.*", "abort"]
    );
    world.offer("e", &Event::new("e"));
    assert_eq!(
        machine.accepted_events(&world.snapshot),
        ["f", "abort", "e"]
    );
    let refusal = machine
        .step(&world.snapshot, &Event::new("pay.card"), world.now)
        .unwrap_err();
    assert_eq!(refusal.outcome, Outcome::NoTransition);
    assert_eq!(refusal.accepted_events, ["f", "abort", "e"]);
}

#[test]
fn permissions_are_judged_by_rule_of_machine_and_event_and_never_for_the_engine_itself() {
    let machine = machine(
        "
initial: a
authorize: actor.kind != 'guest'
events: { ship: { authorize: has_role('warehouse') }, broken: { authorize: actor.id == ctx.owner } }
context: { owner?: string }
states: { a: { on: { ship: a, broken: a } } }
",
    );
    let world = World::create(&machine, json!({})).unwrap();
    let verdict = |event: &str, kind: &str, roles: &[&str]| {
        let actor = Actor {
            id: "u".to_owned(),
            kind: kind.to_owned(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        };
        let event = Event::new(event).actor(actor);
        machine
            .authorize(&world.snapshot, &event, world.now)
            .map_err(|refusal| refusal.outcome)
    };
    assert_eq!(verdict("ship", "user", &["warehouse"]), Ok(()));
    assert_eq!(verdict("ship", "user", &[]), Err(Outcome::Forbidden));
    assert_eq!(
        verdict("ship", "guest", &["warehouse"]),
        Err(Outcome::Forbidden)
    );
    assert_eq!(
        verdict("broken", "user", &[]),
        Err(Outcome::GuardError),
        "what fails is no yes"
    );
    let done = Event::effect_done("x", None, json!({}), 1);
    assert!(machine.authorize(&world.snapshot, &done, world.now).is_ok());
}

#[test]
fn input_is_checked_and_completed_by_its_schema() {
    let machine = machine(
        "
initial: a
events: { pay: { input: { amount: integer, currency: { type: string, default: EUR } } }, plain: {} }
states: { a: { on: { pay: a, plain: a } } }
",
    );
    let mut good = Event::new("pay").input(json!({ "amount": 5 }));
    machine.check_input(&mut good).unwrap();
    assert_eq!(good.input, json!({ "amount": 5, "currency": "EUR" }));
    for (kind, input) in [
        ("pay", json!({ "amount": "5" })),
        ("pay", json!({ "amount": 5, "more": 1 })),
        ("pay", json!({})),
        ("pay", json!([])),
        ("plain", json!({ "more": 1 })),
    ] {
        let refusal = machine
            .check_input(&mut Event::new(kind).input(input))
            .unwrap_err();
        assert_eq!(
            (refusal.outcome, refusal.code),
            (Outcome::InvalidInput, codes::INVALID_INPUT)
        );
        assert!(!refusal.blockers.is_empty());
    }
}
