//! Every line of `expr_golden.txt` evaluates to what it says. A change of the parser's crate shows here first.

use serde_json::json;
use statehold_core::expr::{ActorScope, EntityScope, EventScope, Expr, Scope};
use statehold_core::schema::{Field, Record, Type};

const GOLDEN: &str = include_str!("expr_golden.txt");

fn record() -> Record {
    Record::new(vec![
        Field::new("customer_id", Type::String),
        Field::new("total", Type::Integer),
        Field::new("price", Type::Number),
        Field::new("currency", Type::String),
        Field::new("paid_at", Type::Timestamp).optional(),
        Field::new("closed_at", Type::Timestamp).optional(),
        Field::new("email", Type::String).optional(),
        Field::new("window", Type::Duration),
        Field::new("flag", Type::Boolean),
        Field::new("nothing", Type::Any),
        Field::new("items", Type::List(None)),
        Field::new("tags", Type::List(Some(Box::new(Type::String)))),
        Field::new("address", Type::Object(None)),
        Field::new("loose", Type::List(None)),
    ])
    .expect("a record")
}

fn result(source: &str) -> String {
    let record = record();
    let ctx = json!({
        "customer_id": "ann", "total": 1200, "price": 5, "currency": "EUR",
        "paid_at": "2026-11-20T09:30:00.123456Z", "window": "P14D", "flag": true, "nothing": null,
        "items": [{"sku": "A-1", "qty": 2, "price": 300}, {"sku": "B-2", "qty": 1, "price": 600}],
        "tags": ["new", "gift"], "address": {"zip": "10115", "city": "Berlin"}, "loose": [1, 2.0, 2.5, "x", null],
    });
    let input = json!({"tracking": "T-9", "count": 3});
    let roles = ["buyer".to_owned(), "vip".to_owned()];
    let scope = Scope {
        ctx: ctx.as_object().expect("an object"),
        ctx_record: &record,
        event: EventScope {
            kind: "ship",
            input: &input,
            input_record: None,
            output: None,
            error: None,
            attempt: Some(2),
        },
        actor: Some(ActorScope {
            id: "ann",
            kind: "user",
            roles: &roles,
        }),
        entity: EntityScope {
            id: "o-1",
            owner: None,
            version: 3,
            revision: 7,
        },
        now: "2026-11-25T09:30:00.5Z".parse().expect("a timestamp"),
        in_state: &|path| matches!(path, "order" | "order.paid"),
        extra: &[],
    };
    match Expr::compile(source) {
        Err(_) => "! compile".to_owned(),
        Ok(expr) => match expr.eval(&scope) {
            Ok(value) => value.to_string(),
            Err(error) => format!("! {:?}", error.kind),
        },
    }
}

#[test]
fn every_golden_expression_has_its_value() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in GOLDEN.lines() {
        let Some((source, expected)) = line.split_once("  =>  ") else {
            continue;
        };
        if line.starts_with('#') {
            continue;
        }
        count += 1;
        let result = result(source);
        if result != expected {
            wrong.push(format!(
                "{source}\n  expected {expected}\n  got      {result}"
            ));
        }
    }
    assert!(count >= 100, "{count} expressions");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
