//! The evaluator against the one of the `cel` crate: random expressions over random data give the same value, or an
//! error in both. Where ours differs on purpose, the generator stays away: a list plus a map (an error here), durations
//! beyond 292 years (fine here), whole numbers beside doubles beyond 2^53 (compared exactly here), patterns (as in RE2
//! here), bytes (refused here).

use cel::{Context, ExecutionError, Value as CelValue};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use statehold_core::expr::{ActorScope, EntityScope, EventScope, Expr, Scope};
use statehold_core::schema::{Field, Record, Type};

const NOW: &str = "2026-11-25T09:30:00Z";

/// What `cel` makes of the same expression; none for an error.
fn oracle(source: &str, ctx: &Value, record: &Record, input: &Value) -> Option<Value> {
    let program = cel::Program::compile(source).ok()?;
    let mut context = Context::default();
    context.add_variable_from_value("ctx", to_cel(ctx, Some(record)));
    let event = json!({"type": "pay", "input": input});
    context.add_variable_from_value("event", to_cel(&event, None));
    let now: Timestamp = NOW.parse().expect("a timestamp");
    context.add_variable_from_value("now", timestamp(now));
    context.add_function("days", days).expect("a new name");
    from_cel(&program.execute(&context).ok()?)
}

fn days(count: i64) -> Result<CelValue, ExecutionError> {
    let out_of_range = || ExecutionError::function_error("days", "out of range");
    let count = Some(count)
        .filter(|count| count.abs() <= 3_652_500)
        .ok_or_else(out_of_range)?;
    let days = chrono::Duration::try_days(count).ok_or_else(out_of_range)?;
    Ok(CelValue::Duration(days))
}

fn timestamp(at: Timestamp) -> CelValue {
    let at =
        chrono::DateTime::from_timestamp(at.as_second(), at.subsec_nanosecond().unsigned_abs());
    CelValue::Timestamp(at.expect("in range").into())
}

fn to_cel(value: &Value, record: Option<&Record>) -> CelValue {
    match value {
        Value::Null => CelValue::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match number.as_i64() {
            Some(int) => int.into(),
            None => number.as_f64().expect("a double").into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => {
            let items: Vec<CelValue> = items.iter().map(|item| to_cel(item, None)).collect();
            items.into()
        }
        Value::Object(object) => {
            let entries = object.iter().map(|(name, value)| {
                let ty = record
                    .and_then(|record| record.get(name))
                    .map(|field| &field.ty);
                let value = match (ty, value) {
                    (Some(Type::Number), Value::Number(number)) => {
                        number.as_f64().expect("a double").into()
                    }
                    (Some(Type::Timestamp), Value::String(text)) => {
                        timestamp(text.parse().expect("a timestamp"))
                    }
                    _ => to_cel(value, None),
                };
                (name.clone(), value)
            });
            entries
                .collect::<std::collections::HashMap<String, CelValue>>()
                .into()
        }
    }
}

fn from_cel(value: &CelValue) -> Option<Value> {
    Some(match value {
        CelValue::Null => Value::Null,
        CelValue::Bool(value) => (*value).into(),
        CelValue::Int(value) => (*value).into(),
        CelValue::UInt(value) => i64::try_from(*value).ok()?.into(),
        CelValue::Float(value) => Value::Number(serde_json::Number::from_f64(*value)?),
        CelValue::String(value) => value.as_str().into(),
        CelValue::List(items) => items
            .iter()
            .map(from_cel)
            .collect::<Option<Vec<_>>>()?
            .into(),
        CelValue::Map(map) => {
            let mut object = Map::new();
            for (key, value) in map.map.iter() {
                let cel::objects::Key::String(name) = key else {
                    return None;
                };
                object.insert(name.to_string(), from_cel(value)?);
            }
            object.into()
        }
        CelValue::Timestamp(at) => {
            let nanos = i32::try_from(at.timestamp_subsec_nanos()).ok()?;
            Timestamp::new(at.timestamp(), nanos)
                .ok()?
                .to_string()
                .into()
        }
        CelValue::Duration(length) => {
            let length = jiff::SignedDuration::new(length.num_seconds(), length.subsec_nanos());
            length.to_string().into()
        }
        _ => return None,
    })
}

fn record() -> Record {
    Record::new(vec![
        Field::new("a", Type::Integer),
        Field::new("b", Type::Number).optional(),
        Field::new("s", Type::String).optional(),
        Field::new("t", Type::Timestamp).optional(),
        Field::new("l", Type::List(None)).optional(),
        Field::new("o", Type::Object(None)).optional(),
    ])
    .expect("a record")
}

fn ours(source: &str, ctx: &Value, record: &Record, input: &Value) -> Option<Value> {
    let scope = Scope {
        ctx: ctx.as_object().expect("an object"),
        ctx_record: record,
        event: EventScope {
            kind: "pay",
            input,
            input_record: None,
            output: None,
            error: None,
            attempt: None,
        },
        actor: Some(ActorScope {
            id: "ann",
            kind: "user",
            roles: &[],
        }),
        entity: EntityScope {
            id: "e1",
            owner: None,
            version: 1,
            revision: 0,
        },
        now: NOW.parse().expect("a timestamp"),
        in_state: &|_| false,
        extra: &[],
    };
    match Expr::compile(source).ok()?.eval(&scope) {
        Ok(value) => Some(value),
        Err(error) if error.message == "`+` does not work on list and map" => Some("quirk".into()),
        Err(_) => None,
    }
}

/// Context and input with fields that are sometimes absent.
fn data() -> impl Strategy<Value = (Value, Value)> {
    let small = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(0)),
        Just(json!(2)),
        Just(json!(-7)),
        Just(json!(1.5)),
        Just(json!("")),
        Just(json!("abc")),
        Just(json!("ab")),
        Just(json!("5")),
        Just(json!(i64::MAX)),
    ];
    let list = prop::collection::vec(small.clone(), 0..4);
    let object = prop::collection::hash_map("[abx]", small.clone(), 0..3);
    (
        (
            -3_i64..4,
            prop::option::of(0..3),
            prop::option::of("[abc]{0,3}"),
            any::<bool>(),
        ),
        prop::option::of(list),
        prop::option::of(object),
        prop::collection::hash_map("[xyz]", small, 0..3),
    )
        .prop_map(|((a, b, s, t), list, object, input)| {
            let mut ctx = Map::new();
            ctx.insert("a".to_owned(), a.into());
            b.map(|b: i32| ctx.insert("b".to_owned(), b.into()));
            s.map(|s| ctx.insert("s".to_owned(), s.into()));
            if t {
                ctx.insert("t".to_owned(), "2026-11-20T00:00:00Z".into());
            }
            list.map(|list| ctx.insert("l".to_owned(), list.into()));
            object.map(|object| {
                ctx.insert(
                    "o".to_owned(),
                    object.into_iter().collect::<Map<_, _>>().into(),
                )
            });
            (ctx.into(), input.into_iter().collect::<Map<_, _>>().into())
        })
}

