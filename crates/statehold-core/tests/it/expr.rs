//! Compiling expressions: what is refused, where and with which advice; names used; errors in words.

use jiff::Timestamp;
use serde_json::{Value, json};
use statehold_core::expr::{
    EntityScope, EvalErrorKind, EventScope, Expr, ExprError, ExprErrorKind, Names, Scope, check,
};
use statehold_core::schema::{Field, Record, Type};

/// The refusal of a source as `text | message | help`.
fn refusal(source: &str) -> String {
    match Expr::compile(source) {
        Ok(_) => "compiles".to_owned(),
        Err(ExprError {
            range,
            message,
            help,
            ..
        }) => {
            let text = &source[range];
            format!("{text} | {message} | {}", help.unwrap_or_default())
        }
    }
}

#[track_caller]
fn refused(source: &str, expected: &str) {
    assert_eq!(refusal(source), expected, "for {source}");
}

/// Evaluates over this context, of which `total` is declared an integer and `price` a number.
fn eval(source: &str, ctx: &Value) -> Result<Value, (EvalErrorKind, String)> {
    let record = Record::new(vec![
        Field::new("total", Type::Integer),
        Field::new("price", Type::Number),
        Field::new("at", Type::Timestamp).optional(),
    ])
    .expect("a record");
    let input = json!({});
    let response = json!({"status": 200});
    let scope = Scope {
        ctx: ctx.as_object().expect("an object"),
        ctx_record: &record,
        event: EventScope {
            kind: "pay",
            input: &input,
            input_record: None,
            output: None,
            error: None,
            attempt: None,
        },
        actor: None,
        entity: EntityScope {
            id: "e1",
            owner: None,
            version: 1,
            revision: 0,
        },
        now: Timestamp::UNIX_EPOCH,
        in_state: &|_| false,
        extra: &[("response", &response)],
    };
    let expr = Expr::compile(source).expect("an expression");
    expr.eval(&scope)
        .map_err(|error| (error.kind, error.to_string()))
}

fn message(source: &str, ctx: &Value) -> String {
    eval(source, ctx).expect_err("an error").1
}

#[test]
fn a_refusal_names_the_place_and_what_to_write() {
    refused(
        "ctx.total = 5",
        "= | `=` is not an operator | values are compared with `==`",
    );
    refused(
        "ctx.total === 5",
        "=== | `===` is not an operator | values are compared with `==` and `!=`",
    );
    refused("a & b", "& | `&` is not an operator | write `&&`");
    refused("a and b", "and | `and` is not an operator | write `&&`");
    refused("a or b", "or | `or` is not an operator | write `||`");
    refused("not a", "not | `not` is not an operator | write `!`");
    refused("1 +", "+ | something is missing after `+` | ");
    refused("(1 + 2", "( | `(` is never closed | ");
    refused("1 + 2)", ") | `)` closes nothing | ");
    refused("[1, 2)", ") | `)` does not close the `[` before it | ");
    refused(
        "f(1,)",
        ") | `)` is not expected here | remove the comma before it",
    );
    refused(
        "ctx.a ctx.b",
        "ctx | `ctx` is not expected here | an operator is missing before it",
    );
    refused("'abc", "' | the text that begins with ' never ends | ");
    refused(
        "“abc”",
        "“ | a typographic quote | text stands in straight quotes: 'like this'",
    );
    refused(
        r"'\d'",
        r"'\d' | the text holds an unknown escape | write `\\` for a backslash, or r'...' for text without escapes",
    );
    refused(
        "9223372036854775808",
        "9223372036854775808 | the number does not fit 64 bits | ",
    );
    refused("let x", "let | `let` is a reserved word | ");
    refused("", " | the expression is empty | ");
    refused(
        "x => x",
        "=> | `=>` is not an operator | there are no functions of one's own; write `list.map(x, x + 1)`",
    );
    refused(
        "${ctx.a}",
        "${ | `${` is only for text with expressions inside | write the expression alone",
    );
}

#[test]
fn a_refusal_counts_bytes_where_the_parser_counts_characters() {
    refused("'äöü' + + 1 ctx", "+ | `+` is not expected here | ");
    refused("'äöü'\n  1", "1 | `1` is not expected here | ");
    refused("'日本' == 'ä' ctx", "ctx | `ctx` is not expected here | ");
}

