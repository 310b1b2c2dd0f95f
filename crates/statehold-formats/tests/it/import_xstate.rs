//! Charts of XState configurations.

use statehold_formats::{ImportFormat, ImportOptions, import};

use crate::sketches::{imported, losses, machine, refused, states_of};

const FORMAT: ImportFormat = ImportFormat::XState;

#[test]
fn a_plain_graph_comes_over_whole_in_short_forms() {
    let one = imported(
        FORMAT,
        r##"{ "id": "Loan desk", "initial": "active", "states": {
            "active": { "description": "Being paid", "tags": ["open"], "on": {
                "PAY": [{ "target": "closed", "actions": [] }], "LATE": "over due", "NOTE": {}, "NOTHING": null, "NEVER": [] },
              "after": { "172800000": "#Loan desk.closed" } },
            "over due": { "on": { "PAY": "closed" }, "meta": { "colour": "red" } },
            "closed": { "type": "final" } } }"##,
    );
    assert_eq!(losses(&one), [] as [&str; 0]);
    assert_eq!(
        one.chart,
        r#"statehold: 1
machine: loan_desk
version: 1
label: Loan desk
unhandled: ignore
initial: active
states:
  active:
    description: Being paid
    tags: open
    on: { PAY: closed, LATE: over_due, NOTE: {}, NOTHING: {} }
    after: { 2d: closed }
  over_due:
    label: over due
    meta: { colour: red }
    on: { PAY: closed }
  closed: { type: final }
"#
    );
}

#[test]
fn code_elsewhere_becomes_guards_and_handlers_to_be_filled_in() {
    let one = imported(
        FORMAT,
        r#"{ "id": "m", "initial": "a", "context": { "n": 0, "who": null }, "states": {
            "a": { "entry": "hello", "exit": { "type": "bye", "params": { "loud": true, "to": "it's" } },
              "on": { "GO": { "target": "b", "guard": { "type": "is ok", "params": { "min": 3 } }, "actions": ["hello"] } },
              "invoke": { "src": "work", "input": { "x": "y" }, "onDone": "b", "onError": { "target": "a", "reenter": true } } },
            "b": {} } }"#,
    );
    assert_eq!(
        losses(&one),
        ["2:action", "2:action", "3:guard", "4:invoke"]
    );
    let text = &one.chart[one.chart.find("context:").unwrap()..];
    assert_eq!(
        text,
        r##"context:
  n: { type: integer, default: 0 }
  who?: { default: null }
guards:
  # TODO: say when this holds. It was the guard `is ok`.
  # Its params: {"min":3}
  is_ok: true
initial: a
states:
  a:
    entry: { effect: hello }
    exit: { effect: bye, input: { loud: true, to: "'it\\'s'" } }
    invoke: { effect: work, input: { x: "'y'" }, onDone: b, onError: { target: a, reenter: true } }
    on: { GO: { target: b, guard: is_ok, effects: [hello] } }
  b: {}
effects:
  # TODO: write the handler `work`, or say what it is over `http`.
  work: { handler: work }
  # TODO: write the handler `hello`, or say what it is over `http`.
  hello: { handler: hello, mode: fire_and_forget }
  # TODO: write the handler `bye`, or say what it is over `http`.
  bye: { handler: bye, mode: fire_and_forget }
"##
    );
}

#[test]
fn a_wildcard_still_takes_what_the_machine_makes_itself() {
    let one = imported(
        FORMAT,
        r#"{ "initial": "a", "states": {
            "a": { "initial": "x", "after": { "1000": { "target": "b", "guard": "g" } }, "onDone": "b",
                   "invoke": { "src": "w", "id": "worker" },
                   "on": { "*": "c", "xstate.done.actor.worker": "b" },
                   "states": { "x": { "entry": { "type": "xstate.raise", "params": { "event": { "type": "in.side" } } }, "on": { "in.*": "y" } },
                               "y": { "type": "final" } } },
            "b": {}, "c": {} } }"#,
    );
    let chart = states_of(&one);
    for line in [
        "in.*: y",
        "in.side: y",
        "\"*\": c",
        "done.effect.w: b",
        "onError: c",
        "onDone: b",
        "after: { 1s: [ { target: b, guard: g }, c ] }",
    ] {
        assert!(chart.contains(line), "{line}\n{chart}");
    }
    machine(&one);
}