/// What an expression is meant to be; one in ten is something else.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Bool,
    Number,
    Text,
    List,
    Map,
    Time,
    Any,
}

type Source = BoxedStrategy<String>;

fn pick(choices: &[&'static str]) -> Source {
    prop::sample::select(choices.to_vec())
        .prop_map(str::to_owned)
        .boxed()
}

fn leaf(kind: Kind) -> Source {
    match kind {
        Kind::Bool => pick(&[
            "true",
            "false",
            "has(ctx.b)",
            "has(ctx.s)",
            "has(event.input.x)",
        ]),
        Kind::Number => pick(&[
            "ctx.a",
            "ctx.b",
            "0",
            "1",
            "2",
            "-7",
            "1.5",
            "2.0",
            "3u",
            "event.input.y",
            "ctx.o.a",
            "9223372036854775807",
        ]),
        Kind::Text => pick(&[
            "ctx.s",
            "'abc'",
            "'ab'",
            "'5'",
            "''",
            "event.type",
            "event.input.z",
        ]),
        Kind::List => pick(&[
            "ctx.l",
            "[]",
            "[1, 2.0, 'a']",
            "[[1], [2, 3]]",
            "[true, false]",
        ]),
        Kind::Map => pick(&[
            "ctx.o",
            "event.input",
            "{}",
            "{'a': 1, 'b': 'x'}",
            "{1: 2, true: 3}",
        ]),
        Kind::Time => pick(&[
            "now",
            "ctx.t",
            "days(1)",
            "days(-3)",
            "timestamp('2026-01-01T00:00:00Z')",
        ]),
        Kind::Any => pick(&[
            "x",
            "null",
            "ctx.absent",
            "ctx.s",
            "ctx.a",
            "event.input.x",
            "1",
            "'a'",
        ]),
    }
}

fn expression(kind: Kind, depth: u32) -> Source {
    if depth == 0 {
        return leaf(kind);
    }
    let e = |kind| expression(kind, depth - 1);
    let mixed = || {
        prop_oneof![
            e(Kind::Number),
            e(Kind::Text),
            e(Kind::Time),
            e(Kind::Any),
            e(Kind::Bool),
            e(Kind::List),
            e(Kind::Map)
        ]
    };
    let infix = |left: Source, operators: &[&'static str], right: Source| {
        (left, pick(operators), right)
            .prop_map(|(l, op, r)| format!("({l} {op} {r})"))
            .boxed()
    };
    let call = |names: &[&'static str], arg: Source| {
        (pick(names), arg)
            .prop_map(|(f, x)| format!("{f}({x})"))
            .boxed()
    };
    let method = |target: Source, names: &[&'static str], arg: Source| {
        (target, pick(names), arg)
            .prop_map(|(x, f, y)| format!("({x}).{f}({y})"))
            .boxed()
    };
    let each = |target: Source, names: &[&'static str], body: Source| {
        (target, pick(names), body)
            .prop_map(|(x, f, y)| format!("({x}).{f}(x, {y})"))
            .boxed()
    };
    const ORDER: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];
    let proper = match kind {
        Kind::Bool => prop_oneof![
            3 => infix(e(Kind::Bool), &["&&", "||"], e(Kind::Bool)),
            2 => infix(e(Kind::Number), &ORDER, e(Kind::Number)),
            1 => infix(e(Kind::Text), &ORDER, e(Kind::Text)),
            1 => infix(e(Kind::Time), &ORDER, e(Kind::Time)),
            1 => infix(mixed().boxed(), &["==", "!="], mixed().boxed()),
            1 => infix(mixed().boxed(), &["in"], e(Kind::List)),
            1 => infix(e(Kind::Text), &["in"], e(Kind::Map)),
            1 => call(&["!"], e(Kind::Bool)),
            1 => method(e(Kind::Text), &["contains", "startsWith", "endsWith"], e(Kind::Text)),
            2 => each(e(Kind::List), &["all", "exists", "exists_one"], e(Kind::Bool)),
            1 => each(e(Kind::List), &["all", "exists", "exists_one"], Just("x == 1 || x < 2".to_owned()).boxed()),
            1 => call(&["bool"], e(Kind::Text)),
        ]
        .boxed(),
        Kind::Number => prop_oneof![
            4 => infix(e(Kind::Number), &["+", "-", "*", "/", "%"], e(Kind::Number)),
            1 => call(&["-", "int", "double", "uint"], e(Kind::Number)),
            1 => call(&["int", "double"], e(Kind::Text)),
            1 => call(&["size"], prop_oneof![e(Kind::Text), e(Kind::List), e(Kind::Map)].boxed()),
            1 => (e(Kind::Time), pick(&["getFullYear", "getMonth", "getDate", "getDayOfWeek", "getHours", "getMinutes", "getSeconds", "getMilliseconds"]))
                .prop_map(|(t, f)| format!("({t}).{f}()")),
        ]
        .boxed(),
        Kind::Text => prop_oneof![
            3 => infix(e(Kind::Text), &["+"], e(Kind::Text)),
            1 => call(&["string"], prop_oneof![e(Kind::Number), e(Kind::Bool), e(Kind::Text), e(Kind::Time)].boxed()),
        ]
        .boxed(),
        Kind::List => prop_oneof![
            2 => prop::collection::vec(mixed(), 0..3).prop_map(|items| format!("[{}]", items.join(", "))),
            1 => infix(e(Kind::List), &["+"], e(Kind::List)),
            2 => each(e(Kind::List), &["map"], mixed().boxed()),
            1 => each(e(Kind::Map), &["map"], Just("x".to_owned()).boxed()).prop_map(|s| format!("[size({s})]")),
            2 => each(e(Kind::List), &["filter"], e(Kind::Bool)),
            1 => each(e(Kind::List), &["filter"], Just("x != 1".to_owned()).boxed()),
        ]
        .boxed(),
        Kind::Map => (mixed(), mixed()).prop_map(|(k, v)| format!("{{'k': {k}, 'v': {v}}}")).boxed(),
        Kind::Time => prop_oneof![
            infix(e(Kind::Time), &["+", "-"], e(Kind::Time)),
            pick(&["days(ctx.a)", "days(size(ctx.s))", "days(-7)", "days(ctx.b)", "days('1')"]),
        ]
        .boxed(),
        Kind::Any => prop_oneof![
            2 => mixed(),
            1 => (e(Kind::Bool), mixed(), mixed()).prop_map(|(c, a, b)| format!("({c} ? {a} : {b})")),
            1 => (e(Kind::List), e(Kind::Number)).prop_map(|(x, i)| format!("({x})[{i}]")),
            1 => (e(Kind::Map), prop_oneof![e(Kind::Text), Just("'a'".to_owned())]).prop_map(|(x, i)| format!("({x})[{i}]")),
            1 => (e(Kind::Map), pick(&["a", "b", "k", "x"])).prop_map(|(x, f)| format!("({x}).{f}")),
        ]
        .boxed(),
    };
    prop_oneof![24 => proper, 12 => leaf(kind), 1 => e(Kind::Any)].boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn evaluation_agrees_with_the_reference(source in expression(Kind::Any, 4), (ctx, input) in data()) {
        let record = record();
        let theirs = oracle(&source, &ctx, &record, &input);
        let ours = ours(&source, &ctx, &record, &input);
        prop_assume!(ours != Some("quirk".into()));
        prop_assert_eq!(ours, theirs, "{} over {} and {}", source, ctx, input);
    }
}
