//! Repository tooling: what `cargo xtask` runs.
//!
//! One command, `cargo xtask test`, is exactly what CI runs, so that "works here" and "works in CI"
//! cannot drift apart. The rules about our own text ([`tidy`], [`links`]) are pure functions over a
//! [`repo::Repo`] held in memory; only [`repo`], [`tools`] and [`pipeline`] touch the machine.
//!
//! This crate knows no crate of the product: it reads their text and never links them, so it still
//! builds when one of them does not.

// A command line tool talks on stdout; the workspace lint is meant for libraries.
#![allow(clippy::print_stdout, clippy::print_stderr)]

pub mod links;
pub mod pipeline;
pub mod repo;
pub mod report;
pub mod tally;
pub mod tidy;
pub mod tools;
