//! Throw-away PostgreSQL servers for tests: made by `initdb` in a temporary folder, on loopback and a Unix socket, never
//! as root, gone when their last user is.
//!
//! A test takes a database of the [`shared`] server, or a [`Server`] of its own if it wants to harm it. Where there is no
//! PostgreSQL the caller is told, prints one line and passes; with `STATEHOLD_REQUIRE_SUITES=1` it fails instead.
//!
//! Who still uses a server shows in a file lock, which the kernel releases however a process ends: a shell script beside
//! the server waits for it, so nothing is left behind by a test that was killed. Nothing of this is for production, and
//! this crate knows nothing of Statehold's tables.

mod binaries;
mod bouncer;
mod database;
mod server;
mod shared;
mod skip;
mod user;

pub use bouncer::Bouncer;
pub use database::{Database, execute, query, with_template};
pub use server::{Options, Server};
pub use shared::{Shared, shared};
pub use skip::skipped;

/// Whether the long variants of tests are to run.
#[must_use]
pub fn is_nightly() -> bool {
    std::env::var("STATEHOLD_NIGHTLY").is_ok_and(|value| value == "1")
}

/// A server of one's own, or none, after one printed line, where there is no PostgreSQL.
///
/// # Panics
/// If there is a PostgreSQL and it does not start, or if there is none and `STATEHOLD_REQUIRE_SUITES=1`.
#[must_use]
pub fn server(options: &Options) -> Option<Server> {
    if binaries::folder().is_none() {
        skipped("PostgreSQL", "initdb and postgres are not on this machine");
        return None;
    }
    let started = Server::start(options);
    Some(started.unwrap_or_else(|problem| panic!("a test server: {problem}")))
}

/// What went wrong with a test's server, for people.
pub type Problem = Box<dyn std::error::Error + Send + Sync>;

/// Everything with `STATEHOLD_REQUIRE_SUITES=1`; otherwise only what can run here.
pub(crate) fn suites_are_required() -> bool {
    std::env::var("STATEHOLD_REQUIRE_SUITES").is_ok_and(|value| value == "1")
}
