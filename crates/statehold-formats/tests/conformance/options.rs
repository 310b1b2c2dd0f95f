//! The command line: our own options, and those of the test harness that test runners use.

use std::path::{Path, PathBuf};

/// What is asked for.
pub(crate) enum Command {
    /// Run suites.
    Run(Options),
    /// Name every test.
    List,
    /// Name the ignored tests; there are none.
    ListNothing,
}

/// How to run suites.
pub(crate) struct Options {
    /// Suites by name; all if empty.
    pub(crate) suites: Vec<String>,
    /// Folder that holds the suites.
    pub(crate) root: PathBuf,
    /// Also name what is out of scope.
    pub(crate) verbose: bool,
}

impl Options {
    /// Whether a suite was asked for.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.suites.is_empty() || self.suites.iter().any(|suite| suite == name)
    }
}

/// Reads the command line.
pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut options = Options {
        suites: Vec::new(),
        root: default_root(),
        verbose: false,
    };
    let (mut list, mut ignored) = (false, false);
    while let Some(arg) = args.next() {
        let mut value = |name: &str| args.next().ok_or(format!("{name} needs a value"));
        match arg.as_str() {
            "--suite" => options.suites.push(value("--suite")?),
            "--path" => options.root = PathBuf::from(value("--path")?),
            "--verbose" => options.verbose = true,
            "--list" => list = true,
            "--ignored" => ignored = true,
            // Options of the test harness that change nothing here.
            "--exact" | "--nocapture" | "--no-capture" | "--include-ignored" | "--quiet" | "-q" => {
            }
            "--format" | "--test-threads" | "--color" => drop(value(&arg)?),
            other if other.starts_with('-') => return Err(format!("unknown option `{other}`")),
            name => options.suites.push(name.to_owned()),
        }
    }
    Ok(match (list, ignored) {
        (true, true) => Command::ListNothing,
        (true, false) => Command::List,
        (false, _) => Command::Run(options),
    })
}

fn default_root() -> PathBuf {
    match std::env::var_os("STATEHOLD_CONFORMANCE").filter(|root| !root.is_empty()) {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance"),
    }
}

/// Whether an absent suite is a failure.
pub(crate) fn suites_are_required() -> bool {
    std::env::var("STATEHOLD_REQUIRE_SUITES").is_ok_and(|value| value == "1")
}
