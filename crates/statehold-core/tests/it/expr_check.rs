//! What the check of an expression says, text in, text out.

use statehold_core::expr::{Expected, Expr, Names, check};
use statehold_core::schema::{Field, Record, Type};

fn item() -> Record {
    Record::new(vec![
        Field::new("sku", Type::String),
        Field::new("price", Type::Integer),
    ])
    .expect("a record")
}

fn order() -> Record {
    Record::new(vec![
        Field::new("customer_id", Type::String),
        Field::new("total", Type::Integer),
        Field::new("price", Type::Number),
        Field::new("paid", Type::Boolean),
        Field::new("email", Type::String).optional(),
        Field::new("paid_at", Type::Timestamp).optional(),
        Field::new("window", Type::Duration),
        Field::new("tags", Type::List(Some(Box::new(Type::String)))),
        Field::new(
            "items",
            Type::List(Some(Box::new(Type::Object(Some(Box::new(item())))))),
        ),
        Field::new("loose", Type::List(None)),
        Field::new("address", Type::Object(None)),
        Field::new("any", Type::Any),
    ])
    .expect("a record")
}

/// Every finding as `text: message [help]`.
fn findings(source: &str, expected: Expected) -> Vec<String> {
    let ctx = order();
    let input = Record::new(vec![Field::new("tracking", Type::String)]).expect("a record");
    let names = Names {
        ctx: Some(&ctx),
        input: Some(&input),
        extra: &[("response", None)],
        in_state: Some(&|path| path == "order.paid"),
        expected,
    };
    let expr = Expr::compile(source).expect("an expression");
    let findings = check(&expr, &names).into_iter().map(|error| {
        let text = &source[error.range.clone()];
        let help = error.help.unwrap_or_default();
        format!("{text}: {} [{help}]", error.message)
    });
    findings.collect()
}

#[track_caller]
fn found(source: &str, expected: &[&str]) {
    assert_eq!(findings(source, Expected::Any), expected, "for {source}");
}

#[track_caller]
fn guard(source: &str, expected: &[&str]) {
    assert_eq!(findings(source, Expected::Bool), expected, "for {source}");
}

#[test]
fn unknown_names_are_found_with_the_nearest_known_one() {
    found(
        "ctx.totl",
        &["ctx.totl: `ctx` has no field `totl` [did you mean `ctx.total`?]"],
    );
    found(
        "has(ctx.emial)",
        &["has(ctx.emial): `ctx` has no field `emial` [did you mean `ctx.email`?]"],
    );
    found(
        "ctx.?emial.orValue('')",
        &["ctx.?emial: `ctx` has no field `emial` [did you mean `ctx.email`?]"],
    );
    found(
        "ctx['totl']",
        &["'totl': `ctx` has no field `totl` [did you mean `ctx.total`?]"],
    );
    found(
        "event.input.traking",
        &[
            "event.input.traking: `event.input` has no field `traking` [did you mean `event.input.tracking`?]",
        ],
    );
    found(
        "event.inptu",
        &["event.inptu: `event` has no field `inptu` [did you mean `event.input`?]"],
    );
    found(
        "actor.role",
        &["actor.role: `actor` has no field `role` [did you mean `actor.roles`?]"],
    );
    found(
        "entity.colour",
        &["entity.colour: `entity` has no field `colour` [it has id, owner, version, revision]"],
    );
    found(
        "total > 1",
        &["total: unknown name `total` [the entity's data is in ctx: write ctx.total]"],
    );
    found(
        "tracking == ''",
        &[
            "tracking: unknown name `tracking` [the event's input is in event.input: write event.input.tracking]",
        ],
    );
    found(
        "respnse.status",
        &["respnse: unknown name `respnse` [did you mean `response`?]"],
    );
    found(
        "zebra",
        &["zebra: unknown name `zebra` [there is ctx, event, actor, entity, now, response]"],
    );
    found(
        "env.URL",
        &["env: unknown name `env` [env is known only in the http part of an effect]"],
    );
    found(
        "ctx.items.all(i, i.prise > 0)",
        &["i.prise: `i` has no field `prise` [did you mean `i.price`?]"],
    );
}

