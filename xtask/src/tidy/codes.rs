//! Every error code a user can meet has its page, and every page its code.
//!
//! A code is defined by standing as a string of its own in the table of codes.

use std::collections::BTreeMap;

use crate::repo::Repo;
use crate::report::{Finding, Report, line_of};
use crate::tidy::rust_text::RustText;

/// The table of codes.
const TABLE: &str = "crates/statehold-core/src/codes.rs";

/// Where `SH0042.md` and its siblings are.
const PAGES: &str = "docs/errors/";

/// Digits behind `SH`.
const DIGITS: usize = 4;

/// Compares the table of codes with the pages.
#[must_use]
pub fn check(repo: &Repo) -> Report {
    let mut report = Report::default();
    let Some(table) = repo.text(TABLE) else {
        report.notices.push(format!(
            "{TABLE} does not exist; error codes and their pages are not compared"
        ));
        return report;
    };
    let defined = defined_codes(table);
    for (code, line) in &defined {
        let page = format!("{PAGES}{code}.md");
        if !repo.exists(&page) {
            report.findings.push(finding(
                TABLE,
                Some(*line),
                format!("{code} has no page {page}"),
            ));
        }
    }
    for (path, _) in repo.ending(".md") {
        let Some(page) = path
            .strip_prefix(PAGES)
            .and_then(|name| name.strip_suffix(".md"))
        else {
            continue;
        };
        if is_code(page) && !defined.contains_key(page) {
            report.findings.push(finding(
                path,
                None,
                format!("{page} is not defined in {TABLE}"),
            ));
        }
    }
    report
}

fn defined_codes(table: &str) -> BTreeMap<String, usize> {
    let strings = RustText::new(table).strings;
    let quoted = strings.match_indices('"').filter_map(|(start, _)| {
        let code = strings.get(start + 1..start + 3 + DIGITS)?;
        let closed = strings.as_bytes().get(start + 3 + DIGITS) == Some(&b'"');
        (closed && is_code(code)).then(|| (code.to_owned(), line_of(table, start)))
    });
    quoted.collect()
}

fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix("SH");
    digits.is_some_and(|digits| {
        digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn finding(path: &str, line: Option<usize>, message: String) -> Finding {
    Finding {
        path: path.to_owned(),
        line,
        rule: "codes",
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRIES: &str =
        "code(\"SH0001\", \"a\"),\ncode(\"SH0002\", \"see SH0009\"), // \"SH0008\"\n";

    #[test]
    fn a_code_without_a_page_is_found_at_its_line() {
        let report = check(&Repo::planted(&[
            (TABLE, ENTRIES),
            ("docs/errors/SH0001.md", ""),
        ]));
        assert_eq!(report.findings.len(), 1);
        assert_eq!(report.findings[0].line, Some(2));
        assert!(report.findings[0].message.starts_with("SH0002 has no page"));
    }

    #[test]
    fn a_page_without_a_code_is_found_and_other_pages_are_not() {
        let pages = [
            (TABLE, ENTRIES),
            ("docs/errors/SH0001.md", ""),
            ("docs/errors/SH0002.md", ""),
            ("docs/errors/SH0003.md", ""),
            ("docs/errors/README.md", ""),
        ];
        let report = check(&Repo::planted(&pages));
        assert_eq!(report.findings.len(), 1);
        assert_eq!(report.findings[0].path, "docs/errors/SH0003.md");
    }

    #[test]
    fn an_absent_table_is_only_noted() {
        let report = check(&Repo::planted(&[("docs/errors/SH0001.md", "")]));
        assert!(report.findings.is_empty());
        assert_eq!(report.notices.len(), 1);
    }
}
