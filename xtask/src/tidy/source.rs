//! Rules about the text of Rust files.
//!
//! Most rules are a row in [`RULES`]: words to look for, where they may stand, and what to say.

use crate::repo::Repo;
use crate::report::{Finding, Report, line_of};
use crate::tidy::rust_text::RustText;

/// Above this many lines a file is mentioned: it usually holds more than one idea.
const FILE_LINES_NOTICE: usize = 700;

/// On a line with this comment, with a reason behind it, a test may sleep.
const SLEEP_EXCUSE: &str = "// tidy: wait on ";

/// Where a piece of text stands.
struct Place<'a> {
    path: &'a str,
    /// In a test binary, a bench, or an item that exists only in test builds.
    in_test: bool,
}

/// Which view of the file a rule reads.
#[derive(Clone, Copy)]
enum View {
    Code,
    Strings,
}

/// Words that must not appear, except in some places.
struct Rule {
    name: &'static str,
    view: View,
    find: fn(&str) -> Vec<usize>,
    allowed: fn(&Place<'_>) -> bool,
    message: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        name: "sql",
        view: View::Strings,
        find: find_sql,
        // Bench holds the hand-written statements we compare ourselves with; this file names the words.
        allowed: |place| {
            place.within(&[
                "crates/statehold-store/",
                "crates/statehold-bench/",
                // Makes and drops the databases of tests.
                "crates/statehold-testpg/",
                "xtask/",
            ])
        },
        message: "SQL belongs in statehold-store",
    },
    Rule {
        name: "environment",
        view: View::Code,
        find: find_environment,
        allowed: |place| {
            let homes = [
                "crates/statehold-cli/",
                "crates/statehold-store/src/sqlite",
                "crates/statehold-store/src/postgres/schema_tests.rs",
                "crates/statehold-bench/",
                "crates/statehold-testpg/",
                "xtask/",
            ];
            place.within(&homes) || place.in_test || place.path.ends_with("/build.rs")
        },
        message: "environment and files are read by the cli and the SQLite store only; take the value as an argument",
    },
    Rule {
        name: "spawn",
        view: View::Code,
        find: |code| find_any(code, &["tokio::spawn", "task::spawn", "task::spawn_local"]),
        allowed: |place| {
            let names = ["engine", "server", "mock", "cli", "bench", "sim", "testpg"];
            place.in_test
                // Its statements run to their end, whatever becomes of their callers.
                || place.within(&["crates/statehold-store/src/postgres"])
                || names
                    .iter()
                    .any(|name| place.path.starts_with(&format!("crates/statehold-{name}/")))
        },
        message: "tasks are spawned by engine, server, mock, cli and the PostgreSQL store only",
    },
    Rule {
        name: "unfinished",
        view: View::Code,
        find: |code| find_any(code, &["todo!(", "unimplemented!(", "#[ignore", "dbg!("]),
        allowed: |_| false,
        message: "unfinished or debugging code; a test that cannot pass asserts today's result and says why",
    },
    Rule {
        name: "sleep",
        view: View::Code,
        find: |code| find_any(code, &["thread::sleep", "time::sleep", "time::sleep_until"]),
        allowed: |place| !place.in_test,
        message: "a test waits on a signal or moves the clock; if it truly must sleep, end the line with `// tidy: wait on REASON`",
    },
];

impl Place<'_> {
    fn within(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }
}

/// The rules about Rust files.
#[must_use]
pub fn check(repo: &Repo) -> Report {
    let mut report = Report::default();
    for (path, text) in repo.ending(".rs") {
        report.findings.extend(check_module_doc(path, text));
        report.findings.extend(check_words(path, text));
        let lines = text.lines().count();
        if lines > FILE_LINES_NOTICE {
            report
                .notices
                .push(format!("{path} has {lines} lines; is it still one idea?"));
        }
    }
    report
}

