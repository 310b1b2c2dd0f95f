//! Effects and their results.

use serde_json::json;
use statehold_core::{Event, FrozenRequest, InvokeRef, MASK, Outcome};

use crate::interpreter_support::{World, check, machine};

const CALL: &str = "
effects:
  e: { http: { method: POST, url: \"${env.E}/\" } }
  f: { http: { method: POST, url: \"${env.E}/${input.n}\", body: { n: \"${input.n}\" } } }
";

#[test]
fn results_of_an_invoke_are_taken_by_its_state() {
    check(
        &format!(
            "{CALL}
initial: a
context: {{ n?: integer }}
states:
  a:
    invoke: {{ effect: e, onDone: {{ target: b, assign: {{ n: event.output.body.n }} }}, onError: [ {{ target: a, reenter: true, guard: event.error.kind == 'timeout' }}, {{ target: c }} ] }}
  b: {{}}
  c: {{}}
"
        ),
        "fail e timeout
         ok e {\"body\": {\"n\": 3}}",
        "
        create -> a
          effect 0.e for a#1
        fail e timeout -> a
          a on error.effect.e -> a
          effect 0.e for a#2
          left a#1
        ok e {\"body\": {\"n\": 3}} -> b
          a on done.effect.e -> b
          ctx.n = 3
          left a#2
        ",
    );
}

#[test]
fn results_of_an_earlier_entry_are_ignored() {
    let machine = machine(&format!(
        "{CALL}
initial: a
states: {{ a: {{ on: {{ again: {{ target: a, reenter: true }}, leave: c }}, invoke: {{ effect: e, onDone: b }} }}, b: {{}}, c: {{}} }}
"
    ));
    let mut world = World::create(&machine, json!({})).unwrap();
    let done = |entry: u64| {
        let invoke = InvokeRef {
            state: "a".to_owned(),
            entry,
        };
        Event::effect_done("e", Some(invoke), json!({}), 1)
    };
    world.offer("again", &Event::new("again"));
    let stale = machine
        .step(&world.snapshot, &done(1), world.now)
        .unwrap_err();
    assert_eq!(stale.outcome, Outcome::Ignored);
    assert_eq!(
        machine
            .step(&world.snapshot, &done(2), world.now)
            .unwrap()
            .to,
        "b"
    );
    world.offer("leave", &Event::new("leave"));
    let stale = machine
        .step(&world.snapshot, &done(2), world.now)
        .unwrap_err();
    assert_eq!(stale.outcome, Outcome::Ignored);
}

#[test]
fn a_result_without_an_invoke_is_taken_by_name_only() {
    let machine = machine(&format!(
        "{CALL}
initial: a
states:
  a: {{ entry: [ {{ effect: e }} ], on: {{ done.effect.e: b, \"*\": c }} }}
  b: {{}}
  c: {{ invoke: {{ effect: e, onDone: b }} }}
"
    ));
    let world = World::create(&machine, json!({})).unwrap();
    let done = Event::effect_done("e", None, json!({}), 1);
    assert_eq!(
        machine.step(&world.snapshot, &done, world.now).unwrap().to,
        "b"
    );
    let other = Event::effect_done("f", None, json!({}), 1);
    let refusal = machine
        .step(&world.snapshot, &other, world.now)
        .unwrap_err();
    assert_eq!(
        refusal.outcome,
        Outcome::NoTransition,
        "wildcards take events of callers only"
    );
    // An invoke takes only its own results.
    let mut elsewhere = world.snapshot.clone();
    elsewhere.configuration = machine.decode("c").unwrap();
    assert!(machine.step(&elsewhere, &done, world.now).is_err());
}

#[test]
fn arguments_are_fixed_in_the_step_and_positions_count_on() {
    let machine = machine(&format!(
        "{CALL}
initial: a
context: {{ n: {{ type: integer, default: 1 }} }}
states:
  a: {{ on: {{ go: {{ assign: {{ n: 5 }}, effects: [ {{ effect: f, input: {{ n: ctx.n }} }} ], actions: [ {{ effect: f, input: {{ n: ctx.n + 1 }} }}, {{ assign: {{ n: 9 }} }} ] }} }} }}
"
    ));
    let world = World::create(&machine, json!({})).unwrap();
    let step = machine
        .step(&world.snapshot, &Event::new("go"), world.now)
        .unwrap();
    let asked: Vec<_> = step
        .effects
        .iter()
        .map(|effect| {
            let http = effect.request.http().expect("an HTTP request");
            (effect.path.as_str(), http.path.as_str(), http.body.clone())
        })
        .collect();
    assert_eq!(
        asked,
        [
            ("0.f", "/6", Some(json!({ "n": 6 }))),
            ("1.f", "/9", Some(json!({ "n": 9 }))),
        ]
    );
}

#[test]
fn a_request_of_an_invoke_that_is_left_within_the_step_is_never_made() {
    check(
        &format!(
            "{CALL}
initial: a
states:
  a: {{ on: {{ go: b }} }}
  b: {{ invoke: [ {{ effect: e }}, {{ effect: f, input: {{ n: 1 }} }} ], on: {{ out: c }}, entry: [ {{ raise: out }} ] }}
  c: {{ invoke: {{ effect: e }} }}
"
        ),
        "go",
        "
        create -> a
        go -> c
          a on go -> b
          b on out -> c
          effect 2.e for c#1
        ",
    );
}

#[test]
fn of_two_states_that_invoke_the_same_effect_each_takes_its_own_result() {
    check(
        &format!(
            "{CALL}
type: parallel
states:
  l: {{ initial: a, states: {{ a: {{ invoke: {{ effect: e, onDone: b }} }}, b: {{}} }} }}
  r: {{ initial: a, states: {{ a: {{ invoke: {{ effect: e, onDone: b }} }}, b: {{}} }} }}
"
        ),
        "ok e",
        "
        create -> (l.a|r.a)
          effect 0.e for l.a#1
          effect 1.e for r.a#1
        ok e -> (l.a|r.b)
          r.a on done.effect.e -> r.b
          left r.a#1
        ",
    );
}

/// A handler gets what the transition gives it, as it is decided in the step; what may be sensitive is marked.
#[test]
fn work_for_a_handler_is_fixed_in_the_step_under_its_name() {
    let machine = machine(
        "
initial: a
context: { n: { type: integer, default: 1 } }
events: { go: { input: { card: { type: string, sensitive: true } } } }
effects: { charge: { handler: \"Billing::charge card\" } }
states:
  a:
    on: { go: { target: b, effects: [ { effect: charge, input: { card: event.input.card, \"a/b\": ctx.n + 1, list: [ ctx.n, \"'x'\" ] } } ] } }
  b: { on: { done.effect.charge: c } }
  c: {}
",
    );
    let world = World::create(&machine, json!({})).unwrap();
    let go = Event::new("go").input(json!({ "card": "4242" }));
    let step = machine.step(&world.snapshot, &go, world.now).unwrap();
    let FrozenRequest::Handler(request) = &step.effects[0].request else {
        panic!("{:?}", step.effects[0]);
    };
    assert_eq!(request.handler, "Billing::charge card");
    let input = json!({ "card": "4242", "a/b": 2, "list": [1, "x"] });
    assert_eq!(request.input, input);
    let shown = step.effects[0].request.clone().shown();
    let masked = json!({ "card": MASK, "a/b": 2, "list": [1, "x"] });
    assert_eq!(shown["input"], masked);
    assert_eq!(step.effects[0].request.kind(), "handler");
    let stored = serde_json::to_string(&step.effects[0].request).unwrap();
    let read: FrozenRequest = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, step.effects[0].request);
    let done = Event::effect_done("charge", None, json!(null), 1);
    assert_eq!(
        machine.step(&step.snapshot, &done, world.now).unwrap().to,
        "c"
    );
}

#[test]
fn a_macrostep_asks_for_as_many_effects_as_the_bound_says_and_no_more() {
    let machine = machine(&format!(
        "{CALL}
maxMicrosteps: 5000
initial: a
context: {{ n: {{ type: integer, default: 0 }} }}
states:
  a: {{ on: {{ go: b }} }}
  b: {{ always: {{ guard: ctx.n < event.input.bound, assign: {{ n: ctx.n + 1 }}, effects: [ e ] }} }}
events: {{ go: {{ input: {{ bound: integer }} }} }}
"
    ));
    let world = World::create(&machine, json!({})).unwrap();
    let bound = statehold_core::REQUESTS_MAX;
    let go = |bound: usize| {
        let event = Event::new("go").input(json!({ "bound": bound }));
        machine.step(&world.snapshot, &event, world.now)
    };
    assert_eq!(go(bound).expect("at the bound").effects.len(), bound);
    let refusal = go(bound + 1).expect_err("over it");
    assert_eq!(refusal.outcome, Outcome::StepError);
}

#[test]
fn headers_are_filled_in_and_an_empty_part_is_refused_in_the_address_but_not_in_the_query() {
    let chart = "
effects:
  e:
    http:
      method: GET
      url: \"${env.E}/orders/${input.id}?after=${input.after}\"
      headers: { x-order: \"order ${input.id}\" }
initial: a
states:
  a: { on: { go: { actions: [ { effect: e, input: { id: event.input.id, after: event.input.after } } ] } } }
events: { go: { input: { id: string, after: string } } }
";
    let machine = machine(chart);
    let world = World::create(&machine, json!({})).unwrap();
    let go = |id: &str, after: &str| {
        let event = Event::new("go").input(json!({ "id": id, "after": after }));
        machine.step(&world.snapshot, &event, world.now)
    };
    let step = go("7", "").expect("a query may be empty");
    let request = step.effects[0].request.http().expect("an HTTP request");
    assert_eq!(request.path, "/orders/7?after=");
    let header = statehold_core::FrozenHeader::Text("order 7".to_owned());
    assert_eq!(request.headers, [("x-order".to_owned(), header)]);
    assert_eq!(
        go("", "x").expect_err("another resource").outcome,
        Outcome::StepError
    );
}