#[test]
fn what_json_cannot_hold_is_refused_when_compiling() {
    refused("b'abc'", "b | bytes are not supported | use text");
    refused("Money{amount: 1}", "{ | typed objects are not supported | ");
    refused(
        "'a'.matches(ctx.pattern)",
        "ctx.pattern | the pattern of matches() must be a literal text | ",
    );
    refused(
        "'a'.matches('[')",
        "'[' | not a pattern: unclosed character class | ",
    );
    refused(
        "has(ctx)",
        "ctx | has() asks for a field, as in has(ctx.email) | ",
    );
    refused(
        "[1].all(1, true)",
        "1 | the first argument names a variable, as in list.all(x, x > 0) | ",
    );
}

#[test]
fn a_refusal_has_a_kind_for_programs() {
    let kind = |source: &str| Expr::compile(source).expect_err(source).kind;
    assert_eq!(kind("1 +"), ExprErrorKind::Syntax);
    assert_eq!(kind(&["1"; 100].join("+")), ExprErrorKind::TooLarge);
    assert_eq!(
        kind(&format!("[{}]", ["1"; 1000].join(","))),
        ExprErrorKind::TooLarge
    );
    assert_eq!(
        kind(&format!("'{}'", "a".repeat(5000))),
        ExprErrorKind::TooLarge
    );
    let kind =
        |source: &str| check(&Expr::compile(source).expect(source), &Names::default())[0].kind;
    assert_eq!(kind("nobody > 1"), ExprErrorKind::UnknownName);
    assert_eq!(kind("nothing(1)"), ExprErrorKind::UnknownName);
    assert_eq!(kind("event.inptu"), ExprErrorKind::UnknownName);
    assert_eq!(kind("1 + 'a'"), ExprErrorKind::TypeMistake);
    assert_eq!(kind("size(1, 2)"), ExprErrorKind::TypeMistake);
    assert_eq!(kind("now.x"), ExprErrorKind::TypeMistake);
}

#[test]
fn names_are_operators_only_where_operators_stand() {
    assert!(
        Expr::compile("ctx.and == ctx.not || optional.none().or(optional.of(1)).hasValue()")
            .is_ok()
    );
}

#[test]
fn references_are_paths_functions_and_states() {
    let expr = Expr::compile(
        "ctx.items.all(i, i.price > ctx.limit.min) && has(event.input.tracking) && in_state('a.b') \
         && env.URL.startsWith('https') && now > ctx.?paid_at.orValue(now)",
    )
    .expect("an expression");
    let references = expr.references();
    assert_eq!(
        references.paths().collect::<Vec<_>>(),
        [
            "ctx.items",
            "ctx.limit.min",
            "ctx.paid_at",
            "env.URL",
            "event.input.tracking",
            "now"
        ]
    );
    assert_eq!(
        references.functions().collect::<Vec<_>>(),
        ["in_state", "orValue", "startsWith"]
    );
    assert_eq!(references.states().collect::<Vec<_>>(), ["a.b"]);
    assert_eq!(
        references.fields_of("ctx").collect::<Vec<_>>(),
        ["items", "limit", "paid_at"]
    );
    assert!(
        references.uses_root("now")
            && references.uses_root("env")
            && !references.uses_root("actor")
    );
}

#[test]
fn a_variable_of_a_macro_hides_a_root() {
    let expr = Expr::compile("[{'a': 1}].all(ctx, ctx.a == 1)").expect("an expression");
    assert_eq!(expr.references().paths().count(), 0);
    assert_eq!(
        eval("[{'a': 1}].all(ctx, ctx.a == 1)", &json!({})),
        Ok(json!(true))
    );
    assert_eq!(
        eval("[1].map(x, [2].map(x, x))", &json!({})),
        Ok(json!([[2]]))
    );
    assert_eq!(
        eval("[1].map(x, [2].map(y, x + y))", &json!({})),
        Ok(json!([[3]]))
    );
}

#[test]
fn an_absent_key_teaches_has() {
    assert_eq!(
        message("ctx.email == 'a'", &json!({})),
        "`ctx.email` is absent; test it first with has(ctx.email), or write ctx.?email.orValue(...) \
         (in `ctx.email == 'a'`)"
    );
    assert_eq!(
        message("event.error.kind == 'timeout'", &json!({})),
        "`event.error` is absent; test it first with has(event.error) (in `event.error.kind == 'timeout'`)"
    );
    assert_eq!(
        message("actor.id == 'a'", &json!({})),
        "`actor.id` is absent; nobody in particular fires this event (in `actor.id == 'a'`)"
    );
}

