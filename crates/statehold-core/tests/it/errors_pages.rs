//! Every code has a page, every page a code, and the examples of chart codes do what they say.

use std::collections::BTreeSet;
use std::path::PathBuf;

use statehold_core::codes::{self, Code};
use statehold_core::diagnostic::Diagnostic;
use statehold_core::source::line_col;
use statehold_core::{ChartError, Loaded, Machine};

/// Put before examples that do not have a head of their own.
const HEAD: &str = "statehold: 1\nmachine: order\nversion: 1\n";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors")
}

fn page(code: Code) -> String {
    let path = folder().join(format!("{code}.md"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn pages_and_codes_are_the_same_set() {
    let names = std::fs::read_dir(folder())
        .expect("docs/errors")
        .map(|entry| entry.unwrap().file_name());
    let pages: BTreeSet<String> = names.map(|name| name.into_string().unwrap()).collect();
    let codes: BTreeSet<String> = (codes::ALL.iter().map(|code| format!("{code}.md")))
        .chain(["README.md".to_owned()])
        .collect();
    let missing: Vec<_> = codes.difference(&pages).collect();
    let stray: Vec<_> = pages.difference(&codes).collect();
    assert!(
        missing.is_empty() && stray.is_empty(),
        "missing: {missing:?}, stray: {stray:?}"
    );
}

#[test]
fn the_index_lists_every_code_with_its_title() {
    let index = std::fs::read_to_string(folder().join("README.md")).expect("the index");
    let listed: Vec<&str> = index
        .lines()
        .filter(|line| line.starts_with("- "))
        .collect();
    let expected: Vec<String> = (codes::ALL.iter())
        .map(|code| format!("- [{code}]({code}.md) {}", code.title()))
        .collect();
    assert_eq!(listed, expected);
}

#[test]
fn codes_are_unique_and_in_order() {
    let ids: Vec<&str> = codes::ALL.iter().map(|code| code.id()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
}

#[test]
fn pages_begin_with_code_and_title_and_say_what_to_do() {
    for code in codes::ALL {
        let page = page(*code);
        assert!(
            page.starts_with(&format!("# {code}: {}\n\n", code.title())),
            "{code}"
        );
        assert!(page.contains("\n## What to do\n\n"), "{code}");
    }
}

/// The content of every block of a page that is fenced as `kind`.
fn blocks(page: &str, kind: &str) -> Vec<String> {
    let fence = format!("```{kind}\n");
    let texts = page
        .split(&fence)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default());
    texts
        .map(|text| {
            if text.starts_with("statehold:") {
                text.to_owned()
            } else {
                format!("{HEAD}{text}")
            }
        })
        .collect()
}

fn load(text: &str) -> Result<Loaded, ChartError> {
    Machine::load("example.chart.yaml", text)
}

fn codes_of(diagnostics: &[Diagnostic]) -> BTreeSet<Code> {
    diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect()
}

/// Stands at the end of each line of a bad example that the code is about.
const MARK: &str = "# here";

/// Lines, from 1, that hold the mark.
fn marked(text: &str) -> BTreeSet<usize> {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| line.ends_with(MARK))
        .map(|(number, _)| number)
        .collect()
}

/// What is said about a chart, whether it loads or not.
fn diagnostics(text: &str) -> Vec<Diagnostic> {
    match load(text) {
        Ok(loaded) => loaded.warnings,
        Err(error) => error.diagnostics,
    }
}

fn chart_codes() -> impl Iterator<Item = Code> {
    (codes::ALL.iter().copied()).filter(|code| code.id().starts_with("SH01"))
}

#[test]
fn bad_examples_give_their_code_at_the_marked_lines_and_no_other() {
    let mut wrong = Vec::new();
    for code in chart_codes() {
        let bad = blocks(&page(code), "yaml bad");
        assert!(!bad.is_empty(), "{code} needs a bad example");
        for text in &bad {
            let found = diagnostics(text);
            let lines: BTreeSet<usize> = (found.iter())
                .map(|diagnostic| line_col(text, diagnostic.span.start).0)
                .collect();
            if codes_of(&found) != BTreeSet::from([code]) || lines != marked(text) {
                wrong.push(format!("{code}: lines {lines:?}, {found:#?}\n{text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn good_examples_have_no_problem() {
    let mut wrong = Vec::new();
    for code in chart_codes() {
        let good = blocks(&page(code), "yaml good");
        assert!(!good.is_empty(), "{code} needs a good example");
        for text in &good {
            let found = diagnostics(text);
            if !found.is_empty() {
                wrong.push(format!("{code}: {found:#?}\n{text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files outside of docs/errors whose whole charts must load: path from docs, and the least number of charts.
const PAGES: [(&str, usize); 2] = [("chart.md", 5), ("running.md", 3)];

#[test]
fn whole_charts_of_the_other_pages_load_without_a_warning() {
    for (path, least) in PAGES {
        let page = std::fs::read_to_string(folder().join("..").join(path)).expect(path);
        let charts = blocks(&page, "yaml");
        let charts: Vec<_> = (charts.into_iter())
            .filter(|text| page.contains(text.as_str()))
            .collect();
        assert!(charts.len() >= least, "{path}: {}", charts.len());
        for text in charts {
            let found = diagnostics(&text);
            assert!(found.is_empty(), "{path}: {found:#?}\n{text}");
        }
    }
}
