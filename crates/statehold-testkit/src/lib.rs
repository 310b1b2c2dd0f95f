//! Tests for charts: what an author claims about an entity's life, tried against the chart itself.
//!
//! A [`ScenarioFile`] is read from a `NAME.test.yaml`; [`run`] plays its scenarios, each in a [`World`] of its own, and
//! says of every failed expectation what was there instead and why.
//!
//! What this crate does not know: files, the terminal, stores, networks and real clocks. It is pure: the same chart and
//! the same scenarios give the same results, thousands of times a second.

mod compare;
mod coverage;
mod run;
mod scenario;
pub mod world;

pub use compare::{Difference, first_difference};
pub use coverage::{Coverage, Item, Kind, Share};
pub use run::{Failure, StepReport, Verdict, play, play_observed, run, run_observed};
pub use scenario::{
    Begin, Expect, ExpectedEffect, ExpectedTimer, Happens, SCENARIOS_MAX, STEPS_MAX, Scenario,
    ScenarioFile, ScenarioStep,
};
pub use world::{Answer, Answered, OpenEffect, World};
