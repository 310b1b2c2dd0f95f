//! The bench's own promises that do not depend on time.

use std::process::Command;

#[test]
fn hostile_expressions_stay_within_their_memory() {
    let bombs = Command::new(env!("CARGO_BIN_EXE_bombs"))
        .arg("--memory-only")
        .output();
    let bombs = bombs.expect("the program starts");
    let problem = String::from_utf8_lossy(&bombs.stderr);
    assert!(bombs.status.success(), "{problem}");
}

#[test]
fn every_case_does_what_its_name_says() {
    let mut bench = Command::new(env!("CARGO_BIN_EXE_statehold-bench"));
    let bench = bench.args(["steps", "--repeat", "1"]).output();
    let bench = bench.expect("the program starts");
    let problem = String::from_utf8_lossy(&bench.stderr);
    assert!(bench.status.success(), "{problem}");
}
