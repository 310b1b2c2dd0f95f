//! The `statehold` binary: flags, configuration, wiring, exit codes. Data goes to stdout, talk to stderr.
//!
//! Only this crate reads the environment and files. It decides nothing about charts, events or effects: it hands what
//! it was given to the other crates and shows what comes back. Every command ends in an [`Exit`](exit::Exit) or a
//! [`Failure`](exit::Failure), which `main` turns into the exit code.

mod cli;
mod commands;
mod exit;
mod files;
mod input;
mod logging;
mod render;
mod settings;
mod stop;
mod target;

use std::process::ExitCode;

use exit::{Exit, Failure};
use render::Screen;

fn main() -> ExitCode {
    // Fails only if a provider is installed already, which is then the same one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let exit = match cli::parse() {
        Ok(cli) => run(cli),
        Err(exit) => exit,
    };
    ExitCode::from(exit.code())
}

fn run(cli: cli::Cli) -> Exit {
    let screen = Screen::new(cli.global.json, cli.global.quiet);
    let ended = runtime().and_then(|runtime| runtime.block_on(commands::run(&screen, cli)));
    match ended {
        Ok(exit) => exit,
        Err(failure) => {
            screen.fail(&failure);
            failure.exit
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unavailable(format!("threads cannot be started: {error}")))
}
