//! What is wrong with a foreign document, or could not be carried over.

use std::fmt;

/// One place of a document that cannot be read, or loses something on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// One sentence without a full stop.
    pub message: String,
}

impl Problem {
    /// A problem at a byte of the text.
    pub(crate) fn at(text: &str, byte: usize, message: impl Into<String>) -> Self {
        let (line, column) = statehold_core::source::line_col(text, byte);
        Self {
            line,
            column,
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// A document that does not become a machine: every problem found, in order of place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatError {
    /// At least one.
    pub problems: Vec<Problem>,
}

impl FormatError {
    pub(crate) fn one(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
        }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for FormatError {}
