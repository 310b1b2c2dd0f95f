//! What authors rely on without thinking of it: guards are asked once, order in the file means nothing where it should
//! not, and a step runs to its end before anything else happens.

use serde_json::json;
use statehold_core::{Event, Outcome};

use crate::interpreter_support::{World, check, machine, transcript};

/// A guard that is asked twice is slow, and with an engine that lets guards have effects, wrong. Every evaluation of this
/// one is an event, so they can be counted.
#[test]
fn each_guard_is_evaluated_at_most_once_in_one_selection() {
    let machine = machine(
        "
onExpressionError: raise
type: parallel
context: { asked: { type: integer, default: 0 }, absent?: integer }
on:
  error.execution: { assign: { asked: ctx.asked + 1 } }
  e: { guard: ctx.absent == 1, target: /l.z }
states:
  l:
    initial: a
    on: { e: { guard: ctx.absent == 2, target: .b } }
    states: { a: { on: { e: [ { guard: ctx.absent == 3, target: b }, { guard: ctx.absent == 4, target: z } ] } }, b: {}, z: {} }
  r:
    initial: a
    states: { a: { on: { e: { guard: ctx.absent == 5, target: b } } }, b: {} }
",
    );
    let world = World::create(&machine, json!({})).unwrap();
    let step = machine
        .step(&world.snapshot, &Event::new("e"), world.now)
        .unwrap();
    assert_eq!(step.patch["asked"], 5);
}

/// Asking what would be accepted evaluates no guard and changes nothing.
#[test]
fn listing_events_leaves_the_entity_as_it_is() {
    let machine = machine(
        "
initial: a
context: { absent?: integer }
states: { a: { on: { e: { guard: ctx.absent == 1, target: b } } }, b: {} }
",
    );
    let world = World::create(&machine, json!({})).unwrap();
    let before = world.snapshot.clone();
    assert_eq!(machine.accepted_events(&world.snapshot), ["e"]);
    assert_eq!(world.snapshot, before);
}

/// An event that several states wait for is taken in any one of them; nobody has to be in all.
#[test]
fn an_event_of_several_states_is_taken_in_each_of_them() {
    let machine = machine(
        "
initial: new
states:
  new: { on: { next: sent, abort: failed } }
  sent: { on: { next: paid, abort: failed } }
  paid: { on: { abort: failed } }
  failed: {}
",
    );
    for script in ["abort", "next\nabort", "next\nnext\nabort"] {
        let story = transcript(&machine, script);
        assert!(story.contains("abort -> failed"), "{story}");
    }
}

/// The order of states, events, guards and effects in the file is a matter of taste; only the order within one list of
/// transitions, and of regions, means something.
#[test]
fn the_order_of_declarations_changes_no_behaviour() {
    let states = [
        "  a: { on: { go: [ { guard: big, target: c }, { target: b } ] }, after: { 1h: c } }",
        "  b: { entry: [ { effect: e } ], on: { back: a, on: c }, after: { 2h: a } }",
        "  c: { on: { back: { target: a, assign: { n: ctx.n + 1 } } } }",
    ];
    let events = ["go: {}", "back: {}", "on: {}"];
    let script = "go\n+2h\ngo\non\nback\n+1h\nback\ngo\nback";
    let story = |order: [usize; 3]| {
        let states = order.map(|at| states[at]).join("\n");
        let events = order.map(|at| events[at]).join(", ");
        let chart = format!(
            "
initial: a
context: {{ n: {{ type: integer, default: 0 }} }}
events: {{ {events} }}
guards: {{ big: ctx.n > 1 }}
effects: {{ e: {{ http: {{ method: POST, url: \"${{env.E}}/\" }} }} }}
states:
{states}
"
        );
        transcript(&machine(&chart), script)
    };
    let first = story([0, 1, 2]);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(story(order), first, "{order:?}");
    }
}

/// What a failing step has raised must not come up again with the next event.
#[test]
fn raised_events_of_a_step_that_fails_are_gone_with_it() {
    let machine = machine(
        "
initial: idle
context: { absent?: integer }
states:
  idle: { on: { init: starting, other: busy } }
  starting: { entry: [ { raise: err }, { assign: { absent: ctx.absent + 1 } } ] }
  busy: { on: { err: broken } }
  broken: {}
",
    );
    let world = World::create(&machine, json!({})).unwrap();
    let init = machine.step(&world.snapshot, &Event::new("init"), world.now);
    assert_eq!(init.unwrap_err().outcome, Outcome::StepError);
    let other = machine.step(&world.snapshot, &Event::new("other"), world.now);
    let other = other.unwrap();
    assert_eq!((other.to.as_str(), other.microsteps), ("busy", 1));
}

/// An event raised on entering is neither taken before the entry is complete nor after the next event from outside.
#[test]
fn a_raised_event_is_taken_after_its_step_and_before_any_other() {
    check(
        "
initial: a
states:
  a: { on: { e: b }, exit: [ { raise: left } ] }
  b: { entry: [ { raise: f } ], on: { f: c } }
  c: { on: { g: d } }
  d: {}
",
        "e
         g",
        "
        create -> a
        e -> c
          a on e -> b
          b on f -> c
        g -> d
          c on g -> d
        ",
    );
}

/// What waits for all regions must see what the last one wrote.
#[test]
fn done_comes_after_the_actions_of_the_last_region() {
    check(
        "
initial: p
context: { b: { type: string, default: none } }
states:
  p:
    type: parallel
    onDone: [ { guard: ctx.b == 'written', target: complete }, { target: early } ]
    states:
      r1: { initial: w, states: { w: { on: { got_a: f } }, f: { type: final } } }
      r2: { initial: w, states: { w: { on: { got_b: f } }, f: { type: final, entry: [ { assign: { b: \"'written'\" } } ] } } }
  complete: {}
  early: {}
",
        "got_a
         got_b",
        "
        create -> p(r1.w|r2.w)
          ctx.b = \"none\"
        got_a -> p(r1.f|r2.w)
          p.r1.w on got_a -> p.r1.f
        got_b -> complete
          p.r2.w on got_b -> p.r2.f
          p on done.state.p -> complete
          ctx.b = \"written\"
        ",
    );
}

/// A region that moves is nobody else's business.
#[test]
fn only_the_region_that_moves_is_left_and_entered() {
    check(
        "
type: parallel
context: { trail: { type: list, default: [] } }
states:
  l: { initial: a, states: { a: { entry: [ { assign: { trail: \"ctx.trail + ['+a']\" } } ], exit: [ { assign: { trail: \"ctx.trail + ['-a']\" } } ] } } }
  r: { initial: b, states: { b: { on: { go: d }, exit: [ { assign: { trail: \"ctx.trail + ['-b']\" } } ] }, d: { entry: [ { assign: { trail: \"ctx.trail + ['+d']\" } } ] } } }
",
        "go",
        "
        create -> (l.a|r.b)
          ctx.trail = [\"+a\"]
        go -> (l.a|r.d)
          r.b on go -> r.d
          ctx.trail = [\"+a\",\"-b\",\"+d\"]
        ",
    );
}
