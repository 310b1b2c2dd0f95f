//! Timers: when they are set, which one comes first, and which ones no longer count.

use serde_json::json;
use statehold_core::{Event, InvokeRef, Outcome};

use crate::interpreter_support::{World, check, machine};

#[test]
fn of_two_timers_due_at_once_the_one_set_first_fires() {
    check(
        "
initial: a
states:
  a:
    after: [ { delay: 2s, name: slow, target: c }, { delay: 1s, name: first, target: b }, { delay: 1s, name: second, target: c } ]
  b: {}
  c: {}
",
        "+5s",
        "
        create -> a
          timer a#1 slow at 2s
          timer a#1 first at 1s
          timer a#1 second at 1s
        timer.a.first at 1s -> b
          a on timer.a.first -> b
          left a#1
        ",
    );
}

#[test]
fn outer_states_set_their_timers_before_inner_ones() {
    check(
        "
initial: a
states:
  a:
    after: { 1s: out }
    initial: b
    states: { b: { after: { 1s: c } }, c: {} }
  out: {}
",
        "+1s",
        "
        create -> a.b
          timer a#1 1s at 1s
          timer a.b#1 1s at 1s
        timer.a.1s at 1s -> out
          a on timer.a.1s -> out
          left a.b#1
          left a#1
        ",
    );
}

#[test]
fn a_timer_set_by_an_earlier_step_comes_before_a_later_one_due_at_the_same_instant() {
    check(
        "
type: parallel
states:
  l: { initial: a, states: { a: { after: { 2s: b } }, b: {} } }
  r: { initial: c, states: { c: { after: { 1s: d } }, d: { after: { 1s: e } }, e: {} } }
",
        "+2s",
        "
        create -> (l.a|r.c)
          timer l.a#1 2s at 2s
          timer r.c#1 1s at 1s
        timer.r.c.1s at 1s -> (l.a|r.d)
          r.c on timer.r.c.1s -> r.d
          timer r.d#1 1s at 2s
          left r.c#1
        timer.l.a.2s at 2s -> (l.b|r.d)
          l.a on timer.l.a.2s -> l.b
          left l.a#1
        timer.r.d.1s at 2s -> (l.b|r.e)
          r.d on timer.r.d.1s -> r.e
          left r.d#1
        ",
    );
}

#[test]
fn a_timer_that_leads_nowhere_fires_once_per_entry() {
    check(
        "
initial: a
context: { n: { type: integer, default: 0 } }
states: { a: { after: { 1s: { assign: { n: ctx.n + 1 } } }, on: { again: { target: a, reenter: true } } } }
",
        "+3s
         again
         +3s",
        "
        create -> a
          ctx.n = 0
          timer a#1 1s at 1s
        timer.a.1s at 1s -> a
          a on timer.a.1s -> (stays)
          ctx.n = 1
        again -> a
          a on again -> a
          timer a#2 1s at 4s
          left a#1
        timer.a.1s at 4s -> a
          a on timer.a.1s -> (stays)
          ctx.n = 2
        ",
    );
}

/// Timers of an earlier entry that stay alive would fire as often as the state was entered.
#[test]
fn entering_again_replaces_the_timer_of_the_entry_before() {
    check(
        "
initial: x
context: { g: { type: boolean, default: false } }
states:
  x:
    on: { foo: { target: x, reenter: true } }
    after: { 1500ms: [ { target: y, guard: ctx.g }, { target: z } ] }
  y: {}
  z: {}
",
        "+1s
         foo
         +1s
         foo
         +1s
         foo
         +9s",
        "
        create -> x
          ctx.g = false
          timer x#1 1500ms at 1s500ms
        foo -> x
          x on foo -> x
          timer x#2 1500ms at 2s500ms
          left x#1
        foo -> x
          x on foo -> x
          timer x#3 1500ms at 3s500ms
          left x#2
        foo -> x
          x on foo -> x
          timer x#4 1500ms at 4s500ms
          left x#3
        timer.x.1500ms at 4s500ms -> z
          x on timer.x.1500ms -> z
          left x#4
        ",
    );
}

/// A timeout that is cancelled at the last moment may still arrive; it must not be taken by the next entry.
#[test]
fn a_timer_of_an_entry_that_is_over_is_ignored() {
    let machine = machine(
        "
initial: w
states: { w: { after: { 10s: late }, on: { ok: done, again: { target: w, reenter: true } } }, late: {}, done: { on: { back: w } } }
",
    );
    let timer = |entry: u64| {
        Event::timer(
            "timer.w.10s",
            InvokeRef {
                state: "w".to_owned(),
                entry,
            },
        )
    };
    let mut world = World::create(&machine, json!({})).unwrap();
    for event in ["ok", "back", "again"] {
        world.offer(event, &Event::new(event));
    }
    for stale in [1, 2, 4] {
        let refusal = machine
            .step(&world.snapshot, &timer(stale), world.now)
            .unwrap_err();
        assert_eq!(refusal.outcome, Outcome::Ignored, "entry {stale}");
        assert!(refusal.blockers.is_empty());
    }
    assert_eq!(
        machine
            .step(&world.snapshot, &timer(3), world.now)
            .unwrap()
            .to,
        "late"
    );
    world.offer("ok", &Event::new("ok"));
    let refusal = machine
        .step(&world.snapshot, &timer(3), world.now)
        .unwrap_err();
    assert_eq!(refusal.outcome, Outcome::Ignored);
}

/// An event and a timer of the same name must not be mistaken for each other.
#[test]
fn an_event_of_a_caller_is_never_taken_for_a_timer() {
    check(
        "
initial: a
states:
  a: { on: { expire: byhand }, after: [ { delay: 10s, name: expire, target: bytime } ] }
  byhand: {}
  bytime: {}
",
        "expire
         +20s",
        "
        create -> a
          timer a#1 expire at 10s
        expire -> byhand
          a on expire -> byhand
          left a#1
        ",
    );
}

/// Milliseconds in 32 bits end after 24.8 days: a longer delay would fire at once.
#[test]
fn long_delays_are_kept_to_the_microsecond() {
    check(
        "
initial: a
states:
  a:
    after: { 30d: b, 400d: b, 0s: c, 36500d: b }
  b: {}
  c: {}
",
        "",
        "
        create -> a
          timer a#1 30d at 30d
          timer a#1 400d at 400d
          timer a#1 0s at 0s
          timer a#1 36500d at 36500d
        ",
    );
}

#[test]
fn an_instant_is_computed_after_the_entry_actions() {
    check(
        "
initial: a
context: { n: { type: integer, default: 0 } }
states:
  a:
    entry: [ { assign: { n: ctx.n + 2 } } ]
    after: [ { at: now + hours(ctx.n), target: b } ]
  b: {}
",
        "+3h",
        "
        create -> a
          ctx.n = 2
          timer a#1 at at 2h
        timer.a.at at 2h -> b
          a on timer.a.at -> b
          left a#1
        ",
    );
}

#[test]
fn a_state_passed_through_leaves_no_timer_and_no_request() {
    check(
        "
initial: a
effects: { e: { http: { method: POST, url: \"${env.E}/\" } }, f: { http: { method: POST, url: \"${env.E}/\" } } }
states:
  a: { on: { go: b } }
  b: { after: { 1s: a }, invoke: { effect: e }, entry: [ { effect: f } ], always: c }
  c: { after: { 2s: a } }
",
        "go",
        "
        create -> a
        go -> c
          a on go -> b
          b on always -> c
          effect 0.f
          timer c#1 2s at 2s
        ",
    );
}