#[test]
fn names_that_hide_behind_a_decided_side_are_found() {
    found(
        "true || ctx.typo",
        &[
            "ctx.typo: `ctx` has no field `typo` [it has customer_id, total, price, paid, email, paid_at, window, tags, items, loose, address, any]",
        ],
    );
    guard(
        "false && nowhere",
        &["nowhere: unknown name `nowhere` [there is ctx, event, actor, entity, now, response]"],
    );
}

#[test]
fn unknown_functions_are_found() {
    found("foo(1)", &["foo(1): unknown function `foo` []"]);
    found(
        "'a'.startWith('b')",
        &["'a'.startWith('b'): unknown function `startWith` [did you mean `startsWith`?]"],
    );
    found(
        "len(ctx.items)",
        &["len(ctx.items): unknown function `len` [write size(x)]"],
    );
    found(
        "'A'.toLowerCase()",
        &["'A'.toLowerCase(): unknown function `toLowerCase` [write text.lowerAscii()]"],
    );
    found(
        "ctx.items.any(i, i.price > 2)",
        &["ctx.items.any(i, i.price > 2): unknown function `any` [write list.exists(x, ...)]"],
    );
    found(
        "now()",
        &["now(): unknown function `now` [write now, which is a value]"],
    );
    found(
        "contains('a', 'b')",
        &["contains('a', 'b'): `contains` is not called like this [write x.contains(a)]"],
    );
    found(
        "size(1, 2)",
        &["size(1, 2): `size` is not called like this [write size(a) or x.size()]"],
    );
    found(
        "ctx.items.map(1)",
        &["ctx.items.map(1): `map` is not called like this [write list.map(x, expression of x)]"],
    );
    found(
        "math.rond(1.5)",
        &["math.rond(1.5): unknown function `math.rond` [did you mean `math.round`?]"],
    );
}

#[test]
fn states_that_do_not_exist_are_found() {
    guard("in_state('order.paid')", &[]);
    guard(
        "!in_state('order.payed')",
        &[
            "'order.payed': there is no state `order.payed` [a state is named by its full path, e.g. 'processing.payment']",
        ],
    );
}

#[test]
fn a_guard_that_is_visibly_not_true_or_false_is_found() {
    guard("ctx.paid", &[]);
    guard("ctx.any", &[]);
    guard("ctx.paid ? true : ctx.any", &[]);
    guard(
        "ctx.total",
        &["ctx.total: expected true or false, and this is an int [write ctx.total != 0]"],
    );
    guard(
        "ctx.email",
        &["ctx.email: expected true or false, and this is a string [write ctx.email != '']"],
    );
    guard(
        "ctx.items",
        &["ctx.items: expected true or false, and this is a list [write size(ctx.items) > 0]"],
    );
    guard(
        "null",
        &["null: expected true or false, and this is null []"],
    );
    guard(
        "ctx.?paid",
        &[
            "ctx.?paid: expected true or false, and this is an optional [take the value of an optional with orValue(...)]",
        ],
    );
    guard(
        "!ctx.total && ctx.paid",
        &["ctx.total: expected true or false, and this is an int [write ctx.total != 0]"],
    );
    found(
        "ctx.total ? 1 : 2",
        &["ctx.total: expected true or false, and this is an int [write ctx.total != 0]"],
    );
    found(
        "ctx.items.filter(i, i.price)",
        &["i.price: expected true or false, and this is an int [write i.price != 0]"],
    );
}

