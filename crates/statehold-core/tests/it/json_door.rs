//! The door for JSON keeps every value it lets through.

use proptest::prelude::*;
use serde_json::{Map, Value};
use statehold_core::json::{Limits, canonical, parse_strict};

fn read(text: &str) -> Value {
    parse_strict(text.as_bytes(), Limits::bytes(1 << 20)).expect(text)
}

/// Any JSON value that every store keeps.
fn value() -> impl Strategy<Value = Value> {
    let float = any::<f64>().prop_filter("finite, and not zero with a sign", |float| {
        float.is_finite() && *float != 0.0
    });
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        float.prop_map(Value::from),
        "[^\0]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[^\0]{0,6}", inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// The same value with the keys of every object in reverse.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(reversed).collect(),
        Value::Object(object) => {
            let entries = object
                .iter()
                .rev()
                .map(|(key, value)| (key.clone(), reversed(value)));
            Value::Object(entries.collect())
        }
        _ => value.clone(),
    }
}

/// Where two texts of one number lie equally near, the one that is written is the one that is read.
#[test]
fn a_number_between_two_texts_is_read_as_it_is_written() {
    for number in [1_636_701_613_756_351.2_f64, 1_845_775_236_799_943.2] {
        let text = Value::from(number).to_string();
        assert_eq!(read(&text), Value::from(number), "{text}");
    }
}

proptest! {
    #[test]
    fn what_comes_in_goes_out(value in value()) {
        prop_assert_eq!(&read(&value.to_string()), &value);
        prop_assert_eq!(&read(&serde_json::to_string_pretty(&value).unwrap()), &value);
    }

    #[test]
    fn canonical_bytes_depend_on_the_value_alone(value in value()) {
        let bytes = canonical(&value);
        prop_assert_eq!(&canonical(&reversed(&value)), &bytes);
        prop_assert_eq!(&canonical(&read(&bytes)), &bytes);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = parse_strict(&bytes, Limits::bytes(60));
    }

    #[test]
    fn any_token_soup_is_read_or_refused(text in r#"([\[\]{},: \n]|"a"|"\\u0000"|"\\"|-?1|1e5|0\.1|true|nul){0,30}"#) {
        match parse_strict(text.as_bytes(), Limits::bytes(1000)) {
            Ok(value) => {
                let lenient: Value = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(canonical(&value), canonical(&lenient));
            }
            Err(refusal) => prop_assert!(refusal.offset <= text.len()),
        }
    }
}
