//! The order of a mapping in a file means nothing: shuffled files are the same machine.
//!
//! Shuffled is every mapping of a chart (states, events, guards, effects, fields, `on`, `assign`, bodies, the keys of
//! everything) but the regions of a parallel state, whose order is the order in which they are entered and written
//! down. Lists stay as they are. Compared are the fingerprint, and what every event does on every walk tried.

use jiff::{SignedDuration, Timestamp};
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Map, Value, json};
use statehold_core::source::parse_yaml;
use statehold_core::{Actor, Creation, Event, InvokeRef, Machine, Refusal, Snapshot, Step};

use proptest::prelude::Rng;

const CHARTS: [(&str, &str); 3] = [
    (
        include_str!("../../../../examples/order/order.chart.yaml"),
        r#"{"customer_id": "ann", "total": 1200, "email": "ann@example.org"}"#,
    ),
    (
        include_str!("../../../../examples/checkout/checkout.chart.yaml"),
        "{}",
    ),
    (
        include_str!("../../../../examples/subscription/subscription.chart.yaml"),
        r#"{"period_end": "2026-03-01T00:00:00Z"}"#,
    ),
];

/// Shuffles of each chart.
const SHUFFLES: usize = 100;

/// Inputs of one walk.
const STEPS: usize = 12;

fn rng(seed: u8) -> TestRng {
    TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32])
}

fn below(rng: &mut TestRng, bound: usize) -> usize {
    usize::try_from(rng.next_u32()).unwrap() % bound.max(1)
}

