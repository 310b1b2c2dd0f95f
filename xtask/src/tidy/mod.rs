//! House rules for our own source text that neither the compiler nor clippy knows.
//!
//! Each rule is a function from a [`Repo`] to a [`Report`] and lives in the module of its kind:
//! [`crates`] reads manifests, [`source`] reads Rust files, [`codes`] compares the error codes with
//! their pages. No rule reads the machine, so each is tested on planted text that breaks it.

pub mod codes;
pub mod crates;
pub mod rust_text;
pub mod source;

use crate::repo::Repo;
use crate::report::Report;

/// Runs every rule.
#[must_use]
pub fn check(repo: &Repo) -> Report {
    let mut report = Report::default();
    for rule in [crates::check, source::check, codes::check] {
        report.merge(rule(repo));
    }
    report
}
