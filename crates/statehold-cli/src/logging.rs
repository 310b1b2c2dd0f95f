//! The log on stderr. Flags win over `STATEHOLD_LOG`, that over `RUST_LOG`; servers say more than commands do.

use anstream::{AutoStream, ColorChoice};
use tracing_subscriber::EnvFilter;

use crate::cli::Global;
use crate::exit::Failure;
use crate::settings::{Log, LogFormat};

/// Added to every filter.
const QUIET: &[&str] = &["tokio_postgres=info", "postgres_protocol=info"];

/// What a program says when nobody asks for more or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usual {
    /// Only what went wrong.
    Command,
    /// What a server does, too.
    Server,
}

/// Starts the log of this process.
///
/// # Errors
/// The filter is not readable.
pub(crate) fn start(log: &Log, global: &Global, usual: Usual) -> Result<(), Failure> {
    let (origin, directives) = directives(log, global, usual);
    let filter = EnvFilter::try_new(&directives).map_err(|error| {
        Failure::config(vec![format!(
            "{origin}: `{directives}` is no filter for the log: {error}"
        )])
    })?;
    // The driver's debugging output repeats what is stored, so it stays off whatever the filter says.
    let filter = QUIET
        .iter()
        .filter_map(|directive| directive.parse().ok())
        .fold(filter, EnvFilter::add_directive);
    let colour = AutoStream::choice(&std::io::stderr()) != ColorChoice::Never;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Fails only if a log was started before, which goes on then.
    let _ = match log.format {
        LogFormat::Text => builder.with_ansi(colour).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    Ok(())
}

fn directives(log: &Log, global: &Global, usual: Usual) -> (&'static str, String) {
    let by_flag = match (global.quiet, global.verbose) {
        (true, _) => Some("error"),
        (false, 0) => None,
        (false, 1) => Some("info,statehold=debug"),
        (false, _) => Some("trace"),
    };
    if let Some(directives) = by_flag {
        return ("--verbose", directives.to_owned());
    }
    if let Some(directives) = &log.filter {
        return ("STATEHOLD_LOG", directives.clone());
    }
    if let Ok(directives) = std::env::var("RUST_LOG") {
        return ("RUST_LOG", directives);
    }
    match usual {
        Usual::Command => ("the default", "error".to_owned()),
        Usual::Server => ("the default", "warn,statehold=info".to_owned()),
    }
}
