//! What a check found: findings fail it, notices are only said.

use std::fmt;

use anyhow::{Result, bail};

/// One place that breaks one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Path from the repository root.
    pub path: String,
    /// Line, from 1; `None` when the file as a whole is meant.
    pub line: Option<usize>,
    /// Short name of the rule.
    pub rule: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: [{}] {}", self.path, self.rule, self.message),
            None => write!(f, "{}: [{}] {}", self.path, self.rule, self.message),
        }
    }
}

/// The result of a check.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rule breaks; any of them fails the check.
    pub findings: Vec<Finding>,
    /// Worth knowing, not a failure.
    pub notices: Vec<String>,
}

impl Report {
    /// Adds what another check found.
    pub fn merge(&mut self, other: Report) {
        self.findings.extend(other.findings);
        self.notices.extend(other.notices);
    }

    /// Prints everything, one line each.
    ///
    /// # Errors
    /// When there is at least one finding.
    pub fn conclude(self) -> Result<()> {
        for notice in &self.notices {
            println!("note: {notice}");
        }
        for finding in &self.findings {
            println!("{finding}");
        }
        match self.findings.len() {
            0 => Ok(()),
            1 => bail!("1 finding"),
            count => bail!("{count} findings"),
        }
    }
}

/// The line, from 1, that holds byte `offset` of `text`.
#[must_use]
pub fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_from_one() {
        assert_eq!(line_of("a\nb", 0), 1);
        assert_eq!(line_of("a\nb", 2), 2);
    }

    #[test]
    fn a_finding_fails_and_a_notice_does_not() {
        let notices = Report {
            notices: vec!["x".into()],
            ..Report::default()
        };
        assert!(notices.conclude().is_ok());
        let finding = Finding {
            path: "a.rs".into(),
            line: Some(3),
            rule: "sql",
            message: "m".into(),
        };
        assert_eq!(finding.to_string(), "a.rs:3: [sql] m");
        assert!(
            Report {
                findings: vec![finding],
                ..Report::default()
            }
            .conclude()
            .is_err()
        );
    }
}