#[test]
fn an_old_transition_to_its_own_source_leaves_it() {
    let text = |word: &str| {
        format!(
            r#"{{ "initial": "a", "states": {{ "a": {{ "initial": "b", "states": {{ "b": {{}} }},
            "on": {{ "SELF": {{ "target": "a", "{word}": "g" }}, "IN": ".b", "STAY": {{ "target": "a", "internal": true }} }} }} }} }}"#
        )
    };
    let old = imported(FORMAT, &text("cond"));
    assert!(
        states_of(&old).contains("SELF: { target: a, guard: g, reenter: true }"),
        "{}",
        old.chart
    );
    assert!(states_of(&old).contains("IN: .b"), "{}", old.chart);
    assert!(states_of(&old).contains("STAY: a"), "{}", old.chart);
    let new = imported(FORMAT, &text("guard").replace(", \"internal\": true", ""));
    assert!(
        states_of(&new).contains("SELF: { target: a, guard: g }"),
        "{}",
        new.chart
    );
}

#[test]
fn a_named_delay_waits_for_its_length() {
    let one = imported(
        FORMAT,
        r#"{ "initial": "a", "states": { "a": { "after": { "some time": [{ "target": "b", "guard": "g" }, "a"], "500": "b" } }, "b": {} } }"#,
    );
    assert_eq!(losses(&one), ["1:named delay", "1:guard"]);
    let chart = states_of(&one);
    let expected = "    on: { timer.a.some_time: { target: b, guard: g } }\n    after:\n      # TODO: how long is `some time`?\n      - { delay: 1d, name: some_time, target: a }\n      - { delay: 500ms, target: b }\n";
    assert!(chart.contains(expected), "{chart}");
    let state = &machine(&one).states[1];
    let on: Vec<_> = state
        .transitions
        .iter()
        .map(|t| t.on.as_ref().unwrap().text())
        .collect();
    assert_eq!(
        on,
        ["timer.a.some_time", "timer.a.some_time", "timer.a.500ms"]
    );
}

#[test]
fn what_would_move_states_in_another_way_is_refused_with_its_line() {
    for (states, message) in [
        (
            r#""a": { "type": "final", "on": { "E": "b" } }, "b": {}"#,
            "3:31: a final state cannot have `on` that leads elsewhere",
        ),
        (
            r#""a": { "states": { "x": {} } }"#,
            "3:6: a compound state needs `initial`",
        ),
        (
            r#""a": { "on": { "E": "nowhere" } }"#,
            "3:21: there is no state `nowhere`",
        ),
        (
            r#""a": { "entry": { "type": "xstate.raise", "event": "E", "delay": 5 } }"#,
            "3:17: an event raised after a delay is not supported",
        ),
        (
            r#""a": { "always": "b" }, "b": { "always": "a" }"#,
            "never comes to rest",
        ),
        (
            r#""a": { "after": { "99999999999999": "a" } }"#,
            "longer than any timer runs",
        ),
    ] {
        let text = format!("{{ \"initial\": \"a\",\n\"states\": {{\n{states} }} }}");
        let found = refused(FORMAT, &text);
        assert!(found.contains(message), "{found}");
    }
    assert!(refused(FORMAT, "{}").contains("it has no `states`"));
    assert!(refused(FORMAT, "[]").contains("a configuration is an object"));
}

#[test]
fn the_name_may_be_given() {
    let options = ImportOptions {
        name: Some("My loan".to_owned()),
    };
    let text = r#"{ "id": "x", "initial": "a", "states": { "a": {} } }"#;
    let one = import(FORMAT, text, &options).unwrap().remove(0);
    assert_eq!(one.name, "my_loan");
    assert!(one.chart.contains("machine: my_loan\n"));
}

#[test]
fn what_an_editor_changes_in_our_export_is_taken_over() {
    let text = "statehold: 1\nmachine: m\nversion: 2\ncontext: { n: integer }\ninitial: a\nstates:\n  a: { on: { go: { target: b, guard: ctx.n > 1 } } }\n  b: {}\n";
    let machine = statehold_core::Machine::from_yaml(text).unwrap();
    let exported =
        statehold_formats::export(&machine, statehold_formats::ExportFormat::XState).text;
    let mut edited: serde_json::Value = serde_json::from_str(&exported).unwrap();
    edited["states"]["c"] = serde_json::json!({ "entry": "shout", "on": { "back": "a" } });
    edited["states"]["b"]["on"] = serde_json::json!({ "next": "c" });
    let one = imported(FORMAT, &edited.to_string());
    assert_eq!(losses(&one), ["1:action"]);
    let chart = states_of(&one);
    assert!(chart.contains("guard: ctx.n > 1"), "{chart}");
    assert!(
        chart.contains("c: { entry: { effect: shout }, on: { back: a } }"),
        "{chart}"
    );
    assert!(chart.contains("b: { on: { next: c } }"), "{chart}");
}
