//! The stages of `cargo xtask test`: what CI runs, in CI's order.
//!
//! Cheap and most often broken first; the first failure stops the run, since later stages would only
//! repeat it. The last line of a successful run is the number of tests, for people and scripts.

use std::ffi::OsStr;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::repo::Repo;
use crate::tally::{SKIPPED, Tally};
use crate::tools::Workspace;
use crate::{links, tidy};

/// One named step of the pipeline.
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    name: &'static str,
    run: fn(&Workspace, &mut Tally) -> Result<()>,
}

/// In CI's order.
const STAGES: &[Stage] = &[
    Stage {
        name: "fmt",
        run: |workspace, _| workspace.run("cargo", &["fmt", "--all", "--check"]),
    },
    Stage {
        name: "clippy",
        run: clippy,
    },
    Stage {
        name: "tests",
        run: tests,
    },
    Stage {
        name: "doctests",
        run: doctests,
    },
    Stage {
        name: "editor",
        run: editor,
    },
    Stage {
        name: "links",
        run: |workspace, _| links::check(&Repo::read(workspace.root())?).conclude(),
    },
    Stage {
        name: "deny",
        run: deny,
    },
    Stage {
        name: "tidy",
        run: |workspace, _| tidy::check(&Repo::read(workspace.root())?).conclude(),
    },
];

/// A run over some stages, with the counts so far.
#[derive(Debug)]
pub struct Pipeline<'a> {
    workspace: &'a Workspace,
    tally: Tally,
}

impl<'a> Pipeline<'a> {
    /// Nothing has run yet.
    #[must_use]
    pub fn new(workspace: &'a Workspace) -> Pipeline<'a> {
        Pipeline {
            workspace,
            tally: Tally::default(),
        }
    }

    /// Installs what is missing, runs the stages in order and closes with the count of tests.
    ///
    /// # Errors
    /// At the first stage that fails; or at the end when suites were skipped and
    /// STATEHOLD_REQUIRE_SUITES asks for all of them.
    pub fn run(mut self, stages: &[Stage]) -> Result<()> {
        self.stage("setup", |workspace, _| workspace.set_up())?;
        for stage in stages {
            self.stage(stage.name, stage.run)?;
        }
        for suite in &self.tally.skipped {
            println!("{SKIPPED}{suite}");
        }
        if !self.tally.skipped.is_empty() && suites_are_required() {
            bail!(
                "{} suite(s) skipped, and STATEHOLD_REQUIRE_SUITES is set",
                self.tally.skipped.len()
            );
        }
        // Stages that run no test say nothing about tests.
        if self.tally.passed > 0 {
            println!("{}", self.tally);
        }
        Ok(())
    }

    fn stage(
        &mut self,
        name: &str,
        run: impl FnOnce(&Workspace, &mut Tally) -> Result<()>,
    ) -> Result<()> {
        println!("\n== {name}");
        let started = Instant::now();
        let outcome = run(self.workspace, &mut self.tally);
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!(
            "== {name}: {verdict} in {:.1} s",
            started.elapsed().as_secs_f64()
        );
        outcome.map_err(|error| error.context(format!("stage {name} failed")))
    }
}

/// The stages of these names in CI's order; all of them when none is named.
///
/// # Errors
/// A text that names the unknown stage and lists the known ones.
pub fn select(names: &[&str]) -> Result<Vec<Stage>, String> {
    let known = || STAGES.iter().map(|stage| stage.name);
    if let Some(unknown) = names
        .iter()
        .find(|name| !known().any(|stage| stage == **name))
    {
        return Err(format!(
            "no stage `{unknown}`; there are {}",
            known().collect::<Vec<_>>().join(", ")
        ));
    }
    Ok(STAGES
        .iter()
        .filter(|stage| names.is_empty() || names.contains(&stage.name))
        .copied()
        .collect())
}

/// The checks whose answer changes without a change of ours (known vulnerabilities, yanked versions), the tests that
/// take long, and diagrams read by the tools they are written for.
///
/// # Errors
/// When a dependency has an advisory, the advisory database cannot be fetched, a tool is missing, or a test fails.
pub fn nightly(workspace: &Workspace) -> Result<()> {
    println!("the advisory database is fetched from the network; without one this check fails");
    workspace.set_up()?;
    workspace.run(
        "cargo",
        &["deny", "--all-features", "check", "--hide-inclusion-graph"],
    )?;
    diagram_tools(workspace)?;
    postgres(workspace, false)?;
    postgres(workspace, true)
}

/// Has the tools of others read what is drawn for them. Needs Debian's graphviz, plantuml, nodejs and npm; Mermaid comes
/// from npm.
fn diagram_tools(workspace: &Workspace) -> Result<()> {
    let folder = workspace.tools().join("mermaid");
    std::fs::create_dir_all(&folder)?;
    let folder = folder.to_string_lossy();
    let install = ["install", "--no-audit", "--no-fund", "--prefix", &folder];
    let packages = ["mermaid@11", "jsdom@26"];
    workspace.run("npm", &[&install[..], &packages].concat())?;
    let test = [
        "test",
        "--package",
        "statehold-diagram",
        "--features",
        "elk",
        "--test",
        "tools",
        "--",
        "--run",
        &folder,
    ];
    workspace.run("cargo", &test)
}

/// The tests of the PostgreSQL store in their long variants: on Debian's server, or on a newer one from a wheel.
///
/// # Errors
/// When the newer server cannot be had, or a test fails.
pub fn postgres(workspace: &Workspace, newer: bool) -> Result<()> {
    workspace.set_up()?;
    let bin = if newer {
        Some(workspace.install_postgres()?)
    } else {
        None
    };
    let mut variables = vec![
        ("STATEHOLD_NIGHTLY", OsStr::new("1")),
        ("STATEHOLD_REQUIRE_SUITES", OsStr::new("1")),
    ];
    if let Some(bin) = &bin {
        variables.push(("STATEHOLD_PG_BIN", bin.as_os_str()));
    }
    let tests = [
        "nextest",
        "run",
        "--package",
        "statehold-store",
        "--all-features",
        "--profile",
        "long",
        "postgres",
    ];
    workspace.run_with(&variables, "cargo", &tests)
}

/// Runs the third-party conformance suites alone.
///
/// # Errors
/// When the runner is not content.
pub fn conformance(workspace: &Workspace, args: &[&str]) -> Result<()> {
    let runner = [
        "test",
        "--quiet",
        "--package",
        "statehold-formats",
        "--test",
        "conformance",
        "--",
    ];
    workspace.run("cargo", &[&runner, args].concat())
}

fn clippy(workspace: &Workspace, _: &mut Tally) -> Result<()> {
    let args = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "-D",
        "warnings",
    ];
    workspace.run("cargo", &args)
}

