//! Expressions written to hurt: each ends in a refusal or an error of its own kind. Runs on the test threads' 2 MiB of
//! stack, unoptimised, which is as little as any caller will have.

use jiff::Timestamp;
use serde_json::{Value, json};
use statehold_core::expr::{EntityScope, EvalErrorKind, EventScope, Expr, Scope};
use statehold_core::schema::Record;

/// A context as large as one may be: many numbers, many objects, long texts.
fn large() -> Value {
    let objects = (0..5_000).map(|n| json!({"sku": format!("sku-{n}"), "qty": n, "price": 3}));
    json!({
        "list": (0..10_000).collect::<Vec<_>>(),
        "objects": objects.collect::<Vec<_>>(),
        "text": "ab".repeat(500_000),
        "texts": vec!["x".repeat(60_000); 8],
    })
}

fn eval(source: &str, ctx: &Value) -> Result<Value, EvalErrorKind> {
    let record = Record::default();
    let input = json!({});
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
        extra: &[],
    };
    Expr::compile(source)
        .unwrap_or_else(|error| panic!("{source}: {error}"))
        .eval(&scope)
        .map_err(|error| error.kind)
}

#[track_caller]
fn runs_out(source: &str, kind: EvalErrorKind) {
    assert_eq!(eval(source, &large()), Err(kind), "for {source}");
}

fn nest(count: usize, open: &str, inside: &str, close: &str) -> String {
    format!("{}{inside}{}", open.repeat(count), close.repeat(count))
}

#[test]
fn nested_macros_run_out_of_fuel() {
    for (name, inside) in [
        ("map", "1"),
        ("all", "true"),
        ("exists", "false"),
        ("filter", "true"),
    ] {
        let source = nest(6, &format!("[0,1,2,3,4,5,6,7,8,9].{name}(v, "), inside, ")");
        if name == "filter" {
            continue;
        }
        runs_out(&source, EvalErrorKind::OutOfFuel);
    }
}

#[test]
fn running_out_is_not_swallowed() {
    let bomb = nest(6, "[0,1,2,3,4,5,6,7,8,9].all(v, ", "true", ")");
    runs_out(&format!("{bomb} || true"), EvalErrorKind::OutOfFuel);
    runs_out(
        &format!("[1].exists(x, {bomb}) || true"),
        EvalErrorKind::OutOfFuel,
    );
    runs_out(&format!("{bomb} && false"), EvalErrorKind::OutOfFuel);
    runs_out(
        "ctx.text.upperAscii() == 'A' || true",
        EvalErrorKind::TooLarge,
    );
}

#[test]
fn doubling_texts_and_lists_grow_too_large() {
    for (source, times) in [
        ("['aaaaaaaa']", ".map(x, x + x)"),
        ("[[1]]", ".map(x, x + x)"),
        ("[[1, 2]]", ".map(x, [x, x].flatten())"),
        ("'aaaa'", ".replace('a', 'aaaaaaaa')"),
        ("'aaaa'", ".replace('', 'aaaaaaaa')"),
    ] {
        runs_out(
            &format!("{source}{}", times.repeat(25)),
            EvalErrorKind::TooLarge,
        );
    }
    runs_out(
        "ctx.list.map(x, 'aaaaaaaaaaaaaaaa').join('bbbbbbbbbbbbbbbb')",
        EvalErrorKind::TooLarge,
    );
    runs_out("ctx.texts[0].split('')", EvalErrorKind::TooLarge);
    runs_out("ctx.list + ctx.list", EvalErrorKind::TooLarge);
}

#[test]
fn shared_parts_are_paid_for_where_they_are_written_out_or_compared() {
    let doubled = format!("[1]{}", ".map(x, [x, x])".repeat(25));
    runs_out(&doubled, EvalErrorKind::OutOfFuel);
    runs_out(
        &format!("cel.bind(l, {doubled}, l == l)"),
        EvalErrorKind::OutOfFuel,
    );
    let doubled = format!("[1]{}", ".map(x, {'a': x, 'b': x})".repeat(20));
    runs_out(&doubled, EvalErrorKind::OutOfFuel);
    runs_out("ctx.list.map(x, ctx.list)", EvalErrorKind::TooLarge);
    runs_out("ctx.list.map(x, ctx.objects)", EvalErrorKind::TooLarge);
}

#[test]
fn quadratic_work_over_data_runs_out_of_fuel() {
    for source in [
        "ctx.list.all(x, x in ctx.list)",
        "ctx.list.distinct()",
        "ctx.list.map(x, ctx.list.sort())",
        "ctx.list.map(x, ctx.text.contains('bb'))",
        "ctx.list.all(x, ctx.text == ctx.text)",
        "ctx.list.map(x, size(ctx.text))",
        "ctx.list.map(x, sum(ctx.list))",
        "ctx.list.exists(x, in_state(ctx.texts[0]))",
        "ctx.list.exists(x, ctx.texts[0].matches('(a|aa)+b'))",
        "ctx.list.map(x, ctx.map(k, k))",
    ] {
        runs_out(source, EvalErrorKind::OutOfFuel);
    }
}

