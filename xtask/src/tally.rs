//! Counts of tests and of skipped suites, read from the reports the test runners leave behind.
//!
//! nextest writes a JUnit file (its screen output is for people and changes between versions);
//! `cargo test --doc` has only its summary lines. A test that cannot run because a third-party suite
//! is absent prints one line that starts with [`SKIPPED`].

use std::collections::BTreeSet;
use std::fmt;

/// What a test prints in front of the name of the suite it did not run.
pub const SKIPPED: &str = "SKIPPED: ";

/// Tests run so far.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed, timed out or did not start.
    pub failed: usize,
    /// Suites that said they were skipped, without the prefix, each once.
    pub skipped: BTreeSet<String>,
}

impl Tally {
    /// Adds a nextest JUnit report. Text that is not such a report adds nothing and says so.
    ///
    /// # Errors
    /// When the totals are missing.
    pub fn add_junit(&mut self, xml: &str) -> anyhow::Result<()> {
        let start = xml
            .find("<testsuites ")
            .ok_or_else(|| anyhow::anyhow!("no <testsuites> in the report"))?;
        let end = xml[start..]
            .find('>')
            .map_or(xml.len(), |length| start + length);
        let head = &xml[start..end];
        let tests = attribute(head, "tests")?;
        let failed = attribute(head, "failures")? + attribute(head, "errors")?;
        self.passed += tests.saturating_sub(failed);
        self.failed += failed;
        self.skipped.extend(xml.lines().filter_map(skipped_suite));
        Ok(())
    }

    /// Adds the summary lines of `cargo test`.
    pub fn add_libtest(&mut self, output: &str) {
        for line in output.lines() {
            let Some(summary) = line.trim().strip_prefix("test result: ") else {
                continue;
            };
            self.passed += number_before(summary, " passed");
            self.failed += number_before(summary, " failed");
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

fn attribute(tag: &str, name: &str) -> anyhow::Result<usize> {
    let key = format!(" {name}=\"");
    let rest = tag.split_once(&key).map(|(_, rest)| rest);
    let value = rest
        .and_then(|rest| rest.split('"').next())
        .and_then(|digits| digits.parse().ok());
    value.ok_or_else(|| anyhow::anyhow!("no number `{name}` in the report's totals"))
}

fn number_before(text: &str, word: &str) -> usize {
    let before = text
        .split(word)
        .next()
        .filter(|before| before.len() < text.len());
    before
        .and_then(|before| before.rsplit(' ').next())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

fn skipped_suite(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(SKIPPED)?;
    let text = rest.split('<').next().unwrap_or(rest).trim();
    let plain = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'");
    Some(plain.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="4" failures="1" errors="0" uuid="u" timestamp="t" time="0.1">
    <testsuite name="core" tests="4" disabled="0" errors="0" failures="1">
        <testcase name="a" classname="core"><system-out>SKIPPED: suite A &amp; B
</system-out></testcase>
        <testcase name="b" classname="core"><system-out>
running 1 test
SKIPPED: suite A &amp; B
</system-out></testcase>
    </testsuite>
</testsuites>"#;

    #[test]
    fn junit_totals_are_split_into_passed_and_failed() {
        let mut tally = Tally::default();
        tally.add_junit(REPORT).expect("a report");
        assert_eq!((tally.passed, tally.failed), (3, 1));
    }

    #[test]
    fn a_skipped_suite_is_listed_once_and_unescaped() {
        let mut tally = Tally::default();
        tally.add_junit(REPORT).expect("a report");
        assert_eq!(
            tally.skipped.into_iter().collect::<Vec<_>>(),
            ["suite A & B"]
        );
    }

    #[test]
    fn a_report_without_totals_is_an_error() {
        assert!(
            Tally::default()
                .add_junit("<testsuites name=\"x\"/>")
                .is_err()
        );
        assert!(Tally::default().add_junit("").is_err());
    }

    #[test]
    fn doc_test_summaries_add_up_over_crates() {
        let mut tally = Tally::default();
        tally.add_libtest(
            "running 2 tests\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
             test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n",
        );
        assert_eq!(tally.to_string(), "5 passed, 1 failed");
    }
}
