//! The `cargo xtask` command: reads the arguments and calls the library.
//!
//! Exit codes: 0 all is well, 1 a check failed, 2 the command line was wrong.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use xtask::pipeline::{self, Pipeline};
use xtask::repo::Repo;
use xtask::tools::Workspace;
use xtask::{links, tidy};

const HELP: &str = "\
cargo xtask COMMAND

  test [STAGE..]  everything CI runs, in CI's order; stops at the first failure.
                  With stage names: only those (fmt clippy tests doctests editor links deny tidy)
  nightly         the checks that need fresh data from the network (security advisories) or programs of others
                  (Graphviz, PlantUML and Mermaid read what is drawn for them), and the long tests
  postgres [new]  the tests of the PostgreSQL store in their long variants; `new`: on a newer server than Debian's
  conformance ..  the third-party suites alone, with their report; arguments go to the runner
  tidy            the house rules for our own source text
  links           every relative link and anchor in *.md leads somewhere
  setup           install the tools the other commands need, under target/tools where possible
  help            this text

STATEHOLD_REQUIRE_SUITES=1 makes a skipped third-party suite a failure, as in CI.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["test", names @ ..] => match pipeline::select(names) {
            Ok(stages) => Pipeline::new(&Workspace::here()).run(&stages),
            Err(problem) => return usage(&problem),
        },
        ["postgres"] => pipeline::postgres(&Workspace::here(), false),
        ["postgres", "new"] => pipeline::postgres(&Workspace::here(), true),
        ["nightly"] => pipeline::nightly(&Workspace::here()),
        ["tidy"] => {
            Repo::read(Workspace::here().root()).and_then(|repo| tidy::check(&repo).conclude())
        }
        ["links"] => {
            Repo::read(Workspace::here().root()).and_then(|repo| links::check(&repo).conclude())
        }
        ["conformance", args @ ..] => pipeline::conformance(&Workspace::here(), args),
        ["setup"] => Workspace::here().set_up(),
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => return usage("unknown or missing command"),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage(problem: &str) -> ExitCode {
    eprintln!("xtask: {problem}\n\n{HELP}");
    ExitCode::from(2)
}
