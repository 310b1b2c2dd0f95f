//! Names: words that mean something to a language, a database or a system are names like any other, and what cannot be
//! a name is refused with words that show why.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use statehold_core::{Event, Machine, codes};

/// Words that other systems trip over.
const WORDS: [&str; 30] = [
    "send",
    "class",
    "new",
    "id",
    "type",
    "null",
    "true",
    "false",
    "end",
    "state",
    "select",
    "order",
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "CON",
    "NUL",
    "valid",
    "hash",
    "self",
    "table",
    "user",
    "group",
    "fn",
    "yes",
    "no",
    "on",
    "off",
    "_",
];

fn load(chart: &Value) -> Machine {
    match Machine::load("x.chart.json", &chart.to_string()) {
        Ok(loaded) => loaded.machine,
        Err(error) => panic!("{error}"),
    }
}

/// A chart that uses one word as the name of everything.
fn chart_of(word: &str, next: &str) -> Value {
    let map = |key: &str, value: Value| Value::Object(Map::from_iter([(key.to_owned(), value)]));
    json!({
        "statehold": 1,
        "machine": word,
        "version": 1,
        "context": map(word, json!({ "type": "integer", "default": 0 })),
        "events": map(word, json!({ "input": map(word, json!("integer")) })),
        "guards": map(word, json!(format!("event.input.{word} > 1"))),
        "effects": map(word, json!({ "http": { "method": "POST", "url": "${env.X}", "body": map(word, json!(format!("${{ctx.{word}}}"))) } })),
        "initial": word,
        "states": {
            word: { "on": map(word, json!({ "target": next, "guard": { "if": format!("event.input.{word} > 1") }, "assign": map(word, json!(format!("ctx.{word} + event.input.{word}"))), "effects": [word] })) },
            next: { "on": { "again": word } },
        },
    })
}

#[test]
fn words_of_other_systems_are_names_here() {
    let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    for word in WORDS {
        // CEL reads these as values; as a name of a field they cannot be written in an expression.
        if matches!(word, "null" | "true" | "false") {
            continue;
        }
        let machine = load(&chart_of(word, "elsewhere"));
        let first = machine.start(json!({}), now).expect(word);
        assert_eq!(first.to, word);
        let input = Value::Object(Map::from_iter([(word.to_owned(), json!(5))]));
        let step = machine.step(&first.snapshot, &Event::new(word).input(input), now);
        let step = step.expect(word);
        assert_eq!(step.to, "elsewhere");
        assert_eq!(step.snapshot.context.get(word), Some(&json!(5)), "{word}");
        let body = serde_json::to_value(&step.effects[0].request).unwrap();
        assert!(body.to_string().contains(&format!("{word:?}:5")), "{body}");
        let back = machine.decode(&first.to).expect(word);
        assert_eq!(back, first.snapshot.configuration);
    }
}

#[test]
fn states_and_events_may_be_called_like_values() {
    let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    for word in ["null", "true", "false", "yes", "no", "on", "off", "y", "n"] {
        let machine = load(&json!({
            "statehold": 1, "machine": "m", "version": 1, "initial": word,
            "states": { word: { "on": { word: "other" } }, "other": { "type": "final" } },
        }));
        let first = machine.start(json!({}), now).unwrap();
        let step = machine
            .step(&first.snapshot, &Event::new(word), now)
            .unwrap();
        assert_eq!((step.from.as_str(), step.to.as_str()), (word, "other"));
    }
}

/// What is said about a name, in the place of a state's.
fn refused(name: &str) -> String {
    let chart = json!({ "statehold": 1, "machine": "m", "version": 1, "initial": "a", "states": { "a": { "type": "final" }, name: {} } });
    let error = Machine::load("x.chart.json", &chart.to_string()).expect_err(name);
    let problem = (error.diagnostics.into_iter())
        .find(statehold_core::diagnostic::Diagnostic::is_error)
        .expect(name);
    assert!(
        [codes::BAD_NAME, codes::RESERVED_NAME].contains(&problem.code),
        "{name}: {problem:?}"
    );
    problem.message
}

