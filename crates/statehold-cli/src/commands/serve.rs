//! `serve`: a store, its workers and the API, until a signal says stop.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use statehold_core::{Machine, codes};
use statehold_engine::{Destinations, Engine, EngineConfig, Shutdown};
use statehold_server::{AppConfig, Served};
use statehold_store::Store;
use tokio::net::TcpListener;

use super::listen;
use crate::cli::{Global, Serve};
use crate::exit::{Exit, Failure};
use crate::files::{self, Kind};
use crate::input;
use crate::logging::{self, Usual};
use crate::render::Screen;
use crate::settings::{self, LISTEN_DEFAULT, Settings};
use crate::stop;
use crate::target::store::{self, Time};
use crate::target::{Need, of_engine};

/// Who published what a server was started with.
pub(super) const PUBLISHER: &str = "statehold";

pub(crate) async fn run(screen: &Screen, global: &Global, args: &Serve) -> Result<Exit, Failure> {
    let settings = resolve(global, args)?;
    logging::start(&settings.log, global, Usual::Server)?;
    if args.no_console {
        tracing::debug!("there is no console to leave out");
    }
    let charts = charts(screen, args)?;
    let listener = listen::open(address(&settings)?).await?;
    let stop = stop::on_signal(screen)?;
    let url = settings.store();
    let opened = store::open(&url, Need::Any, Time::OfStore).await?;
    let config = engine_config(&settings);
    let works = config.effects_max > 0;
    let engine = opened
        .engine()
        .config(config)
        .destinations(Destinations::new(settings.env.0.clone()))
        .open()
        .await
        .map_err(|error| of_engine(&error))?;
    publish(&engine, charts).await?;
    if works {
        check_destinations(screen, &engine, &settings)?;
    }
    let app_config = AppConfig {
        store: Some(url.to_string()),
        ..AppConfig::default()
    };
    let app = statehold_server::app(engine.clone(), app_config);
    announce(screen, &listen::url(&listener)?);
    let serving = Serving {
        engine,
        store: opened.store,
        listener,
        app,
        works,
    };
    serving.until(stop).await;
    Ok(Exit::Done)
}

fn resolve(global: &Global, args: &Serve) -> Result<Settings, Failure> {
    Settings::resolve(global, Path::new(""), |layers| {
        layers.flag("serve.listen", "--listen", args.listen.as_deref());
        layers.flag("serve.workers", "--workers", args.workers.as_deref());
        layers.flag("log_format", "--log-format", args.log_format.as_deref());
        layers.switch(
            "serve.allow_missing_destinations",
            "--allow-missing-destinations",
            args.allow_missing_destinations,
        );
        for pair in &args.env {
            layers.env_flag(pair);
        }
    })
}

fn address(settings: &Settings) -> Result<std::net::SocketAddr, Failure> {
    match settings.serve.listen {
        Some(address) => Ok(address),
        None => settings::address(LISTEN_DEFAULT).map_err(|problem| Failure::config(vec![problem])),
    }
}

fn charts(screen: &Screen, args: &Serve) -> Result<Vec<Machine>, Failure> {
    let files = files::expand(&args.charts, &[Kind::Chart])?;
    files
        .iter()
        .map(|file| input::chart(screen, &file.path))
        .collect()
}

/// The engine's settings. Without workers `effects_max` is 0.
fn engine_config(settings: &Settings) -> EngineConfig {
    let usual = EngineConfig::default();
    EngineConfig {
        effects_max: settings.serve.workers.unwrap_or(usual.effects_max),
        ..usual
    }
}

async fn publish(engine: &Engine, charts: Vec<Machine>) -> Result<(), Failure> {
    for chart in charts {
        let published = engine
            .publish(chart, PUBLISHER)
            .await
            .map_err(|error| of_engine(&error))?;
        if published.new {
            tracing::info!(
                machine = published.machine,
                version = published.version,
                "published"
            );
        }
    }
    Ok(())
}

/// What charts name must be there before the first call is made: a server that finds out at night is no use.
fn check_destinations(
    screen: &Screen,
    engine: &Engine,
    settings: &Settings,
) -> Result<(), Failure> {
    let bad = bad_addresses(engine, settings);
    let missing: Vec<String> = engine
        .missing_destinations()
        .iter()
        .map(|name| format!("`{name}` has no value; {} names it", users(engine, name)))
        .collect();
    let fatal =
        !bad.is_empty() || !settings.serve.allow_missing_destinations && !missing.is_empty();
    if fatal {
        let problems: Vec<String> = bad.into_iter().chain(missing).collect();
        let detail = "charts name destinations that are not usable";
        return Err(Failure::new(Exit::Usage, codes::DESTINATION_MISSING, detail)
            .with("problems", json!(problems))
            .help(
                "give each as --env NAME=https://…, as variable STATEHOLD_ENV__NAME, or under [env] in \
                 statehold.toml; --allow-missing-destinations starts without them",
            ));
    }
    for problem in missing {
        screen.warn(&format!(
            "warning: {problem}; calls to it will end as dead letters"
        ));
    }
    Ok(())
}

/// Destinations whose value is no address.
fn bad_addresses(engine: &Engine, settings: &Settings) -> Vec<String> {
    let destinations = Destinations::new(settings.env.0.clone());
    let mut names: Vec<String> = engine
        .machines()
        .iter()
        .flat_map(|machine| {
            machine
                .effects
                .values()
                .filter_map(|effect| effect.http())
                .map(|http| http.destination.clone())
                .collect::<Vec<_>>()
        })
        .filter(|name| {
            destinations
                .get(name)
                .is_some_and(|_| destinations.address(name).is_err())
        })
        .collect();
    names.sort();
    names.dedup();
    // The value is not repeated: somebody may have mixed up a secret and an address.
    let expected = "expected an http or https address without query or fragment";
    names
        .iter()
        .map(|name| format!("`{name}`: {expected}; {} names it", users(engine, name)))
        .collect()
}

/// The machines that name a destination.
pub(super) fn users(engine: &Engine, name: &str) -> String {
    let machines = engine.machines();
    let users = machines
        .iter()
        .filter(|machine| machine.destinations.iter().any(|known| known == name));
    let users: Vec<String> = users
        .map(|machine| format!("machine `{}`", machine.name))
        .collect();
    users.join(", ")
}

/// Says that callers can come, and that anybody may.
fn announce(screen: &Screen, url: &str) {
    screen.talk(
        "open: no keys are configured, so every program on this machine may do everything, \
         as whoever it says it is",
    );
    if screen.json {
        screen.json_line(&json!({ "listening": url }));
    }
    screen.warn(&format!("listening on {url}"));
}

/// Everything that runs.
pub(super) struct Serving {
    pub(super) engine: Engine,
    pub(super) store: Arc<dyn Store>,
    pub(super) listener: TcpListener,
    pub(super) app: axum::Router,
    /// Whether timers fire and effects are sent.
    pub(super) works: bool,
}

impl Serving {
    /// Runs until told to stop: no new requests then, what is under way ends, the store closes last.
    pub(super) async fn until(self, stop: Shutdown) {
        let (engine, until) = (self.engine, stop.clone());
        let workers = tokio::spawn(async move {
            if self.works {
                engine.run_workers(until).await;
            }
        });
        let Served { cut_off } = statehold_server::serve(self.listener, self.app, stop).await;
        if let Err(error) = workers.await {
            tracing::error!(%error, "the workers ended with a fault");
        }
        if let Err(error) = self.store.close().await {
            tracing::error!(%error, "the store did not close cleanly");
        }
        tracing::info!(cut_off, "stopped");
    }
}
