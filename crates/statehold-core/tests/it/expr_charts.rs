//! The expressions of three real life cycles compile, pass the check against their schemas, and evaluate.

use jiff::Timestamp;
use serde_json::{Value, json};
use statehold_core::expr::{
    ActorScope, EntityScope, EventScope, Expected, Expr, Names, Scope, Template, check,
};
use statehold_core::schema::{Field, Record, Type};

struct Chart {
    ctx: Record,
    input: Option<Record>,
    states: &'static [&'static str],
}

impl Chart {
    fn names<'a>(
        &'a self,
        extra: &'a [(&'a str, Option<&'a Record>)],
        in_state: &'a dyn Fn(&str) -> bool,
        expected: Expected,
    ) -> Names<'a> {
        Names {
            ctx: Some(&self.ctx),
            input: self.input.as_ref(),
            extra,
            in_state: Some(in_state),
            expected,
        }
    }

    #[track_caller]
    fn passes(&self, source: &str, expected: Expected) {
        let expr = Expr::compile(source).expect(source);
        let in_state = |path: &str| self.states.contains(&path);
        let extra = [("response", None), ("prepare", None)];
        assert_eq!(
            check(&expr, &self.names(&extra, &in_state, expected)),
            [],
            "{source}"
        );
    }

    #[track_caller]
    fn template_passes(&self, text: &str) {
        let template = Template::compile(text).expect(text);
        let in_state = |_: &str| true;
        let extra = [
            ("env", None),
            ("input", None),
            ("effect", None),
            ("prepare", None),
        ];
        for expr in template.expressions() {
            assert_eq!(
                check(expr, &self.names(&extra, &in_state, Expected::Any)),
                [],
                "{text}"
            );
        }
    }
}

fn order() -> Chart {
    Chart {
        ctx: Record::new(vec![
            Field::new("customer_id", Type::String),
            Field::new("total", Type::Integer),
            Field::new("currency", Type::String).default(json!("EUR")),
            Field::new("email", Type::String).optional().sensitive(),
            Field::new("tracking", Type::String).optional(),
            Field::new("paid_at", Type::Timestamp).optional(),
            Field::new("sku", Type::String),
            Field::new("quantity", Type::Integer),
            Field::new("seat", Type::String),
        ])
        .expect("a record"),
        input: None,
        states: &[],
    }
}

fn checkout() -> Chart {
    Chart {
        ctx: Record::new(vec![
            Field::new("items", Type::List(None)),
            Field::new("total", Type::Integer),
            Field::new("charge_id", Type::String).optional(),
            Field::new("tries", Type::Integer).default(json!(0)),
            Field::new("parcels", Type::Integer).default(json!(0)),
        ])
        .expect("a record"),
        input: None,
        states: &[
            "processing.fulfilment.shipped",
            "processing.payment.captured",
        ],
    }
}

fn subscription() -> Chart {
    Chart {
        ctx: Record::new(vec![
            Field::new("plan", Type::String),
            Field::new("period_end", Type::Timestamp),
            Field::new("failures", Type::Integer).default(json!(0)),
        ])
        .expect("a record"),
        input: Some(
            Record::new(vec![Field::from_schema(
                "plan",
                json!({"type": "string", "enum": ["basic", "pro"]}),
            )])
            .expect("a record"),
        ),
        states: &[],
    }
}

