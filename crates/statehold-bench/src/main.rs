//! Measures Statehold against itself and against hand-written code, in one run on one machine. Figures are only to be
//! compared within one run; docs/performance.md says how they came about.

mod cases;
mod durable;
mod hand_written;
mod report;
mod step;

use std::time::Duration;

use clap::{Parser, Subcommand};
use report::Row;

/// Micro-benchmarks and the load generator.
#[derive(Parser)]
struct Arguments {
    /// What to measure; everything but the peers if it is left out.
    #[command(subcommand)]
    what: Option<What>,
    /// Seconds per measurement.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Passes per measurement; the median counts.
    #[arg(long, default_value_t = 5, global = true)]
    passes: usize,
    /// Numbers of concurrent callers.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 64, 256])]
    callers: Vec<usize>,
    /// Folder for the database files; they should be on the disk that matters.
    #[arg(long, default_value = "target/bench")]
    folder: std::path::PathBuf,
    /// One JSON document instead of a table.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum What {
    /// Pure steps alone.
    Steps {
        /// Only cases whose name holds this.
        #[arg(long, default_value = "")]
        only: String,
        /// Repeat each case this often and print nothing: for a profiler.
        #[arg(long)]
        repeat: Option<u32>,
    },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let length = Duration::from_secs(arguments.seconds.clamp(1, 600));
    let passes = arguments.passes.clamp(1, 99);
    let rows = match arguments.what {
        Some(What::Steps {
            only,
            repeat: Some(steps),
        }) => return step::repeat_all(&only, steps),
        Some(What::Steps { only, repeat: None }) => step::measure(&only, passes)?,
        None => everything(&arguments, length, passes)?,
    };
    report::print(&rows, arguments.json)
}

fn everything(arguments: &Arguments, length: Duration, passes: usize) -> anyhow::Result<Vec<Row>> {
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder)?;
    let mut rows = step::measure("", passes)?;
    let single = hand_written::measure(folder, length, passes)?;
    rows.push(single.clone());
    for callers in &arguments.callers {
        let row = durable::measure(folder, (*callers).clamp(1, 4096), length, passes)?;
        rows.push(row.compared_to(&single));
    }
    Ok(rows)
}
