//! Text in, text out: every case of a file in `cases/` is an input and what is said about it.
//!
//! A case begins with `=== NAME`; a line `>>>` parts input and output. With `STATEHOLD_BLESS=1` the outputs are
//! rewritten, to be read in the diff.

use std::fmt::Write;
use std::path::PathBuf;

use statehold_core::Machine;
use statehold_core::diagnostic::Diagnostic;
use statehold_core::source::{Node, NodeValue, Style, line_col, parse_partial};

struct Case {
    name: String,
    input: String,
    expected: String,
}

#[test]
fn charts_are_judged_as_written() {
    run("charts.txt", check_chart);
}

#[test]
fn expressions_in_charts_are_judged_as_written() {
    run("expressions.txt", check_chart);
}

#[test]
fn effects_in_charts_are_judged_as_written() {
    run("effects.txt", check_chart);
}

#[test]
fn whole_charts_are_judged_as_written() {
    run("lint.txt", check_chart);
}

#[test]
fn guards_are_tried_as_written() {
    run("guards.txt", check_chart);
}

#[test]
fn yaml_is_read_as_written() {
    run("yaml.txt", |_, input| check_source("x.yaml", input));
}

#[test]
fn json_is_read_as_written() {
    run("json.txt", |_, input| check_source("x.json", input));
}

fn run(file: &str, check: impl Fn(&str, &str) -> String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/cases")
        .join(file);
    let text = std::fs::read_to_string(&path).expect("the file of cases");
    let cases = parse(&text);
    assert!(!cases.is_empty(), "{file} holds no case");
    let mut blessed = String::new();
    let mut failures = String::new();
    for case in &cases {
        let actual = check(&case.name, &case.input);
        write!(
            blessed,
            "=== {}\n{}\n>>>\n{actual}\n\n",
            case.name, case.input
        )
        .unwrap();
        if actual != case.expected {
            write!(
                failures,
                "\n=== {}\n{actual}\n--- expected\n{}\n",
                case.name, case.expected
            )
            .unwrap();
        }
    }
    if std::env::var_os("STATEHOLD_BLESS").is_some() {
        std::fs::write(&path, blessed.trim_end().to_owned() + "\n").expect("the file of cases");
        return;
    }
    assert!(failures.is_empty(), "{file}: {failures}");
}

fn parse(text: &str) -> Vec<Case> {
    let blocks = text.split("=== ").skip(1);
    blocks
        .map(|block| {
            let (name, rest) = block.split_once('\n').unwrap_or((block, ""));
            let (input, expected) = rest.split_once("\n>>>\n").unwrap_or((rest, ""));
            Case {
                name: name.to_owned(),
                input: input.trim_end_matches('\n').to_owned(),
                expected: expected.trim().to_owned(),
            }
        })
        .collect()
}

/// Put before charts that do not have a head of their own; lines are counted without it.
const HEAD: &str = "statehold: 1\nmachine: m\nversion: 1\n";

fn check_chart(_: &str, input: &str) -> String {
    let (text, skipped) = match input.starts_with("statehold:") || input.starts_with('#') {
        true => (input.to_owned(), 0),
        false => (format!("{HEAD}{input}"), HEAD.lines().count()),
    };
    match Machine::load("x.chart.yaml", &text) {
        Ok(loaded) if loaded.warnings.is_empty() => "ok".to_owned(),
        Ok(loaded) => format!("ok\n{}", render(&text, &loaded.warnings, skipped)),
        Err(error) => render(&text, &error.diagnostics, skipped),
    }
}

fn check_source(name: &str, input: &str) -> String {
    let parsed = parse_partial(name, input);
    let mut out = render(input, &parsed.diagnostics, 0);
    if let Some(root) = parsed.root.filter(|_| parsed.diagnostics.is_empty()) {
        show(input, &root, 0, &mut out);
    }
    out.trim_end().to_owned()
}

/// `LINE:COL CODE message | help`, with what the problem points at in brackets.
fn render(text: &str, diagnostics: &[Diagnostic], skipped: usize) -> String {
    let place = |offset: usize| {
        let (line, column) = line_col(text, offset);
        format!("{}:{column}", line.saturating_sub(skipped))
    };
    let mut out = String::new();
    for diagnostic in diagnostics {
        let pointed = &text[diagnostic.span.clone()];
        let pointed = pointed.lines().next().unwrap_or_default();
        let severity = if diagnostic.is_error() {
            ""
        } else {
            "warning: "
        };
        write!(
            out,
            "{} {} {severity}{} [{pointed}]",
            place(diagnostic.span.start),
            diagnostic.code,
            diagnostic.message
        )
        .unwrap();
        if let Some(label) = &diagnostic.label {
            write!(out, " ({label})").unwrap();
        }
        for related in &diagnostic.related {
            write!(out, " ({} {})", place(related.span.start), related.message).unwrap();
        }
        if let Some(help) = &diagnostic.help {
            write!(out, "\n    | {help}").unwrap();
        }
        out.push('\n');
    }
    out.trim_end().to_owned()
}

/// A tree, one value a line, with the text that its span covers.
fn show(text: &str, node: &Node, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let style = match node.style {
        Style::Plain => "plain",
        Style::Quoted => "quoted",
        Style::Block => "block",
        Style::Flow => "flow",
        Style::Indented => "indented",
    };
    let value = match &node.value {
        NodeValue::Seq(items) => format!("list of {}", items.len()),
        NodeValue::Map(entries) => format!("mapping of {}", entries.len()),
        _ => node.to_json().to_string(),
    };
    writeln!(
        out,
        "{indent}{value} ({style}) [{}]",
        text[node.span.clone()].escape_debug()
    )
    .unwrap();
    match &node.value {
        NodeValue::Seq(items) => items
            .iter()
            .for_each(|item| show(text, item, depth + 1, out)),
        NodeValue::Map(entries) => {
            for (key, node) in entries {
                writeln!(
                    out,
                    "{indent}  {}: [{}]",
                    key.text.escape_debug(),
                    text[key.span.clone()].escape_debug()
                )
                .unwrap();
                show(text, node, depth + 2, out);
            }
        }
        _ => {}
    }
}