/// The same tree, its mappings in another order.
fn shuffled(value: &Value, keep_order: bool, rng: &mut TestRng) -> Value {
    match value {
        Value::Object(object) => {
            let is_parallel = object.get("type") == Some(&json!("parallel"));
            let mut entries: Vec<(String, Value)> = (object.iter())
                .map(|(key, value)| {
                    let regions = is_parallel && key == "states";
                    (key.clone(), shuffled(value, regions, rng))
                })
                .collect();
            if !keep_order {
                for at in (1..entries.len()).rev() {
                    let other = below(rng, at + 1);
                    entries.swap(at, other);
                }
            }
            Value::Object(entries.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(items) => items
            .iter()
            .map(|item| shuffled(item, false, rng))
            .collect(),
        other => other.clone(),
    }
}

#[test]
fn the_order_of_a_mapping_means_nothing() {
    for (chart, input) in CHARTS {
        let tree = parse_yaml(chart).expect("a chart").to_json();
        let original = Machine::from_yaml(chart).expect("a chart");
        let mut rng = rng(7);
        for walk in 0..SHUFFLES {
            let other = shuffled(&tree, false, &mut rng);
            let other = Machine::from_json(&other.to_string()).expect("the same chart");
            assert_eq!(original.fingerprint(), other.fingerprint());
            assert_ne!(original.hash, other.hash);
            let seed = u8::try_from(walk % 256).unwrap();
            assert_eq!(
                behaviour(&original, input, seed),
                behaviour(&other, input, seed),
                "{}: {}",
                original.name,
                other.source
            );
        }
    }
}

/// What a walk of random events does, one line for each.
fn behaviour(machine: &Machine, input: &str, seed: u8) -> Vec<String> {
    let mut rng = rng(seed);
    let mut now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let creation = Creation {
        id: "e1".to_owned(),
        input: serde_json::from_str(input).unwrap(),
        actor: actor(),
    };
    let first = machine.start(creation, now).expect("a beginning");
    let mut lines = vec![step_line(&first)];
    let mut snapshot = first.snapshot;
    for _ in 0..STEPS {
        now += SignedDuration::from_hours(5);
        let mut events = possible(machine, &snapshot);
        events.sort_by(|a, b| a.kind.cmp(&b.kind));
        if events.is_empty() {
            break;
        }
        let event = &events[below(&mut rng, events.len())];
        match machine.step(&snapshot, event, now) {
            Ok(step) => {
                lines.push(format!("{}: {}", event.kind, step_line(&step)));
                snapshot = step.snapshot;
            }
            Err(refusal) => lines.push(format!("{}: {}", event.kind, refusal_line(refusal))),
        }
    }
    lines
}

fn actor() -> Actor {
    Actor {
        id: "ann".to_owned(),
        kind: "user".to_owned(),
        roles: vec!["warehouse".to_owned(), "billing".to_owned()],
    }
}

/// Everything that could happen to an entity next.
fn possible(machine: &Machine, snapshot: &Snapshot) -> Vec<Event> {
    let fields = json!({ "payment_token": "t", "tracking": "T-1", "sku": "s", "price": 5, "plan": "pro", "address": "here" });
    let mut events: Vec<Event> = (machine.accepted_events(snapshot).into_iter())
        .map(|kind| {
            let taken = |name: &str| {
                let record = machine.input_record(&kind);
                record.is_some_and(|record| record.get(name).is_some())
            };
            let input = fields.as_object().unwrap().clone();
            let input: Map<_, _> = input.into_iter().filter(|(name, _)| taken(name)).collect();
            Event::new(kind.replace(".*", ".x"))
                .input(Value::Object(input))
                .actor(actor())
        })
        .collect();
    for id in snapshot.configuration.iter() {
        let state = machine.state(id);
        let entry = snapshot.memory.entries.get(&state.path).copied();
        let entry = InvokeRef {
            state: state.path.clone(),
            entry: entry.unwrap_or(1),
        };
        events.extend((state.timers.iter()).map(|timer| Event::timer(&timer.event, entry.clone())));
        for invoke in &state.invokes {
            let output = json!({ "status": 200, "body": { "id": "x", "period_end": "2026-06-01T00:00:00Z" } });
            let error = statehold_core::effect_error("throttled", Some(429), &Value::Null, "busy");
            let entry = Some(entry.clone());
            events.push(Event::effect_done(&invoke.effect, entry.clone(), output, 1));
            events.push(Event::effect_error(&invoke.effect, entry, error, 1));
        }
    }
    events
}

fn step_line(step: &Step) -> String {
    let mut timers = step.timers.clone();
    timers.sort_by(|a, b| (&a.owner, &a.name).cmp(&(&b.owner, &b.name)));
    // A body is an object, and an object has no order.
    let effects: Vec<String> = (step.effects.iter())
        .map(|effect| {
            let request = serde_json::to_value(&effect.request).unwrap();
            format!(
                "{} {:?} {}",
                effect.path,
                effect.invoke,
                canonical(&request)
            )
        })
        .collect();
    let context = Value::Object((*step.snapshot.context).clone());
    let memory = serde_json::to_value(&*step.snapshot.memory).unwrap();
    format!(
        "{} -> {} {:?} {} {} {:?} {:?} {:?} {}",
        step.from,
        step.to,
        step.transitions,
        canonical(&Value::Object(step.patch.clone())),
        canonical(&context),
        effects,
        timers,
        step.left,
        canonical(&memory),
    )
}

fn refusal_line(mut refusal: Refusal) -> String {
    refusal.accepted_events.sort();
    format!("{refusal:?}")
}

fn canonical(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<String> = (object.iter())
                .map(|(key, value)| format!("{key:?}: {}", canonical(value)))
                .collect();
            entries.sort();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

#[test]
fn a_fingerprint_does_not_see_words_layout_and_short_forms() {
    let head = "statehold: 1\nmachine: m\nversion: 1\n";
    let one = "initial: a\nstates: { a: { on: { x: b } }, b: { type: final } }\n";
    let other = "# the same\nlabel: M\nstates:\n  b: { type: final, description: An end, tags: [ t ] }\n  a: { label: A, on: { x: [ { target: /b, label: go } ] } }\ninitial: { target: a }\n";
    let of = |text: &str| {
        Machine::from_yaml(&format!("{head}{text}"))
            .unwrap()
            .fingerprint()
    };
    assert_eq!(of(one), of(other));
    let renamed = one.replace("machine: m", "machine: n");
    assert_eq!(of(one), of(&renamed));
}

#[test]
fn a_fingerprint_sees_what_changes_the_behaviour() {
    let head = "statehold: 1\nmachine: m\nversion: 1\ncontext: { n: { type: integer, default: 0 } }\neffects: { e: { http: { method: POST, url: \"${env.X}\" } } }\n";
    let base = "initial: a\nstates:\n  a: { on: { x: [ { target: b, guard: ctx.n > 1 }, { target: c, guard: ctx.n < 0 } ] }, entry: [ { effect: e }, { raise: y } ], after: { 1h: b } }\n  b: { type: final }\n  c: { type: final }\n";
    let of = |head: &str, text: &str| {
        Machine::from_yaml(&format!("{head}{text}"))
            .unwrap()
            .fingerprint()
    };
    let changes = [
        ("initial: a", "initial: b"),
        ("ctx.n > 1", "ctx.n > 2"),
        ("{ effect: e }, { raise: y }", "{ raise: y }, { effect: e }"),
        ("1h: b", "2h: b"),
        ("1h: b", "1h: c"),
        (
            "{ target: b, guard: ctx.n > 1 }, { target: c, guard: ctx.n < 0 }",
            "{ target: c, guard: ctx.n < 0 }, { target: b, guard: ctx.n > 1 }",
        ),
        ("b: { type: final }", "b: {}"),
        (
            "guard: ctx.n > 1 }",
            "guard: { if: ctx.n > 1, reason: too small } }",
        ),
    ];
    for (from, to) in changes {
        assert_ne!(of(head, base), of(head, &base.replace(from, to)), "{from}");
    }
    for (from, to) in [
        ("POST", "PUT"),
        ("default: 0", "default: 1"),
        ("env.X", "env.Y"),
        ("integer", "number"),
    ] {
        assert_ne!(of(head, base), of(&head.replace(from, to), base), "{from}");
    }
}

#[test]
fn regions_stay_in_the_order_of_the_file() {
    let head = "statehold: 1\nmachine: m\nversion: 1\ntype: parallel\n";
    let of = |text: &str| {
        Machine::from_yaml(&format!("{head}{text}"))
            .unwrap()
            .fingerprint()
    };
    assert_ne!(
        of("states: { a: {}, b: {} }"),
        of("states: { b: {}, a: {} }")
    );
}