fn tests(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    // nextest's store is below the root whatever CARGO_TARGET_DIR says.
    let report = workspace.root().join("target/nextest/ci/junit.xml");
    // A report of an earlier run must not be counted when this one does not even compile.
    if report.exists() {
        std::fs::remove_file(&report)?;
    }
    let outcome = workspace.run(
        "cargo",
        &[
            "nextest",
            "run",
            "--workspace",
            "--all-features",
            "--profile",
            "ci",
        ],
    );
    let xml = std::fs::read_to_string(&report);
    outcome?;
    tally.add_junit(&xml?)
}

fn doctests(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let (passed, output) = workspace.run_and_read("cargo", &["test", "--doc", "--workspace"])?;
    tally.add_libtest(&output);
    if !passed {
        bail!("doc tests: {tally} in all");
    }
    Ok(())
}

/// What authors see while they type: the schema of charts behind the language server that editors run.
fn editor(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let Some(server) = workspace.language_server() else {
        tally
            .skipped
            .insert("editor: no YAML language server (needs node and npm)".to_owned());
        return Ok(());
    };
    let server = server.to_string_lossy();
    let (passed, output) = workspace.run_and_read("node", &["tests/editor/lsp.mjs", &*server])?;
    tally.add_libtest(&output);
    if !passed {
        bail!("editor: {tally} in all");
    }
    Ok(())
}

fn deny(workspace: &Workspace, _: &mut Tally) -> Result<()> {
    let args = [
        "deny",
        "--all-features",
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ];
    workspace.run("cargo", &args)
}

fn suites_are_required() -> bool {
    std::env::var("STATEHOLD_REQUIRE_SUITES").is_ok_and(|value| value == "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(stages: &[Stage]) -> Vec<&str> {
        stages.iter().map(|stage| stage.name).collect()
    }

    #[test]
    fn without_names_every_stage_runs_in_order() {
        let all = select(&[]).expect("no unknown name");
        assert_eq!(
            names(&all),
            [
                "fmt", "clippy", "tests", "doctests", "editor", "links", "deny", "tidy"
            ]
        );
    }

    #[test]
    fn named_stages_keep_the_order_of_ci() {
        assert_eq!(
            names(&select(&["tidy", "fmt"]).expect("known")),
            ["fmt", "tidy"]
        );
    }

    #[test]
    fn an_unknown_stage_is_named_with_the_known_ones() {
        let problem = select(&["lint"]).expect_err("unknown");
        assert!(
            problem.contains("`lint`") && problem.contains("clippy"),
            "{problem}"
        );
    }
}
