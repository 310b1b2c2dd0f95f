//! One module per family of commands. Each reads its arguments, asks one other crate, and shows what comes back.

mod check;
mod dev;
mod diagram;
mod effects;
mod entities;
mod import;
pub(crate) mod later;
mod listen;
mod machines;
mod mock;
mod serve;
mod shell;
mod simulate;
mod step;
mod test;

use std::path::Path;

use crate::cli::{Cli, Command, Global};
use crate::exit::{Exit, Failure};
use crate::logging::{self, Usual};
use crate::render::Screen;
use crate::settings::Settings;
use crate::target::{Need, Target};

/// Does what the command line says.
pub(crate) async fn run(screen: &Screen, cli: Cli) -> Result<Exit, Failure> {
    let global = &cli.global;
    match cli.command {
        Command::Dev(args) => dev::run(screen, global, args).await,
        Command::Serve(args) => serve::run(screen, global, &args).await,
        Command::Check(args) => check::run(screen, &args),
        Command::Step(args) => step::run(screen, global, &args),
        Command::Simulate(args) => simulate::run(screen, global, &args),
        Command::Test(args) => test::run(screen, &args),
        Command::Diagram(args) => diagram::run(screen, &args),
        Command::Import(args) => import::run(screen, &args),
        Command::Mock(args) => mock::run(screen, global, &args).await,
        Command::Publish(args) => machines::publish(screen, global, &args).await,
        Command::Machines => machines::list(screen, global).await,
        Command::Create(args) => entities::create(screen, global, &args).await,
        Command::Get(args) => entities::get(screen, global, &args).await,
        Command::List(args) => entities::list(screen, global, &args).await,
        Command::Fire(args) => entities::fire(screen, global, &args).await,
        Command::Explain(args) => entities::explain(screen, global, &args).await,
        Command::Log(args) => entities::log(screen, global, &args).await,
        Command::Effects(args) => effects::run(screen, global, args).await,
        Command::DeadLetters(args) => effects::dead_letters(screen, global, args).await,
        Command::Schema => shell::schema(),
        Command::Completions(args) => shell::completions(&args),
        Command::Man(args) => shell::man(&args),
    }
}

/// Settings of a command that asks once and ends.
fn settings(global: &Global) -> Result<Settings, Failure> {
    let settings = Settings::resolve(global, Path::new(""), |_| {})?;
    logging::start(&settings.log, global, Usual::Command)?;
    Ok(settings)
}

/// Where such a command works.
async fn target(global: &Global, need: Need) -> Result<Target, Failure> {
    Target::open(&settings(global)?, need).await
}
