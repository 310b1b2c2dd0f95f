//! What a test does when something it needs is not on this machine.

use std::io::Write;

use crate::suites_are_required;

/// Prints the line that `cargo xtask test` collects. To be followed by a return.
///
/// # Panics
/// If `STATEHOLD_REQUIRE_SUITES=1` says that nothing may be skipped.
pub fn skipped(suite: &str, reason: &str) {
    assert!(
        !suites_are_required(),
        "{suite} cannot run: {reason}; `cargo xtask setup` installs what is missing"
    );
    // Not `println!`: this is the output, not a stray message. A closed pipe is no reason to fail.
    let _ = writeln!(std::io::stdout(), "SKIPPED: {suite} ({reason})");
}
