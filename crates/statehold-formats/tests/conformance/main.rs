//! Runs third-party suites over machines that were read from foreign formats.
//!
//! The suites are not part of this repository: they are looked for under `STATEHOLD_CONFORMANCE`, by default beside
//! the workspace. Where they are absent a line says so, which is a failure only if `STATEHOLD_REQUIRE_SUITES=1` asks
//! for all suites. This program answers to the test harness' own options, so that each suite is a test, and to
//! `--suite NAME`, `--path DIR` and `--verbose`. Time is simulated: delays of hours take no time.

// A runner talks on stdout; the workspace lint is meant for libraries.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod conf;
mod imports;
mod options;
mod report;
mod scion;
mod session;
mod w3c;
mod xstate;

use std::path::Path;
use std::process::ExitCode;

use options::{Command, Options};
use report::Report;

/// A suite: its name, its folder, and how it is run.
struct Suite {
    name: &'static str,
    folder: &'static str,
    run: fn(&Path) -> Result<Report, String>,
}

const SUITES: [Suite; 6] = [
    Suite {
        name: "w3c",
        folder: "w3c",
        run: w3c::run,
    },
    Suite {
        name: "scion",
        folder: "scxml-test-framework",
        run: scion::run,
    },
    Suite {
        name: "xstate",
        folder: "xstate-v5-traces",
        run: xstate::run,
    },
    // The same documents as charts: what is not lost or refused must do the same.
    Suite {
        name: "w3c-import",
        folder: "w3c",
        run: imports::run_w3c,
    },
    Suite {
        name: "scion-import",
        folder: "scxml-test-framework",
        run: imports::run_scion,
    },
    Suite {
        name: "xstate-import",
        folder: "xstate-v5-traces",
        run: imports::run_xstate,
    },
];

fn main() -> ExitCode {
    let options = match options::parse(std::env::args().skip(1)) {
        Ok(Command::Run(options)) => options,
        Ok(Command::List) => {
            for suite in &SUITES {
                println!("{}: test", suite.name);
            }
            return ExitCode::SUCCESS;
        }
        Ok(Command::ListNothing) => return ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("conformance: {problem}");
            return ExitCode::from(2);
        }
    };
    let chosen: Vec<&Suite> = SUITES
        .iter()
        .filter(|suite| options.wants(suite.name))
        .collect();
    let is_unknown = |name: &&String| !SUITES.iter().any(|suite| suite.name == name.as_str());
    if let Some(name) = options.suites.iter().find(is_unknown) {
        let known: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
        eprintln!(
            "conformance: no suite `{name}`; there are {}",
            known.join(", ")
        );
        return ExitCode::from(2);
    }
    if !options.root.is_dir() {
        println!(
            "SKIPPED: conformance suites not found at {}",
            options.root.display()
        );
        return match options::suites_are_required() {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        };
    }
    let outcomes: Vec<bool> = chosen
        .into_iter()
        .map(|suite| run(suite, &options))
        .collect();
    match outcomes.into_iter().all(|passed| passed) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn run(suite: &Suite, options: &Options) -> bool {
    match (suite.run)(&options.root.join(suite.folder)) {
        Ok(report) => report.print(suite.name, options.verbose),
        Err(problem) => {
            println!("{}: cannot be run: {problem}", suite.name);
            false
        }
    }
}
