//! Nanoseconds per pure step.

use std::hint::black_box;
use std::time::Instant;

use crate::cases::{self, Case};
use crate::report::Row;

/// Steps between two looks at the clock: long enough that the look does not matter, short enough that most rounds pass
/// undisturbed by whatever else the machine does.
const STEPS: u32 = 500;

/// Rounds per pass.
const ROUNDS: usize = 60;

/// Measures every case whose name holds `only`.
pub(crate) fn measure(only: &str, passes: usize) -> anyhow::Result<Vec<Row>> {
    let mut cases = cases::all()?;
    cases.retain(|case| case.name.contains(only));
    let mut nanos = vec![Vec::with_capacity(passes * ROUNDS); cases.len()];
    // Round by round over all cases, so that a disturbance hits all of them alike.
    for _ in 0..passes * ROUNDS {
        for (case, nanos) in cases.iter().zip(&mut nanos) {
            nanos.push(nanos_of(STEPS, || repeat(case, STEPS)));
        }
    }
    let rows = cases.iter().zip(nanos).map(|(case, nanos)| Row {
        what: format!("pure step: {}", case.name),
        ns_per_step: Some(middle(nanos)),
        ..Row::default()
    });
    Ok(rows.collect())
}

/// Repeats the steps without looking at the clock: for a profiler.
pub(crate) fn repeat_all(only: &str, steps: u32) -> anyhow::Result<()> {
    for case in cases::all()? {
        let taken = case.machine.step(&case.snapshot, &case.event, cases::now());
        anyhow::ensure!(taken.is_ok() == case.is_taken, "{}: {taken:?}", case.name);
        if case.name.contains(only) {
            repeat(&case, steps);
        }
    }
    Ok(())
}

#[inline(never)]
fn repeat(case: &Case, steps: u32) {
    let now = cases::now();
    for _ in 0..steps {
        let step = case
            .machine
            .step(black_box(&case.snapshot), black_box(&case.event), now);
        let _ = black_box(step);
    }
}

pub(crate) fn nanos_of(steps: u32, work: impl FnOnce()) -> u64 {
    let begin = Instant::now();
    work();
    u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX) / u64::from(steps)
}

/// The median.
pub(crate) fn middle(mut nanos: Vec<u64>) -> u64 {
    nanos.sort_unstable();
    nanos.get(nanos.len() / 2).copied().unwrap_or(0)
}