#[test]
fn comparisons_that_can_never_be_true_are_found() {
    guard("ctx.total == 1.0 || ctx.price == 1 || ctx.any == 'a'", &[]);
    guard(
        "ctx.total == '5'",
        &[
            "ctx.total == '5': this is never true: an int and a string are never equal [write int('5') if the text is a number]",
        ],
    );
    guard(
        "ctx.email != null",
        &[
            "ctx.email != null: this is always true: a string and null are never equal [a field is absent rather than null: write has(ctx.email) or !has(ctx.email)]",
        ],
    );
    guard("entity.owner == null", &[]);
    guard(
        "now < '2026-01-01T00:00:00Z'",
        &[
            "now < '2026-01-01T00:00:00Z': `<` does not work on timestamp and string [write timestamp('2026-01-01T00:00:00Z')]",
        ],
    );
    guard(
        "now - ctx.paid_at < 14",
        &[
            "now - ctx.paid_at < 14: `<` does not work on duration and int [a length of time is written days(n), hours(n), minutes(n) or seconds(n)]",
        ],
    );
    guard(
        "ctx.paid < 1",
        &["ctx.paid < 1: `<` does not work on bool and int []"],
    );
    guard("'a' in ctx.tags", &[]);
    guard(
        "1 in ctx.tags",
        &["1 in ctx.tags: this is never true: the list holds string and this is an int []"],
    );
    guard(
        "'a' in ctx.email",
        &[
            "'a' in ctx.email: `in` does not work on a string [to search in a text write text.contains(part)]",
        ],
    );
    guard(
        "ctx.?email == 'a'",
        &[
            "ctx.?email == 'a': this is never true: an optional and a string are never equal [take the value of an optional with orValue(...)]",
        ],
    );
}

#[test]
fn arithmetic_that_cannot_work_is_found() {
    found("ctx.total + 1", &[]);
    found("ctx.price * 1.5", &[]);
    found("ctx.any + 1", &[]);
    found("now + ctx.window", &[]);
    found(
        "ctx.price * 2",
        &[
            "ctx.price * 2: `*` does not work on double and int [whole and fractional numbers do not mix: write 2.0]",
        ],
    );
    found(
        "ctx.price + ctx.total",
        &[
            "ctx.price + ctx.total: `+` does not work on double and int [whole and fractional numbers do not mix: write double(ctx.total)]",
        ],
    );
    found(
        "'total: ' + ctx.total",
        &["'total: ' + ctx.total: `+` does not work on string and int [write string(ctx.total)]"],
    );
    found(
        "now + 5",
        &[
            "now + 5: `+` does not work on timestamp and int [a length of time is written days(n), hours(n), minutes(n) or seconds(n)]",
        ],
    );
    found(
        "-ctx.email",
        &["-ctx.email: `-` does not work on string []"],
    );
    found(
        "ctx.items.map(i, i.price + i.sku)",
        &["i.price + i.sku: `+` does not work on int and string [write string(i.price)]"],
    );
}

#[test]
fn arguments_that_cannot_fit_are_found() {
    found(
        "days(1.5)",
        &["1.5: `days` takes int here, and this is double [write int(1.5)]"],
    );
    found(
        "has_role(1)",
        &["1: `has_role` takes string here, and this is int []"],
    );
    found(
        "ctx.email.getFullYear()",
        &[
            "ctx.email: `getFullYear` takes timestamp here, and this is string [write timestamp(ctx.email)]",
        ],
    );
    found(
        "ctx.total.contains('1')",
        &["ctx.total: `contains` takes string here, and this is int []"],
    );
    found(
        "size(ctx.total)",
        &["ctx.total: `size` takes a string, list or map here, and this is int []"],
    );
    found("ctx.total.x", &["ctx.total.x: an int has no field `x` []"]);
    found(
        "ctx.total.all(x, x > 0)",
        &["ctx.total: an int has no elements to go through []"],
    );
    found("sum(ctx.items.map(i, i.price)) > 100", &[]);
    found(
        "ctx.tags[0] + 1",
        &["ctx.tags[0] + 1: `+` does not work on string and int [write string(1)]"],
    );
    found(
        "ctx.tags['a']",
        &["'a': a list is not indexed by a string []"],
    );
}

#[test]
fn all_findings_are_reported_in_the_order_of_the_text() {
    assert_eq!(
        findings(
            "ctx.totl > 1 && foo(ctx.emial) && in_state('x')",
            Expected::Bool
        )
        .len(),
        4
    );
}

#[test]
fn without_a_schema_everything_is_allowed() {
    let expr = Expr::compile("ctx.x.y > 1 && event.input.z == 'a' && event.output.body.ok")
        .expect("an expression");
    assert_eq!(check(&expr, &Names::default()), []);
}