fn check_module_doc(path: &str, text: &str) -> Option<Finding> {
    let in_source =
        path.starts_with("xtask/src/") || (path.starts_with("crates/") && path.contains("/src/"));
    let opens = text.lines().map(str::trim).find(|line| !line.is_empty());
    let fine = !in_source || opens.is_some_and(|line| line.starts_with("//!"));
    (!fine).then(|| Finding {
        path: path.to_owned(),
        line: Some(1),
        rule: "module-doc",
        message: "a module opens with `//!`: what it is for, its invariants, what it must not do"
            .to_owned(),
    })
}

fn check_words(path: &str, text: &str) -> Vec<Finding> {
    let seen = RustText::new(text);
    let test_items = seen.test_items();
    let test_file = is_test_file(path);
    let mut findings = Vec::new();
    for rule in RULES {
        let view = match rule.view {
            View::Code => &seen.code,
            View::Strings => &seen.strings,
        };
        for offset in (rule.find)(view) {
            let in_test = test_file || test_items.iter().any(|item| item.contains(&offset));
            let line = line_of(text, offset);
            let excused = rule.name == "sleep" && is_excused(text, line);
            if !excused && !(rule.allowed)(&Place { path, in_test }) {
                let message = rule.message.to_owned();
                findings.push(Finding {
                    path: path.to_owned(),
                    line: Some(line),
                    rule: rule.name,
                    message,
                });
            }
        }
    }
    findings
}

fn is_test_file(path: &str) -> bool {
    ["/tests/", "/benches/", "/examples/", "/src/suite/"]
        .iter()
        .any(|folder| path.contains(folder))
        || ["/tests.rs", "/suite.rs"]
            .iter()
            .any(|name| path.ends_with(name))
}

fn is_excused(text: &str, line: usize) -> bool {
    let line = text.lines().nth(line - 1).unwrap_or_default();
    line.split_once(SLEEP_EXCUSE)
        .is_some_and(|(_, reason)| !reason.trim().is_empty())
}

fn find_any(view: &str, words: &[&str]) -> Vec<usize> {
    words
        .iter()
        .flat_map(|word| RustText::tokens(view, word))
        .collect()
}

fn find_sql(strings: &str) -> Vec<usize> {
    let mut found = find_any(strings, &["SELECT ", "INSERT INTO", "DELETE FROM"]);
    found.extend(RustText::tokens(strings, "UPDATE ").filter(|start| {
        let mut words = strings[*start..].split_whitespace().skip(1);
        words.next().is_some() && words.next() == Some("SET")
    }));
    found
}