#[test]
fn the_expressions_of_three_charts_pass() {
    let chart = order();
    for guard in [
        "actor.id == ctx.customer_id",
        "has_role('warehouse')",
        "now - ctx.paid_at < days(14)",
        "response.status == 200 && response.body.available >= ctx.quantity",
        "size(response.body.data) > 0",
    ] {
        chart.passes(guard, Expected::Bool);
    }
    for value in ["now", "event.input.tracking", "event.input.payment_token"] {
        chart.passes(value, Expected::Any);
    }
    for text in [
        "${env.PAYMENTS}/charges",
        "${ctx.total}",
        "${input.token}",
        "${entity.id}",
        "${ctx.email}",
        "${env.STOCK}/items/${ctx.sku}",
        "${env.PAYMENTS}/charges?key=${effect.key}",
        "${env.SEATS}/holds/${prepare.body.id}/confirm",
    ] {
        chart.template_passes(text);
    }
    let chart = checkout();
    for guard in [
        "size(ctx.items) > 0",
        "!in_state('processing.fulfilment.shipped')",
        "in_state('processing.payment.captured')",
        "event.error.kind == 'timeout' && ctx.tries < 3",
        "ctx.parcels + 1 >= size(ctx.items)",
        "has(ctx.charge_id)",
    ] {
        chart.passes(guard, Expected::Bool);
    }
    for value in [
        "ctx.items + [event.input]",
        "ctx.total + event.input.price",
        "event.output.body.id",
        "ctx.tries + 1",
        "ctx.parcels + 1",
        "ctx.charge_id",
    ] {
        chart.passes(value, Expected::Any);
    }
    let chart = subscription();
    for guard in [
        "has_role('billing') || actor.id == entity.owner",
        "actor.kind == 'service'",
        "ctx.failures >= 4",
    ] {
        chart.passes(guard, Expected::Bool);
    }
    for value in [
        "event.input.plan",
        "ctx.period_end",
        "timestamp(event.output.body.period_end)",
        "ctx.failures + 1",
        "now + hours(24 * ctx.failures)",
    ] {
        chart.passes(value, Expected::Any);
    }
}

fn eval(chart: &Chart, ctx: &Value, output: &Value, source: &str) -> Value {
    let input = json!({"price": 5, "sku": "A-1"});
    let error = json!({"kind": "timeout"});
    let scope = Scope {
        ctx: ctx.as_object().expect("an object"),
        ctx_record: &chart.ctx,
        event: EventScope {
            kind: "add_item",
            input: &input,
            input_record: None,
            output: Some(output),
            error: Some(&error),
            attempt: Some(1),
        },
        actor: Some(ActorScope {
            id: "ann",
            kind: "user",
            roles: &[],
        }),
        entity: EntityScope {
            id: "e1",
            owner: Some("ann"),
            version: 1,
            revision: 0,
        },
        now: "2026-11-25T09:30:00Z"
            .parse::<Timestamp>()
            .expect("a timestamp"),
        in_state: &|path| path == "processing.payment.captured",
        extra: &[],
    };
    Expr::compile(source)
        .map(|expr| expr.eval(&scope))
        .expect(source)
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn their_values_are_what_the_chart_means() {
    let chart = checkout();
    let ctx = json!({"items": [{"price": 3}], "total": 3, "tries": 2, "parcels": 0});
    let output = json!({"body": {"id": "ch_1", "period_end": "2027-01-01T00:00:00+01:00"}});
    for (source, value) in [
        (
            "ctx.items + [event.input]",
            json!([{"price": 3}, {"price": 5, "sku": "A-1"}]),
        ),
        ("ctx.total + event.input.price", json!(8)),
        (
            "event.error.kind == 'timeout' && ctx.tries < 3",
            json!(true),
        ),
        ("ctx.parcels + 1 >= size(ctx.items)", json!(true)),
        ("has(ctx.charge_id)", json!(false)),
        ("!in_state('processing.fulfilment.shipped')", json!(true)),
        ("event.output.body.id", json!("ch_1")),
        (
            "timestamp(event.output.body.period_end)",
            json!("2026-12-31T23:00:00Z"),
        ),
        (
            "has_role('billing') || actor.id == entity.owner",
            json!(true),
        ),
        ("now + hours(24 * ctx.tries)", json!("2026-11-27T09:30:00Z")),
    ] {
        assert_eq!(eval(&chart, &ctx, &output, source), value, "{source}");
    }
}
