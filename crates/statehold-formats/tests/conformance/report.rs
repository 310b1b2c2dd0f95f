//! What came of a suite: one line with the count, and a line for each test that did not pass.

/// Results of one suite.
#[derive(Default)]
pub(crate) struct Report {
    passed: usize,
    failed: Vec<(String, String)>,
    out_of_scope: Vec<(String, String)>,
}

impl Report {
    /// Notes a test that was run.
    pub(crate) fn ran(&mut self, name: impl Into<String>, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(problem) => self.failed.push((name.into(), problem)),
        }
    }

    /// Notes a test that needs what charts do not have.
    pub(crate) fn left_out(&mut self, name: impl Into<String>, reason: impl Into<String>) {
        self.out_of_scope.push((name.into(), reason.into()));
    }

    /// Prints it; true if everything in scope passed, and there was something.
    pub(crate) fn print(&self, suite: &str, verbose: bool) -> bool {
        for (name, problem) in &self.failed {
            println!("{suite} FAILED {name}: {problem}");
        }
        if verbose {
            for (name, reason) in &self.out_of_scope {
                println!("{suite} out of scope {name}: {reason}");
            }
        }
        let total = self.passed + self.failed.len();
        let left_out = match self.out_of_scope.len() {
            0 => String::new(),
            count => format!(" ({count} out of scope)"),
        };
        println!("{suite}{left_out}: {}/{total}", self.passed);
        self.failed.is_empty() && total > 0
    }
}
