//! Configurations of XState as machines.

use jiff::Timestamp;
use serde_json::json;
use statehold_core::Event;
use statehold_formats::xstate::{Stubs, load};

fn stubs() -> Stubs {
    Stubs {
        guards: [("yes".to_owned(), true), ("no".to_owned(), false)].into(),
        delays: [("soon".to_owned(), 250)].into(),
    }
}

#[test]
fn targets_lead_to_siblings_children_and_ids() {
    let config = json!({
        "id": "m",
        "initial": "a",
        "states": {
            "a": { "initial": "x", "on": { "IN": ".y", "OUT": "b.deep", "ID": "#there", "FULL": "#m.b" },
                   "states": { "x": {}, "y": {} } },
            "b": { "initial": "first", "states": { "first": {}, "deep": { "id": "there" } } }
        }
    });
    let machine = load(&config.to_string(), &stubs()).unwrap();
    let first = machine
        .start(json!({}), Timestamp::UNIX_EPOCH)
        .unwrap()
        .snapshot;
    for (event, end) in [
        ("IN", "a.y"),
        ("OUT", "b.deep"),
        ("ID", "b.deep"),
        ("FULL", "b.first"),
    ] {
        let step = machine
            .step(&first, &Event::new(event), Timestamp::UNIX_EPOCH)
            .unwrap();
        assert_eq!(step.to, end, "{event}");
    }
}

#[test]
fn actions_guards_and_delays_are_named() {
    let config = json!({
        "initial": "a",
        "states": {
            "a": {
                "entry": "hello", "exit": ["one", { "type": "two", "params": { "n": 1 } }],
                "on": { "GO": [ { "target": "b", "guard": "no" }, { "target": "c", "guard": { "type": "yes" }, "actions": "three" } ] },
                "after": { "soon": "b", "1000": "c" }
            },
            "b": {}, "c": {}
        }
    });
    let machine = load(&config.to_string(), &stubs()).unwrap();
    let first = machine.start(json!({}), Timestamp::UNIX_EPOCH).unwrap();
    let due: Vec<i64> = first
        .timers
        .iter()
        .map(|timer| timer.due.as_millisecond())
        .collect();
    assert_eq!(
        (first.logged[0].label.as_str(), due),
        ("hello", vec![250, 1_000])
    );
    let step = machine
        .step(&first.snapshot, &Event::new("GO"), Timestamp::UNIX_EPOCH)
        .unwrap();
    let logged: Vec<String> = step
        .logged
        .iter()
        .map(|line| format!("{}{}", line.label, line.value))
        .collect();
    assert_eq!(step.to, "c");
    assert_eq!(logged, ["onenull", "two{\"n\":1}", "threenull"]);
}

#[test]
fn every_name_that_is_not_there_is_a_problem_with_its_place() {
    let config = "{\n \"initial\": \"gone\",\n \"states\": {\n  \"a\": { \"on\": { \"E\": \"nowhere\", \"F\": { \"guard\": \"what\" }, \"G\": 5 } },\n  \"b\": { \"after\": { \"sometime\": \"a\" }, \"states\": { \"c\": {} } }\n }\n}";
    let error = load(config, &stubs()).unwrap_err();
    let mut lines: Vec<String> = error
        .problems
        .iter()
        .map(|p| format!("{}: {}", p.line, p.message))
        .collect();
    // Within a line the order is not promised.
    lines.sort();
    assert_eq!(
        lines,
        [
            "2: there is no state `gone`",
            "4: a transition is a target or an object, not a whole number",
            "4: nothing says what the guard `what` is",
            "4: there is no state `nowhere`",
            "5: a compound state needs `initial`",
            "5: how long is `sometime`?",
        ]
    );
    assert_eq!(load("{", &stubs()).unwrap_err().problems[0].line, 1);
}

#[test]
fn a_delay_of_the_root_is_named_like_any_timer_of_the_root() {
    let config =
        json!({ "initial": "a", "after": { "soon": ".b" }, "states": { "a": {}, "b": {} } });
    let machine = load(&config.to_string(), &stubs()).unwrap();
    let timer = &machine.states[0].timers[0];
    assert_eq!(timer.event, "timer.soon");
    assert_eq!(
        timer.event,
        statehold_core::machine::timer_event("", &timer.name)
    );
}
