//! What is claimed of guards is true: claims about random guards are held against random values of the fields.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use statehold_core::{Event, Loaded, Machine, Outcome, Snapshot, codes};

const FIELDS: &str = "
context:
  n: integer
  m: { type: integer, minimum: 0, maximum: 6 }
  p: number
  b: boolean
  s: string
  plan: { type: string, enum: [ x, y, z ] }
  o?: string
  tags: { type: list, items: string }
  lines: { type: list, items: { type: object, properties: { sku: string, price: integer }, required: [ sku, price ] } }
";

/// A comparison or a question about one field.
fn atom() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let equality = prop::sample::select(vec!["==", "!="]);
    let word = prop::sample::select(vec!["x", "y", "z"]);
    prop_oneof![
        (
            prop::sample::select(vec!["n", "m"]),
            operator.clone(),
            0..6_i64
        )
            .prop_map(|(field, operator, k)| format!("ctx.{field} {operator} {k}")),
        (operator.clone(), 0..4_i64).prop_map(|(operator, k)| format!("ctx.p {operator} {k}.5")),
        (operator.clone(), 0..4_i64).prop_map(|(operator, k)| format!("{k} {operator} ctx.p")),
        (
            prop::sample::select(vec!["s", "plan"]),
            equality,
            word.clone()
        )
            .prop_map(|(field, operator, word)| format!("ctx.{field} {operator} '{word}'")),
        (prop::sample::select(vec!["s", "plan"]), word.clone(), word)
            .prop_map(|(field, one, two)| format!("ctx.{field} in ['{one}', '{two}']")),
        (
            prop::sample::select(vec!["tags", "lines", "s"]),
            operator,
            0..4_i64
        )
            .prop_map(|(field, operator, k)| format!("size(ctx.{field}) {operator} {k}")),
        Just("ctx.b".to_owned()),
        Just("has(ctx.o)".to_owned()),
        Just("ctx.n + ctx.m > 4".to_owned()),
        Just("has_role('clerk')".to_owned()),
    ]
}

fn guard() -> impl Strategy<Value = String> {
    atom().prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

fn context() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec!["", "x", "y", "z", "xx", "other"]);
    let plan = prop::sample::select(vec!["x", "y", "z"]);
    (
        (-2..8_i64, 0..7_i64, -4..10_i64, any::<bool>()),
        (
            word.clone(),
            plan,
            prop::option::of(word),
            0..5_usize,
            0..5_usize,
        ),
    )
        .prop_map(|((n, m, p, b), (s, plan, o, tags, lines))| {
            let mut context = json!({
                "n": n, "m": m, "p": p as f64 / 2.0, "b": b, "s": s, "plan": plan,
                "tags": vec!["t"; tags],
                "lines": vec![json!({ "sku": "a", "price": 1 }); lines],
            });
            if let Some(o) = o {
                context["o"] = json!(o);
            }
            context
        })
}

fn load(first: &str, second: &str) -> Option<Loaded> {
    let text = format!(
        "statehold: 1\nmachine: m\nversion: 1\n{FIELDS}initial: a\nstates:\n  a:\n    on:\n      one: {{ target: b, guard: \"{first}\" }}\n      two: {{ target: c, guard: \"{second}\" }}\n      both: [ {{ target: b, guard: \"{first}\" }}, {{ target: c, guard: \"{second}\" }} ]\n  b: {{ type: final }}\n  c: {{ type: final }}\n"
    );
    Machine::load("x.chart.yaml", &text).ok()
}

/// Whether the guard of an event holds here.
fn holds(machine: &Machine, context: &Value, event: &str, is_clerk: bool) -> bool {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let first = machine
        .start(context.clone(), now)
        .expect("a valid context");
    let mut event = Event::new(event);
    if is_clerk {
        event.actor.roles.push("clerk".to_owned());
    }
    let snapshot: Snapshot = first.snapshot;
    match machine.step(&snapshot, &event, now) {
        Ok(_) => true,
        Err(refusal) => {
            assert!(
                matches!(refusal.outcome, Outcome::GuardFailed | Outcome::GuardError),
                "{refusal}"
            );
            false
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_value_contradicts_what_is_said_about_guards(
        first in guard(),
        second in guard(),
        contexts in prop::collection::vec((context(), any::<bool>()), 60),
    ) {
        let Some(loaded) = load(&first, &second) else { return Ok(()) };
        let machine = &loaded.machine;
        let source = &machine.source;
        let line = |start: usize| source[..start].lines().count();
        for warning in &loaded.warnings {
            let event = match line(warning.span.start) {
                n if source.lines().nth(n - 1).unwrap().contains(" one:") => "one",
                n if source.lines().nth(n - 1).unwrap().contains(" two:") => "two",
                _ => "both",
            };
            for (context, is_clerk) in &contexts {
                let holds = |event: &str| holds(machine, context, event, *is_clerk);
                match warning.code {
                    codes::CONSTANT if warning.message == "this guard never holds" && event != "both" => {
                        prop_assert!(!holds(event), "{} {context} {source}", warning.message);
                    }
                    codes::CONSTANT if warning.message == "this guard always holds" && event != "both" => {
                        prop_assert!(holds(event), "{} {context} {source}", warning.message);
                    }
                    codes::SHADOWED => {
                        prop_assert!(holds("one") || !holds("two"), "{} {context} {source}", warning.message);
                    }
                    _ => {}
                }
            }
            if warning.code == codes::OVERLAP {
                let context = example(&warning.message);
                let is_clerk = warning.message.contains("has role 'clerk'");
                if let Some(context) = context {
                    prop_assert!(
                        holds(machine, &context, "one", is_clerk) && holds(machine, &context, "two", is_clerk),
                        "{} {source}", warning.message
                    );
                }
            }
        }
    }
}

/// The context that the words of a warning describe; none if they end in "and so on".
fn example(message: &str) -> Option<Value> {
    if message.ends_with("so on") || message.contains('…') {
        return None;
    }
    let mut context = Map::new();
    for part in message
        .split('`')
        .collect::<Vec<_>>()
        .windows(2)
        .skip(1)
        .step_by(2)
    {
        let name = part[0].strip_prefix("ctx.")?;
        let Some(words) = part[1].strip_prefix(" is ") else {
            continue;
        };
        let mut stream = serde_json::Deserializer::from_str(words).into_iter::<Value>();
        context.insert(name.to_owned(), stream.next()?.ok()?);
    }
    let rest = json!({ "n": 0, "m": 0, "p": 0.0, "b": false, "s": "", "plan": "x", "tags": [], "lines": [] });
    for (name, value) in rest.as_object()? {
        context.entry(name.clone()).or_insert_with(|| value.clone());
    }
    Some(Value::Object(context))
}