fn find_environment(code: &str) -> Vec<usize> {
    let mut found = find_any(code, &["std::env", "std::fs", "tokio::fs"]);
    // `use std::{env, fs}` names them without the path.
    for start in RustText::tokens(code, "std::{") {
        let group = code[start..].split(';').next().unwrap_or_default();
        let names = group
            .split(['{', ',', '}'])
            .map(str::trim)
            .filter_map(|item| item.split("::").next());
        if names.skip(1).any(|name| name == "env" || name == "fs") {
            found.push(start);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules that `body` breaks when it stands in `path` below a proper module doc.
    fn broken(path: &str, body: &str) -> Vec<&'static str> {
        let text = format!("//! Doc.\n{body}\n");
        let report = check(&Repo::planted(&[(path, &text)]));
        report
            .findings
            .into_iter()
            .map(|finding| finding.rule)
            .collect()
    }

    const ENGINE: &str = "crates/statehold-engine/src/fire.rs";
    const CORE: &str = "crates/statehold-core/src/step.rs";

    #[test]
    fn a_module_without_doc_is_found() {
        let report = check(&Repo::planted(&[
            (CORE, "\nuse x;\n//! late\n"),
            ("crates/a/tests/it/main.rs", "mod a;"),
        ]));
        assert_eq!(report.findings.len(), 1);
        assert_eq!(
            (report.findings[0].rule, report.findings[0].line),
            ("module-doc", Some(1))
        );
        assert_eq!(
            check(&Repo::planted(&[("xtask/src/a.rs", "")]))
                .findings
                .len(),
            1
        );
    }

    #[test]
    fn sql_outside_the_store_is_found_in_strings_only() {
        for sql in [
            "SELECT 1",
            "INSERT INTO t",
            "DELETE FROM t",
            "UPDATE t SET a = 1",
        ] {
            assert_eq!(
                broken(ENGINE, &format!("const Q: &str = \"{sql}\";")),
                ["sql"],
                "{sql}"
            );
            assert!(
                broken(
                    "crates/statehold-store/src/sqlite/a.rs",
                    &format!("const Q: &str = \"{sql}\";")
                )
                .is_empty()
            );
        }
        assert!(
            broken(
                ENGINE,
                "// a comment may say SELECT x\nconst Q: &str = \"UPDATE the chart, SET it\";"
            )
            .is_empty()
        );
    }

    #[test]
    fn environment_and_files_stay_in_the_outer_crates() {
        for code in [
            "std::env::var(\"A\")",
            "use std::fs;",
            "use std::{fmt, env};",
            "use std::{fs::File};",
            "tokio::fs::read(p)",
        ] {
            assert_eq!(broken(CORE, code), ["environment"], "{code}");
            assert!(broken("crates/statehold-cli/src/main.rs", code).is_empty());
            assert!(broken("crates/statehold-core/tests/it/main.rs", code).is_empty());
            assert!(broken("crates/statehold-store/src/sqlite/open.rs", code).is_empty());
        }
        assert!(broken(CORE, "use std::{fmt, sync::Arc}; env!(\"X\"); let fs = 1;").is_empty());
        assert!(broken(CORE, "#[cfg(test)]\nmod tests { use std::fs; }").is_empty());
        assert!(
            broken(
                "crates/statehold-core/build.rs",
                "std::env::var(\"OUT_DIR\")"
            )
            .is_empty()
        );
    }

    #[test]
    fn tasks_are_spawned_by_the_running_crates_only() {
        assert_eq!(
            broken("crates/statehold-store/src/memory.rs", "tokio::spawn(f)"),
            ["spawn"]
        );
        assert_eq!(broken(CORE, "task::spawn(f)"), ["spawn"]);
        assert!(broken(ENGINE, "tokio::spawn(f)").is_empty());
        assert!(
            broken(
                "crates/statehold-store/src/memory.rs",
                "task::spawn_blocking(f)"
            )
            .is_empty()
        );
        assert!(broken("crates/statehold-store/tests/it/a.rs", "tokio::spawn(f)").is_empty());
    }

    #[test]
    fn unfinished_code_is_found_even_in_tests() {
        for code in [
            "todo!()",
            "unimplemented!()",
            "#[ignore] fn a() {}",
            "#[ignore = \"slow\"] fn a() {}",
            "dbg!(x)",
        ] {
            assert_eq!(
                broken("crates/statehold-core/tests/it/a.rs", code),
                ["unfinished"],
                "{code}"
            );
        }
        assert!(broken(CORE, "// todo!() in words\nlet a = \"dbg!(x)\";").is_empty());
    }

    #[test]
    fn a_sleeping_test_needs_a_reason_on_its_line() {
        let test = "crates/statehold-engine/tests/it/a.rs";
        assert_eq!(broken(test, "std::thread::sleep(d);"), ["sleep"]);
        assert_eq!(broken(test, "tokio::time::sleep(d).await;"), ["sleep"]);
        assert_eq!(
            broken(test, "thread::sleep(d); // tidy: wait on "),
            ["sleep"]
        );
        assert!(
            broken(
                test,
                "thread::sleep(d); // tidy: wait on the kernel to free the port"
            )
            .is_empty()
        );
        assert!(broken(ENGINE, "tokio::time::sleep(d).await;").is_empty());
        assert_eq!(
            broken(
                ENGINE,
                "#[cfg(test)]\nmod tests { fn a() { thread::sleep(d) } }"
            ),
            ["sleep"]
        );
    }

    #[test]
    fn a_long_file_is_a_notice_and_no_finding() {
        let text = format!("//! Doc.\n{}", "\n".repeat(FILE_LINES_NOTICE));
        let report = check(&Repo::planted(&[(CORE, &text)]));
        assert!(report.findings.is_empty());
        assert_eq!(report.notices.len(), 1);
    }
}
