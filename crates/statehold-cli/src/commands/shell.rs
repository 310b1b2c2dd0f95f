//! What shells, manuals and editors want to know: completion scripts, pages, the schema of charts.

use std::io::Write;

use clap::CommandFactory;

use crate::cli::{Cli, Completions, Man};
use crate::exit::{Exit, Failure};

const NAME: &str = "statehold";

/// Prints the JSON Schema of charts.
pub(crate) fn schema() -> Result<Exit, Failure> {
    let schema = statehold_core::chart_schema();
    print(format!("{schema:#}\n").as_bytes());
    Ok(Exit::Done)
}

/// Prints a completion script.
pub(crate) fn completions(args: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), NAME, &mut script);
    print(&script);
    Ok(Exit::Done)
}

/// Prints the manual page, or writes one page per command.
pub(crate) fn man(args: &Man) -> Result<Exit, Failure> {
    let Some(folder) = &args.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command())
            .render(&mut page)
            .map_err(|error| Failure::usage(error.to_string()))?;
        print(&page);
        return Ok(Exit::Done);
    };
    let failed = |error: std::io::Error| Failure::file(folder, "cannot write", &error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(failed)?;
    Ok(Exit::Done)
}

/// Whoever closed the pipe has enough.
fn print(bytes: &[u8]) {
    let _ = std::io::stdout().lock().write_all(bytes);
}
