//! Measures Statehold against itself and against hand-written code, in one run on one machine. Figures are only to be
//! compared within one run; docs/performance.md says how they came about.

mod durable;
mod hand_written;
mod report;
mod step;

use std::time::Duration;

use clap::Parser;

/// Micro-benchmarks and the load generator.
#[derive(Parser)]
struct Arguments {
    /// Seconds per measurement.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Passes per measurement; the median counts.
    #[arg(long, default_value_t = 5)]
    passes: usize,
    /// Numbers of concurrent callers.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 64, 256])]
    callers: Vec<usize>,
    /// Folder for the database files; they should be on the disk that matters.
    #[arg(long, default_value = "target/bench")]
    folder: std::path::PathBuf,
    /// One JSON document instead of a table.
    #[arg(long)]
    json: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let length = Duration::from_secs(arguments.seconds.clamp(1, 600));
    let passes = arguments.passes.clamp(1, 99);
    std::fs::create_dir_all(&arguments.folder)?;

    let mut rows = step::measure(passes)?;
    let single = hand_written::measure(&arguments.folder, length, passes)?;
    rows.push(single.clone());
    for callers in arguments.callers {
        let row = durable::measure(&arguments.folder, callers.clamp(1, 4096), length, passes)?;
        rows.push(row.compared_to(&single));
    }
    report::print(&rows, arguments.json)
}