#[test]
fn what_cannot_be_a_name_is_said_with_the_character_that_is_in_the_way() {
    let cases = [
        (
            "a.b",
            "`a.b` cannot be the name of a state: it holds a dot, which separates the parts of a path",
        ),
        ("a/b", "`a/b` cannot be the name of a state: it holds `/`"),
        ("a-b", "`a-b` cannot be the name of a state: it holds `-`"),
        (
            "With Artists",
            "`With Artists` cannot be the name of a state: it holds a space",
        ),
        (
            "2nd",
            "`2nd` cannot be the name of a state: it begins with a digit",
        ),
        ("", "a state needs a name"),
        (
            "größe",
            "`größe` cannot be the name of a state: it holds U+00F6",
        ),
        (
            "заказ",
            "`заказ` cannot be the name of a state: it holds U+0437",
        ),
        (
            "a\u{202E}b",
            "`a\\u{202e}b` cannot be the name of a state: it holds U+202E",
        ),
        (
            "a\u{200B}b",
            "`a\\u{200b}b` cannot be the name of a state: it holds U+200B",
        ),
        (
            "🚀",
            "`\\u{1f680}` cannot be the name of a state: it holds U+1F680",
        ),
        (
            "a\tb",
            "`a\\u{9}b` cannot be the name of a state: it holds U+0009",
        ),
        (
            "a;drop",
            "`a;drop` cannot be the name of a state: it holds `;`",
        ),
        (
            "a(b|c)",
            "`a(b|c)` cannot be the name of a state: it holds `(`",
        ),
        ("*", "`*` cannot be the name of a state: it holds `*`"),
        ("any", "a state cannot be called `any`"),
        // Cyrillic: looks like the Latin letter.
        (
            "p\u{0430}id",
            "`p\u{0430}id` cannot be the name of a state: it holds U+0430",
        ),
    ];
    for (name, message) in cases {
        assert_eq!(refused(name), message);
    }
}

#[test]
fn twins_that_look_alike_are_both_refused_and_told_apart() {
    let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}");
    assert_eq!(
        refused(composed),
        "`café` cannot be the name of a state: it holds U+00E9"
    );
    assert_eq!(
        refused(decomposed),
        "`cafe\\u{301}` cannot be the name of a state: it holds U+0301"
    );
}

#[test]
fn names_have_63_bytes_and_events_200() {
    let (fits, too_long) = ("a".repeat(63), "a".repeat(64));
    let machine = load(&chart_of(&fits, "b"));
    assert_eq!(machine.name, fits);
    assert_eq!(
        refused(&too_long),
        "the name of a state has 64 bytes, more than 63"
    );
    let with_event = |event: &str| {
        let on = Value::Object(Map::from_iter([(event.to_owned(), json!({}))]));
        let chart = json!({ "statehold": 1, "machine": "m", "version": 1, "initial": "a", "states": { "a": { "on": on } } });
        Machine::load("x.chart.json", &chart.to_string())
    };
    assert!(with_event(&"e".repeat(200)).is_ok());
    let error = with_event(&"e".repeat(201)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the event has 201 bytes, more than 200")
    );
}

#[test]
fn events_are_words_and_dots() {
    let refused = |event: &str| {
        let on = Value::Object(Map::from_iter([(event.to_owned(), json!({}))]));
        let chart = json!({ "statehold": 1, "machine": "m", "version": 1, "initial": "a", "states": { "a": { "on": on } } });
        let error = Machine::load("x.chart.json", &chart.to_string()).expect_err(event);
        error.diagnostics[0].message.clone()
    };
    assert_eq!(
        refused("two words"),
        "`two words` cannot be an event: it holds a space"
    );
    assert_eq!(
        refused("a..b"),
        "`a..b` cannot be an event: a word is missing beside a dot"
    );
    assert_eq!(
        refused("pay\u{202E}"),
        "`pay\\u{202e}` cannot be an event: it holds U+202E"
    );
}

#[test]
fn words_for_people_are_kept_byte_for_byte() {
    let label = "Größe — заказ \u{202E}שלום\u{202C} cafe\u{301} 🚀 <b>\"'\\";
    let machine = load(&json!({
        "statehold": 1, "machine": "m", "version": 1, "label": label, "initial": "a",
        "states": { "a": { "type": "final", "label": label, "tags": [label] } },
    }));
    assert_eq!(machine.label.as_deref(), Some(label));
    let state = machine.state_at("a").unwrap();
    assert_eq!(
        (state.label.as_deref(), state.tags[0].as_str()),
        (Some(label), label)
    );
}
