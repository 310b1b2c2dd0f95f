//! Nothing an author writes, and nothing that stands in data, makes an expression panic.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use statehold_core::expr::{
    EntityScope, EventScope, Expected, Expr, Names, Scope, Template, check,
};
use statehold_core::schema::{Field, Record, Type};

fn record() -> Record {
    Record::new(vec![
        Field::new("int", Type::Integer),
        Field::new("number", Type::Number),
        Field::new("text", Type::String),
        Field::new("at", Type::Timestamp),
        Field::new("length", Type::Duration),
        Field::new("list", Type::List(None)),
        Field::new("map", Type::Object(None)),
    ])
    .expect("a record")
}

fn exercise(source: &str, ctx: &Value) {
    let Ok(expr) = Expr::compile(source) else {
        return;
    };
    let record = record();
    let names = Names {
        ctx: Some(&record),
        expected: Expected::Bool,
        ..Names::default()
    };
    for error in check(&expr, &names) {
        assert!(
            source.get(error.range.clone()).is_some(),
            "{source}: {error:?}"
        );
    }
    let input = json!({});
    let scope = Scope {
        ctx: ctx.as_object().expect("an object"),
        ctx_record: &record,
        event: EventScope {
            kind: "e",
            input: &input,
            input_record: None,
            output: None,
            error: None,
            attempt: None,
        },
        actor: None,
        entity: EntityScope {
            id: "e",
            owner: None,
            version: 1,
            revision: u64::MAX,
        },
        now: Timestamp::MAX,
        in_state: &|_| true,
        extra: &[],
    };
    if let Err(error) = expr.eval(&scope) {
        assert!(
            source.get(error.range.clone()).is_some(),
            "{source}: {error:?}"
        );
    }
    let _ = expr.eval_bool(&scope);
}

/// Tokens in any order.
fn soup() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "?",
        ":",
        ",",
        ".",
        "&&",
        "||",
        "!",
        "-",
        "+",
        "*",
        "/",
        "%",
        "==",
        "!=",
        "<",
        ">=",
        " in ",
        "1",
        "1.5",
        "2u",
        "'a'",
        "\"ä\"",
        "r'\\'",
        "true",
        "null",
        "ctx",
        "now",
        "x",
        ".?",
        "[?",
        "a",
        "`b`",
        "has(",
        ".map(x,",
        ".all(y,",
        "size(",
        "cel.bind(z,",
        "optional.of(",
        "${",
        "\n",
        "//c\n",
        "日",
        "0x",
        "1e",
        "'",
    ]);
    prop::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat())
}

/// Values at the edges of their types.
fn edge() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "0",
        "1",
        "-1",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615u",
        "0.0",
        "1e308",
        "-1e308",
        "0.5",
        "0.0 / 0.0",
        "1.0 / 0.0",
        "''",
        "'a'",
        "'äöü日本'",
        "'2026-01-01T00:00:00Z'",
        "'P1D'",
        "'+99:99'",
        "'UTC'",
        "[]",
        "[1, 'a', null]",
        "[[1], [2]]",
        "{}",
        "{'a': 1}",
        "{1: 2}",
        "null",
        "true",
        "now",
        "timestamp('0001-01-01T00:00:00Z')",
        "duration('2562047788015215h')",
        "days(3652500)",
        "days(-3652500)",
        "ctx.int",
        "ctx.number",
        "ctx.text",
        "ctx.at",
        "ctx.length",
        "ctx.list",
        "ctx.map",
        "optional.none()",
        "optional.of(1)",
        "int",
        "entity.revision",
        "event",
        "actor",
    ])
}

fn call() -> impl Strategy<Value = String> {
    let function = prop::sample::select(vec![
        "size",
        "int",
        "uint",
        "double",
        "string",
        "bool",
        "timestamp",
        "duration",
        "type",
        "dyn",
        "in_state",
        "has_role",
        "days",
        "hours",
        "minutes",
        "seconds",
        "sum",
        "math.abs",
        "math.ceil",
        "math.floor",
        "math.round",
        "math.greatest",
        "math.least",
        "optional.of",
        "optional.ofNonZeroValue",
        "!",
        "-",
    ]);
    let method = prop::sample::select(vec![
        "size",
        "contains",
        "startsWith",
        "endsWith",
        "charAt",
        "indexOf",
        "lastIndexOf",
        "join",
        "lowerAscii",
        "upperAscii",
        "replace",
        "split",
        "substring",
        "trim",
        "reverse",
        "distinct",
        "flatten",
        "slice",
        "sort",
        "hasValue",
        "value",
        "or",
        "orValue",
        "getFullYear",
        "getMonth",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getDayOfYear",
        "getHours",
        "getMinutes",
        "getSeconds",
        "getMilliseconds",
    ]);
    let operator = prop::sample::select(vec![
        "+", "-", "*", "/", "%", "==", "<", ">=", "in", "&&", "||",
    ]);
    let args = prop::collection::vec(edge(), 0..4).prop_map(|args| args.join(", "));
    prop_oneof![
        (function, edge()).prop_map(|(name, arg)| format!("{name}({arg})")),
        (edge(), method, args)
            .prop_map(|(target, name, args)| format!("({target}).{name}({args})")),
        (edge(), operator, edge())
            .prop_map(|(left, operator, right)| format!("({left}) {operator} ({right})")),
        (edge(), edge()).prop_map(|(container, index)| format!("({container})[{index}]")),
        (edge(), edge()).prop_map(|(container, index)| format!("({container})[?{index}]")),
        (edge(), edge(), edge())
            .prop_map(|(condition, a, b)| format!("({condition}) ? ({a}) : ({b})")),
        (edge(), edge()).prop_map(|(key, value)| format!("{{{key}: {value}}}")),
    ]
}

fn context() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(json!("9999-12-31T23:59:59.999999999Z")),
        Just(json!("-PT2562047788015215H30M7.999999999S")),
        Just(json!([1, {"a": []}])),
        Just(json!({"a": 1, "": null})),
    ];
    let names = ["int", "number", "text", "at", "length", "list", "map"];
    prop::collection::vec(prop::option::of(value), names.len()).prop_map(move |values| {
        let present = names
            .iter()
            .zip(values)
            .filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
        Value::Object(present.collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in prop_oneof![soup(), "\\PC{0,40}"]) {
        exercise(&text, &json!({}));
        if let Err(error) = Template::compile(&text) {
            prop_assert!(text.get(error.range).is_some());
        }
    }

    #[test]
    fn no_value_makes_a_function_panic(source in call(), ctx in context()) {
        exercise(&source, &ctx);
    }
}
