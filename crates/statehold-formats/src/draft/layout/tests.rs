//! Whatever is written reads back, and reads well.

use proptest::prelude::*;
use serde_json::json;
use statehold_core::source::parse_yaml;

use super::*;

fn written(value: &Value) -> String {
    let Form::Map(entries) = Form::from(value) else {
        panic!("a mapping");
    };
    document(&[], &entries)
}

#[track_caller]
fn round_trip(value: &Value) {
    let text = written(value);
    let read = parse_yaml(&text).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
    assert_eq!(&read.to_json(), value, "{text}");
}

#[test]
fn words_that_yaml_takes_for_something_else_are_quoted() {
    for word in [
        "yes",
        "No",
        "on",
        "y",
        "~",
        "null",
        "True",
        "1",
        "0x1f",
        "0o7",
        "010",
        "1_000",
        "1e3",
        ".5",
        "12:30",
        "2026-01-01",
        "-",
        "---",
        "...",
        "-1",
        "+1",
        "<<",
        "=",
        "a: b",
        "a #b",
        "#a",
        "!x",
        "&a",
        "*a",
        "'a",
        "\"a",
        "[a]",
        "{a}",
        "a,b",
        "a:",
        ":a",
        "?",
        "? a",
        "%a",
        "@a",
        "`a",
        "|",
        ">",
        " a",
        "a ",
        "",
        "a\tb",
        "a\nb",
        "\u{85}",
        "\u{feff}a",
        "a\u{2028}b",
        "\u{7f}",
        "ä",
        "😀",
        "'a' == \"b\"",
        "\\n",
    ] {
        round_trip(&json!({ "a": word, "b": [word], "c": [{ "d": word }] }));
        round_trip(&json!({ word: 1, "z": { word: word } }));
    }
}

#[test]
fn short_things_stand_in_braces_and_long_ones_do_not() {
    let text = written(&json!({
        "states": { "paid": { "on": { "ship": "shipped" }, "after": { "30d": "late" } } },
        "guard": "!in_state('a')", "list": ["a", "b"], "maps": [{ "a": 1 }],
        "long": { "a".repeat(60): "b".repeat(60) },
        "words": "two\nlines\n",
    }));
    let expected = "states: { paid: { on: { ship: shipped }, after: { 30d: late } } }\n\
        guard: \"!in_state('a')\"\nlist: [a, b]\nmaps: [ { a: 1 } ]\nlong:\n  ";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.ends_with("words: |\n  two\n  lines\n"), "{text}");
}

#[test]
fn comments_stand_above_and_never_break_out() {
    let part = Part::new(Form::Bool(true)).comments(&["TODO: a\nb\r\u{85}c: d".to_owned()]);
    let inner = Part::new(Form::Map(vec![("x".to_owned(), part.clone())]));
    let list = Part::new(Form::List(vec![inner.clone(), part.clone()]));
    let entries = [("m".to_owned(), inner), ("l".to_owned(), list)];
    let text = document(&["top".to_owned()], &entries);
    let read = parse_yaml(&text).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
    assert_eq!(
        read.to_json(),
        json!({ "m": { "x": true }, "l": [{ "x": true }, true] })
    );
    assert!(text.starts_with("# top\nm:\n  # TODO: a\n  # b"), "{text}");
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9_f64).prop_map(Value::from),
        "[^\0]*".prop_map(Value::from),
        "[a-z:#,{}' \"\n\\-]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec(("[^\0]*", inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_written_reads_back(value in any_value()) {
        let value = json!({ "v": value });
        let text = written(&value);
        match parse_yaml(&text) {
            Ok(read) => prop_assert_eq!(read.to_json(), value, "{}", text),
            Err(errors) => prop_assert!(false, "{errors:?}\n{text}"),
        }
    }
}
