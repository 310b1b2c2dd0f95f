//! The JSON Schema of charts: it takes what the loader takes, refuses what an editor can see, and explains every key.

use jsonschema::Validator;
use serde_json::{Value, json};
use statehold_core::source::parse_yaml;
use statehold_core::{Machine, chart_schema};

fn validator() -> Validator {
    jsonschema::draft202012::new(&chart_schema()).expect("a schema")
}

fn head(text: &str) -> String {
    match text.contains("statehold:") {
        true => text.to_owned(),
        false => format!("statehold: 1\nmachine: m\nversion: 1\n{text}"),
    }
}

fn tree(text: &str) -> Value {
    parse_yaml(&head(text)).expect("YAML").to_json()
}

#[track_caller]
fn takes(validator: &Validator, text: &str) {
    let problems: Vec<String> = (validator.iter_errors(&tree(text)))
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{problems:#?}\n{text}");
    if let Err(error) = Machine::from_yaml(&head(text)) {
        panic!("{error}\n{text}");
    }
}

#[test]
fn the_schema_is_a_schema_of_its_draft() {
    let schema = chart_schema();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
}

#[test]
fn the_examples_fit() {
    let validator = validator();
    for chart in [
        include_str!("../../../../examples/order/order.chart.yaml"),
        include_str!("../../../../examples/checkout/checkout.chart.yaml"),
        include_str!("../../../../examples/subscription/subscription.chart.yaml"),
    ] {
        takes(&validator, chart);
    }
}

#[test]
fn every_short_form_fits() {
    let validator = validator();
    let states = [
        "{ a: { on: { pay: b } }, b: { type: final } }",
        "{ a: { on: { pay: [ b, /b, { target: b } ] } }, b: { type: final } }",
        "{ a: { on: { pay: { target: b, guard: true } } }, b: { type: final } }",
        "{ a: { on: { pay: {} } } }",
        "{ a: { on: { \"*\": b, pay.*: b, pay.it-now.1: b } }, b: { type: final } }",
        "{ a: { after: { 48h: b, 1h30m: b, P14D: b, PT0.5S: b, 2w: b } }, b: { type: final } }",
        "{ a: { after: [ { delay: 1h }, { at: now, target: b }, { cron: '0 9 * * *', tz: UTC } ] }, b: { type: final } }",
        "{ a: { always: b }, b: { type: final } }",
        "{ a: { always: [ { target: b, guard: 1 < 2 } ] }, b: { type: final } }",
        "{ a: { entry: { raise: x }, exit: [ { raise: x, input: { n: 1 } } ], on: { x: {} } } }",
        "{ a: { entry: [ { if: 1 < 2, then: { raise: x }, else: [ { raise: x } ] } ], on: { x: {} } } }",
        "{ a: { initial: b, states: { b: { on: { x: c } }, c: { type: final } }, onDone: d }, d: { type: final } }",
        "{ a: { initial: { target: b, actions: [] }, states: { b: {} }, on: { x: a } } }",
        "{ a: { type: parallel, states: { b: {}, c: {} }, on: { x: { target: [ .b, .c ] } } } }",
        "{ a: { type: parallel, states: { b: {}, h: { type: history, history: deep, target: b } } } }",
        "{ a: { type: final, output: 1, tags: one, meta: [ anything ], label: A, description: B } }",
        "{ a: { type: atomic, deprecated: { use: b } }, b: { deprecated: {} } }",
    ];
    for states in states {
        takes(&validator, &format!("initial: a\nstates: {states}\n"));
    }
    for more in [
        "context: { a: string, b?: timestamp, c: { type: list, items: string }, d: { type: object, properties: { e: duration }, required: [ e ] }, f: { enum: [ 1, 2 ] }, g: { anyOf: [ { type: string }, { type: integer } ] } }",
        "events: { x: {}, y.*: { input: { n?: integer }, authorize: true, unhandled: defer } }\non: { x: {}, y.z: {} }",
        "guards: { g: 1 < 2, h: { if: 1 < 2, reason: no, code: Sorry.1 } }\non: { x: { guard: g }, y: { guard: { if: h, reason: other } } }",
        "invariants: { i: 1 < 2, j: { check: 1 < 2, enforce: true, reason: always } }",
        "effects: { e: { http: { method: GET, url: '${env.X}?a=${now}', headers: { A: '${env.K}' } }, timeout: 3s, retry: { attempts: 1, backoff: 1s, on: timeout, total: 1h }, ok: true, mode: async, on_dead: continue } }\nentry: [ { effect: e } ]",
        "effects: { e: { handler: 'App\\Mail::send' } }\ninvoke: e",
        "unhandled: ignore\nstorage: hybrid\nconcurrency: optimistic\nmaxMicrosteps: 10\nonExpressionError: raise\nauthorize: has_role('x')",
        "\"$schema\": chart-1.json\nlabel: L\ntags: [ t ]\nmeta: {}\ndeprecated: { since: 1 }",
    ] {
        takes(
            &validator,
            &format!("{more}\ninitial: a\nstates: {{ a: {{}} }}\n"),
        );
    }
}

#[test]
fn what_an_editor_can_see_is_refused_by_both() {
    let validator = validator();
    let with =
        |state: &str| format!("initial: a\nstates: {{ a: {state}, b: {{ type: final }} }}\n");
    let with_effect = |effect: &str| {
        format!(
            "effects: {{ e: {effect} }}\ninitial: a\nstates: {{ a: {{ entry: [ {{ effect: e }} ] }} }}\n"
        )
    };
    let bad = [
        "states: { a: {} }".to_owned(),
        "initial: a\nstates: []".to_owned(),
        "initial: a\nintial: a\nstates: { a: {} }".to_owned(),
        "initial: a\ncontext: { n: text }\nstates: { a: {} }".to_owned(),
        "initial: a\ncontext: { n: { typ: string } }\nstates: { a: {} }".to_owned(),
        "initial: a\ncontext: { n-m: string }\nstates: { a: {} }".to_owned(),
        "initial: a\nunhandled: later\nstates: { a: {} }".to_owned(),
        "initial: a\nmaxMicrosteps: 0\nstates: { a: {} }".to_owned(),
        "initial: a\nprotect: trigger\nstates: { a: {} }".to_owned(),
        "initial: a\nstorage: log\nstates: { a: {} }".to_owned(),
        "initial: a\nconcurrency: queued\nstates: { a: {} }".to_owned(),
        "initial: a\nevents: { two words: {} }\nstates: { a: { on: { x: {} } } }".to_owned(),
        "initial: a\nevents: { x: { inputs: {} } }\nstates: { a: { on: { x: {} } } }".to_owned(),
        "initial: a\nstates: { a: {}, any: {} }".to_owned(),
        "initial: a\nstates: { a: {}, b-c: {} }".to_owned(),
        "initial: a\nstates: { a: {}, b: }".to_owned(),
        "statehold: 2\nmachine: m\nversion: 1\ninitial: a\nstates: { a: {} }".to_owned(),
        "statehold: 1\nmachine: my-m\nversion: 1\ninitial: a\nstates: { a: {} }".to_owned(),
        "statehold: 1\nmachine: m\nversion: 0\ninitial: a\nstates: { a: {} }".to_owned(),
        "statehold: 1\nmachine: m\nversion: one\ninitial: a\nstates: { a: {} }".to_owned(),
        with("{ onEntry: [] }"),
        with("{ on: { x: { gaurd: true, target: b } } }"),
        with("{ on: { x: 3 } }"),
        with("{ on: { x: } }"),
        with("{ on: { x: [] } }"),
        with("{ on: { x: { target: [] } } }"),
        with("{ on: { x: { target: b, guard: 1 } } }"),
        with("{ on: { x: { target: b, guard: { reason: no } } } }"),
        with("{ on: { x: { target: b, reenter: maybe } } }"),
        with("{ on: { x: { target: b, assign: 3 } } }"),
        with("{ on: { x: { target: b, require: [ c ] } } }"),
        with("{ after: { 48: b } }"),
        with("{ after: { 2 hours: b } }"),
        with("{ after: { 1.5h: b } }"),
        with("{ after: 48h }"),
        with("{ after: [ { target: b } ] }"),
        with("{ after: [ { delay: 1h, at: now } ] }"),
        with("{ after: [ { delay: 1h, tz: UTC } ] }"),
        with("{ entry: [ send_receipt ] }"),
        with("{ entry: [ {} ] }"),
        with("{ entry: [ { assign: {}, raise: x } ] }"),
        with("{ entry: [ { if: true } ] }"),
        with("{ entry: [ { raise: two words } ] }"),
        with("{ invoke: { onDone: b } }"),
        with("{ initial: b }"),
        with("{ onDone: b }"),
        with("{ states: { c: {} } }"),
        with("{ type: parallel }"),
        with("{ type: parallel, initial: c, states: { c: {} } }"),
        with("{ type: final, on: { x: b } }"),
        with("{ type: final, after: { 1h: b } }"),
        with("{ type: history, entry: [] }"),
        with("{ type: paralel, states: { c: {} } }"),
        with("{ history: deep }"),
        with("{ target: b }"),
        with("{ tags: [ 3 ] }"),
        with_effect("{}"),
        with_effect("{ http: { method: POST } }"),
        with_effect("{ http: { method: post, url: '${env.X}' } }"),
        with_effect("{ http: { method: GET, url: '${env.X}', body: 1 } }"),
        with_effect("{ http: { method: POST, url: 'https://example.org' } }"),
        with_effect("{ http: { method: POST, url: '${env.X}', headers: { A: 3 } } }"),
        with_effect("{ http: { method: POST, url: '${env.X}' }, handler: h }"),
        with_effect("{ http: { method: POST, url: '${env.X}' }, timeout: 10 }"),
        with_effect("{ http: { method: POST, url: '${env.X}' }, retry: { attempts: 0 } }"),
        with_effect("{ http: { method: POST, url: '${env.X}' }, retry: { on: [ 4xx ] } }"),
        with_effect("{ http: { method: POST, url: '${env.X}' }, mode: sync }"),
        with_effect("{ handler: h, ok: true }"),
    ];
    for text in bad {
        assert!(
            !validator.is_valid(&tree(&text)),
            "the schema takes this:\n{text}"
        );
        assert!(
            Machine::from_yaml(&head(&text)).is_err(),
            "the loader takes this:\n{text}"
        );
    }
}

/// Every property of every definition, with its place.
fn properties(schema: &Value) -> Vec<(String, Value)> {
    let definitions = schema["$defs"].as_object().unwrap();
    let all = definitions.iter().flat_map(|(name, definition)| {
        let properties = definition["properties"].as_object();
        (properties.into_iter().flatten())
            .map(move |(key, property)| (format!("{name}.{key}"), property.clone()))
    });
    all.collect()
}

#[test]
fn every_key_is_explained_and_its_examples_and_default_fit() {
    let schema = chart_schema();
    for (place, property) in properties(&schema) {
        let words = property["description"].as_str().unwrap_or_default();
        assert!(words.len() > 10, "{place} has no words");
        if property["x-statehold-served"] == json!(false) {
            continue;
        }
        let examples = property["examples"].as_array().expect(&place).clone();
        let default = property.get("default").cloned();
        let alone = json!({ "$defs": schema["$defs"], "allOf": [property] });
        let validator = jsonschema::draft202012::new(&alone).expect(&place);
        for value in examples.iter().chain(&default) {
            assert!(validator.is_valid(value), "{place}: {value}");
        }
    }
}

#[test]
fn the_values_that_are_offered_are_those_that_the_loader_takes() {
    let offered = |place: &str, key: &str| -> Vec<String> {
        let schema = chart_schema();
        let property = &schema["$defs"][place]["properties"][key];
        let own = property["enum"].as_array().or_else(|| {
            let name = property["allOf"][0]["$ref"].as_str()?.rsplit('/').next()?;
            schema["$defs"][name]["enum"].as_array()
        });
        own.expect(key)
            .iter()
            .map(|value| value.as_str().unwrap().to_owned())
            .collect()
    };
    for key in ["unhandled", "storage", "concurrency", "onExpressionError"] {
        for value in offered("chart", key) {
            let text = head(&format!(
                "{key}: {value}\ninitial: a\nstates: {{ a: {{}} }}\n"
            ));
            assert!(Machine::from_yaml(&text).is_ok(), "{key}: {value}");
        }
    }
    for (key, more) in [("mode", ""), ("on_dead", "")] {
        for value in offered("effect", key) {
            let text = head(&format!(
                "effects: {{ e: {{ handler: h, {key}: {value} {more} }} }}\ninitial: a\nstates: {{ a: {{ entry: [ {{ effect: e }} ] }} }}\n"
            ));
            assert!(Machine::from_yaml(&text).is_ok(), "{key}: {value}");
        }
    }
    for value in offered("request", "method") {
        let text = head(&format!(
            "effects: {{ e: {{ http: {{ method: {value}, url: '${{env.X}}' }} }} }}\ninitial: a\nstates: {{ a: {{ entry: [ {{ effect: e }} ] }} }}\n"
        ));
        assert!(Machine::from_yaml(&text).is_ok(), "{value}");
    }
}