#[test]
fn patterns_are_bounded_in_size_and_in_time_per_byte() {
    for pattern in ["(a{1000}){1000}", r"(\\w{50}\\d{50}){2000}", r"\\pL{5000}"] {
        let refused = Expr::compile(&format!("'a'.matches('{pattern}')")).expect_err("a refusal");
        assert_eq!(refused.message, "the pattern is too large", "{pattern}");
    }
    let ctx = large();
    assert_eq!(
        eval("ctx.texts[0].matches('(x+x+)+y')", &ctx),
        Ok(json!(false))
    );
    assert_eq!(
        eval(r"ctx.text.matches('\\pL{10}z')", &ctx),
        Err(EvalErrorKind::OutOfFuel)
    );
}

#[test]
fn a_field_that_wraps_itself_stops_at_the_depth_of_stored_data() {
    let mut value = json!(1);
    for _ in 0..62 {
        value = json!([value]);
    }
    let ctx = json!({"value": value});
    assert!(eval("[ctx.value]", &ctx).is_ok());
    assert_eq!(eval("[[[ctx.value]]]", &ctx), Err(EvalErrorKind::TooLarge));
}

#[test]
fn deep_and_long_sources_are_refused_before_parsing() {
    let deep = "the expression nests deeper than 64 levels here";
    for source in [
        ["1"; 2000].join("+"),
        ["a"; 1000].join("=="),
        nest(2000, "(", "1", ")"),
        nest(65, "(", "1", ")"),
        nest(64, "[", "1", "]"),
        nest(500, "{'a':", "1", "}"),
        nest(500, "dyn(", "1", ")"),
        nest(400, "[1].map(x,", "1", ")"),
        nest(2000, "!", "true", ""),
        nest(2000, "-", "1", ""),
        nest(2000, "!(", "true", ")").replace(' ', ""),
        nest(500, "true ? 1 : ", "1", ""),
        nest(500, "(true ? ", "1", " : 1)"),
        format!("ctx{}", ".a".repeat(740)),
        format!("ctx{}", "[0]".repeat(490)),
    ] {
        let refused = Expr::compile(&source[..source.len().min(4096)]).expect_err("a refusal");
        let expected = [deep, "the expression has more than 1500 parts"];
        let unbalanced = refused.message.ends_with("is never closed");
        assert!(
            unbalanced || expected.contains(&refused.message.as_str()),
            "{}: {}",
            &source[..20],
            refused.message
        );
    }
    let long = format!("'{}'", "a".repeat(4096));
    assert_eq!(
        Expr::compile(&long).expect_err("a refusal").message,
        "the expression is longer than 4096 bytes"
    );
}

#[test]
fn what_is_just_not_too_deep_compiles_and_evaluates() {
    let ctx = json!({});
    for source in [
        ["1"; 63].join("+"),
        nest(63, "(", "1", ")"),
        nest(62, "[", "1", "]"),
        nest(62, "{'a':", "1", "}"),
        nest(31, "!(", "true", ")"),
        nest(31, "dyn(", "1", ")"),
        nest(60, "true ? 1 : ", "1", ""),
        nest(31, "(true ? ", "1", " : 1)"),
        nest(20, "[1].map(x, ", "1", ")"),
        ["true"; 350].join(" && "),
    ] {
        assert!(eval(&source, &ctx).is_ok(), "{source}");
    }
}

/// Inputs that made the parser of earlier releases take gigabytes or panic, and relatives of them.
#[test]
fn known_parser_bombs_are_refused_quickly() {
    let motif = "!!(!!!!!!(!!!!(((((!!(!!(!!!!((";
    let opened = motif.matches('(').count();
    for count in 1..=5 {
        let open = motif.repeat(count);
        assert!(Expr::compile(&format!("{open}1")).is_err());
        assert!(Expr::compile(&format!("{open}1 2{}", ")".repeat(opened * count))).is_err());
        let closed = format!("{open}true{}", ")".repeat(opened * count));
        assert_eq!(Expr::compile(&closed).is_ok(), count <= 3, "{closed}");
    }
    let underflow = format!(
        ">{}?[{}{}l\u{0}?(-",
        "{".repeat(63),
        "(".repeat(11),
        "{".repeat(26)
    );
    for source in [
        underflow.as_str(),
        "1 + ()",
        "/",
        ".",
        "@foo",
        "x(1,)",
        "\n",
        "(",
        ")",
        "1 +",
        "!-\u{1}",
        "?",
        ":",
        ",",
        "[?]",
        "{?}",
        "a.?",
        "a[?",
        "'\\",
        "r'",
        "'''",
        "0x",
        "1e",
        "1.",
        ".1.1",
        "`a",
        "a.`",
        "``",
        "a.``",
        "//",
        "1 // c",
        "\u{feff}1",
        "1\u{2028}",
        "in",
        "a in",
        "has()",
        "[].map()",
        "[].map(x)",
        "cel.bind()",
        "a{",
        "a{}",
        ".a{b:1}",
        "{a:}",
        "{:1}",
        "[,]",
    ] {
        // Whatever it says, it says something, soon, and does not panic.
        let _ = Expr::compile(source);
    }
}

#[test]
fn junk_of_every_kind_is_refused() {
    for junk in [
        "+ - * / ", "a b c d ", "()[]{}", ",", ".", "?:", "1 1,", "a.", "!(", "&&", "'' ", "in ",
    ] {
        let source = junk.repeat(4000 / junk.len());
        assert!(Expr::compile(&source).is_err(), "{junk}");
    }
}