#[test]
fn errors_of_evaluation_name_types_and_never_values() {
    let ctx = json!({"total": 5, "price": 5, "secret": "4111-1111"});
    for (source, expected) in [
        (
            "ctx.price + 1",
            "`+` does not work on double and int; whole and fractional numbers do not mix: write 1.0 instead of 1, or double(x)",
        ),
        ("ctx.secret < 1", "`<` does not work on string and int"),
        ("ctx.secret && true", "expected true or false, got a string"),
        ("ctx.secret.a", "a string has no field `a`"),
        ("int(ctx.secret)", "the text is not a whole number"),
        (
            "timestamp(ctx.secret)",
            "the text is not a timestamp such as 2026-11-25T09:30:00Z",
        ),
        ("size(ctx.total)", "`size` does not work on int"),
        (
            "9223372036854775807 * ctx.total",
            "the result of `*` does not fit 64 bits",
        ),
        ("ctx.total / 0", "division by zero"),
        ("nobody", "there is no `nobody` here"),
        (
            "ctx.?secret",
            "the result is an optional; take its value with orValue(...)",
        ),
    ] {
        assert_eq!(message(source, &ctx), format!("{expected} (in `{source}`)"));
    }
}

#[test]
fn an_error_knows_its_place_in_the_text() {
    let record = Record::default();
    let input = json!({});
    let ctx = serde_json::Map::new();
    let scope = Scope {
        ctx: &ctx,
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
            revision: 0,
        },
        now: Timestamp::UNIX_EPOCH,
        in_state: &|_| false,
        extra: &[],
    };
    let expr = Expr::compile("1 == 1 && (ctx.a + 1) > 2").expect("an expression");
    let error = expr.eval_bool(&scope).expect_err("an error");
    assert_eq!(&expr.source()[error.range], "ctx.a");
    let error = Expr::compile("'text'")
        .expect("an expression")
        .eval_bool(&scope);
    assert_eq!(
        error.expect_err("an error").message,
        "the result must be true or false and is a string"
    );
}

#[test]
fn a_number_is_what_its_schema_says() {
    let ctx = json!({"total": 2.0, "price": 2, "loose": 2.0, "half": 0.5});
    assert_eq!(eval("ctx.total + 1", &ctx), Ok(json!(3)));
    assert_eq!(eval("ctx.price + 1.0", &ctx), Ok(json!(3.0)));
    assert_eq!(eval("ctx.loose + 1", &ctx), Ok(json!(3)));
    assert_eq!(eval("ctx.half + 1.0", &ctx), Ok(json!(1.5)));
    assert_eq!(eval("response.status == 200", &ctx), Ok(json!(true)));
}

#[test]
fn a_stored_text_that_is_no_timestamp_is_an_error_only_where_it_is_read() {
    let ctx = json!({"total": 1, "at": "yesterday"});
    assert_eq!(eval("ctx.total", &ctx), Ok(json!(1)));
    assert_eq!(
        eval("ctx.at < now", &ctx).expect_err("an error").0,
        EvalErrorKind::WrongType
    );
    assert_eq!(eval("has(ctx.at)", &ctx), Ok(json!(true)));
}

#[test]
fn maps_are_walked_in_the_order_of_their_keys_however_they_are_stored() {
    let one = json!({"m": {"b": 1, "a": 2, "c": 3}});
    let other = json!({"m": {"c": 3, "a": 2, "b": 1}});
    for source in [
        "ctx.m.map(k, k)",
        "ctx.m",
        "[ctx.m]",
        "{'z': ctx.m, 'y': 1}",
    ] {
        let text = |ctx| eval(source, ctx).expect("a value").to_string();
        assert_eq!(text(&one), text(&other), "{source}");
    }
    assert_eq!(
        eval("ctx.m", &one).expect("a value").to_string(),
        r#"{"a":2,"b":1,"c":3}"#
    );
}

#[test]
fn evaluating_twice_gives_the_same_bytes() {
    let ctx = json!({"m": {"b": [1, {"z": 1, "y": 2}], "a": 2.5}, "total": 3});
    let source =
        "{'x': ctx.m, 'keys': ctx.m.map(k, k), 'now': now, 'half': 1.0 / double(ctx.total)}";
    let text = || eval(source, &ctx).expect("a value").to_string();
    assert_eq!(text(), text());
}

#[test]
fn expressions_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Expr>();
    shared::<Scope<'static>>();
}
