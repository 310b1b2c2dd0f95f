//! Expressions written to hurt, each with what it takes until it is refused: time, and bytes at the worst moment, counted
//! by the allocator. Ends with 1 if one takes more than it may. Time is worth looking at in a release build only.

use std::io::Write as _;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use peak_alloc::PeakAlloc;
use serde::Serialize;
use serde_json::{Value, json};
use statehold_core::expr::{EntityScope, EvalErrorKind, EventScope, Expr, Scope};
use statehold_core::schema::Record;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// One evaluation holds up the worker that runs it for this long at most.
const TIME_MAX: Duration = Duration::from_millis(10);

/// Bytes one evaluation may have allocated at a time.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Times each is evaluated; the fastest counts, as the others were disturbed.
const TIMES: usize = 7;

#[derive(Serialize)]
struct Row {
    expression: String,
    refused: String,
    compile_us: u128,
    eval_us: u128,
    eval_peak_kib: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_given = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let ctx = large();
    let rows: Vec<Row> = bombs()
        .iter()
        .map(|source| measure(source, &ctx))
        .collect::<Result<_, _>>()?;
    print(&rows, is_given("--json"))?;
    let is_slow = |row: &Row| row.eval_us > TIME_MAX.as_micros() && !is_given("--memory-only");
    let is_large = |row: &Row| row.eval_peak_kib > BYTES_MAX / 1024;
    let over: Vec<&str> = (rows.iter())
        .filter(|row| is_slow(row) || is_large(row))
        .map(|row| row.expression.as_str())
        .collect();
    anyhow::ensure!(over.is_empty(), "beyond the bounds: {over:?}");
    Ok(())
}

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

fn bombs() -> Vec<String> {
    let nest = |name: &str, inside: &str| {
        let open = format!("[0,1,2,3,4,5,6,7,8,9].{name}(v, ").repeat(6);
        format!("{open}{inside}{}", ")".repeat(6))
    };
    let mut bombs = vec![
        nest("map", "1"),
        nest("all", "true"),
        nest("exists", "false"),
        format!("{} || true", nest("all", "true")),
        format!("['aaaaaaaa']{}", ".map(x, x + x)".repeat(25)),
        format!("[[1]]{}", ".map(x, x + x)".repeat(25)),
        format!("[[1, 2]]{}", ".map(x, [x, x].flatten())".repeat(25)),
        format!("'aaaa'{}", ".replace('a', 'aaaaaaaa')".repeat(25)),
        format!("'aaaa'{}", ".replace('', 'aaaaaaaa')".repeat(25)),
        format!("[1]{}", ".map(x, [x, x])".repeat(25)),
        format!("cel.bind(l, [1]{}, l == l)", ".map(x, [x, x])".repeat(25)),
        format!("[1]{}", ".map(x, {'a': x, 'b': x})".repeat(20)),
    ];
    let over_data = [
        "ctx.list.map(x, 'aaaaaaaaaaaaaaaa').join('bbbbbbbbbbbbbbbb')",
        "ctx.list.map(x, ctx.list)",
        "ctx.list.map(x, ctx.objects)",
        "ctx.objects.map(o, ctx.objects[0])",
        "ctx.objects.map(o, [o, o, o])",
        "ctx.objects.map(o, {'a': o.sku, 'b': o.sku, 'c': o.sku})",
        "ctx.list.all(x, x in ctx.list)",
        "ctx.list.distinct()",
        "ctx.list.map(x, ctx.list.sort())",
        "ctx.list.map(x, string(x))",
        "ctx.list.map(x, ctx.text.contains('bb'))",
        "ctx.list.all(x, ctx.text == ctx.text)",
        "ctx.list.map(x, size(ctx.text))",
        "ctx.list.map(x, sum(ctx.list))",
        "ctx.list.exists(x, in_state(ctx.texts[0]))",
        "ctx.list.exists(x, ctx.texts[0].matches('(a|aa)+b'))",
        r"ctx.text.matches('\\pL{10}z')",
        "ctx.list.map(x, ctx.map(k, k))",
        "ctx.texts.map(t, ctx.texts.map(u, t + u))",
        "ctx.texts.map(t, t.upperAscii())",
        "ctx.texts[0].split('')",
        "ctx",
    ];
    bombs.extend(over_data.map(str::to_owned));
    bombs
}

fn measure(source: &str, ctx: &Value) -> anyhow::Result<Row> {
    let begin = Instant::now();
    let expr = Expr::compile(source).map_err(|error| anyhow::anyhow!("{source}: {error}"))?;
    let compile_us = begin.elapsed().as_micros();
    let mut fastest = Duration::MAX;
    let mut peak = 0;
    let mut refused = None;
    for _ in 0..TIMES {
        let before = ALLOCATED.current_usage();
        ALLOCATED.reset_peak_usage();
        let begin = Instant::now();
        refused = eval(&expr, ctx);
        fastest = fastest.min(begin.elapsed());
        peak = peak.max(ALLOCATED.peak_usage().saturating_sub(before));
    }
    Ok(Row {
        expression: shorten(source),
        refused: refused.map_or_else(|| "no".to_owned(), |kind| format!("{kind:?}")),
        compile_us,
        eval_us: fastest.as_micros(),
        eval_peak_kib: peak / 1024,
    })
}

/// The kind of the error, if it is one.
fn eval(expr: &Expr, ctx: &Value) -> Option<EvalErrorKind> {
    let (record, empty, input) = (Record::default(), serde_json::Map::new(), json!({}));
    let scope = Scope {
        ctx: ctx.as_object().unwrap_or(&empty),
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
    expr.eval(&scope).err().map(|error| error.kind)
}

fn shorten(source: &str) -> String {
    const CHARS_MAX: usize = 58;
    match source.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}..", &source[..end]),
        None => source.to_owned(),
    }
}

fn print(rows: &[Row], json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, rows)?;
        writeln!(out)?;
        return Ok(());
    }
    writeln!(
        out,
        "{:<60} {:>10} {:>10} {:>8} {:>8}",
        "expression", "refused", "compile us", "eval us", "KiB"
    )?;
    for row in rows {
        writeln!(
            out,
            "{:<60} {:>10} {:>10} {:>8} {:>8}",
            row.expression, row.refused, row.compile_us, row.eval_us, row.eval_peak_kib
        )?;
    }
    Ok(())
}
