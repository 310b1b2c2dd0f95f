//! The charts of a folder: published at the start, and again when they change.

use statehold_core::codes;
use statehold_engine::Engine;

use crate::commands::serve::{PUBLISHER, users};
use crate::exit::Failure;
use crate::files::File;
use crate::input;
use crate::render::Screen;
use crate::render::failure;
use crate::render::style::{GOOD, paint};
use crate::target::of_engine;

/// What became of a chart file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chart {
    /// Name of the machine.
    pub(super) machine: String,
    /// The version that is in force.
    pub(super) version: u32,
    /// The file.
    pub(super) file: String,
}

/// Loads and publishes a chart. One with problems leaves everything as it is; its problems are shown.
pub(super) async fn load(screen: &Screen, engine: &Engine, file: &File) -> Option<Chart> {
    let path = file.path.display();
    let chart = match input::chart(screen, &file.path) {
        Ok(chart) => chart,
        Err(failure) => {
            screen.warn(&failure::draw(&failure));
            screen.warn(&format!(
                "{path} has problems; what was published before stays in force"
            ));
            return None;
        }
    };
    let (machine, version) = (chart.name.clone(), chart.version);
    match engine.publish(chart, PUBLISHER).await {
        Ok(published) if published.new => {
            screen.talk(&format!(
                "{} {machine} version {version}",
                paint(GOOD, "published")
            ));
            Some(Chart {
                machine,
                version,
                file: path.to_string(),
            })
        }
        Ok(_) => Some(Chart {
            machine,
            version,
            file: path.to_string(),
        }),
        Err(error) if error.code() == codes::VERSION_TAKEN => {
            screen.warn(&failure::draw(&taken(engine, file, &machine, version)));
            Some(Chart {
                machine,
                version,
                file: path.to_string(),
            })
        }
        Err(error) => {
            screen.warn(&failure::draw(&of_engine(&error)));
            None
        }
    }
}

fn taken(engine: &Engine, file: &File, machine: &str, version: u32) -> Failure {
    let newest = engine
        .machine(machine, None)
        .map_or(version, |newest| newest.version);
    let next = newest.saturating_add(1);
    let path = file.path.display();
    Failure::new(
        crate::exit::Exit::NotSo,
        codes::VERSION_TAKEN,
        format!("{path} changed, but {machine} version {version} is published, and published versions never change"),
    )
    .help(format!("raise it to `version: {next}`; or start anew with --reset, which forgets all entities"))
}

/// Says which destinations have neither a mock nor a value.
pub(super) fn mention_missing(screen: &Screen, engine: &Engine) {
    for name in engine.missing_destinations() {
        screen.warn(&format!(
            "warning: no mock says `env: {name}` and no --env gives it, but {} names it; calls to it will end as dead letters",
            users(engine, &name)
        ));
    }
}
