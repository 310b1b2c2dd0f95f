//! `dev`: charts, mocks, an embedded store, workers and the API in one process, reloading what changes.
//!
//! For one author on one machine: it listens on loopback only, moves its clock on request, and keeps what it stores
//! in `DIR/.statehold`.

mod charts;
mod folder;
mod greeting;
mod mocks;
pub(super) mod sample;
mod watch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use statehold_engine::{Destinations, Engine, OffsetClock, Shutdown};
use statehold_server::{AppConfig, DevControls};
use statehold_store::Store;
use tokio::net::TcpListener;

use self::charts::Chart;
use self::folder::Folder;
use self::mocks::Mocks;
use self::watch::Watch;
use super::listen;
use super::serve::Serving;
use crate::cli::{Dev, Global};
use crate::exit::{Exit, Failure};
use crate::files::{self, File, Kind};
use crate::logging::{self, Usual};
use crate::render::Screen;
use crate::settings::{self, LISTEN_DEFAULT, Settings, StoreUrl};
use crate::stop;
use crate::target::store::{self, Time};
use crate::target::{Need, of_engine};

/// Ports tried after the default one, when that is taken.
const PORTS_TRIED: u16 = 20;

pub(crate) async fn run(screen: &Screen, global: &Global, args: Dev) -> Result<Exit, Failure> {
    let settings = resolve(global, &args)?;
    logging::start(&settings.log, global, Usual::Server)?;
    let dir = args.dir;
    if !dir.is_dir() {
        return Err(Failure::usage(format!("{} is no folder", dir.display())));
    }
    let files = files::in_folder(&dir, &[Kind::Chart, Kind::Mock])?;
    if !files.iter().any(|file| file.kind == Kind::Chart) {
        return Err(Failure::usage(format!(
            "{} holds no charts (NAME.chart.yaml or .json)",
            dir.display()
        )));
    }
    if args.reset && Folder::reset(&dir)? {
        screen.warn("forgot everything that earlier runs stored");
    }
    let listener = listen(screen, &settings).await?;
    let stop = stop::on_signal(screen)?;
    // Changes between reading and watching would be missed the other way round.
    let watch = Watch::start(&dir);
    let dev = Development::start(*screen, dir, &settings, global.store.is_some(), files).await?;
    dev.run(listener, watch, stop).await
}

fn resolve(global: &Global, args: &Dev) -> Result<Settings, Failure> {
    Settings::resolve(global, &args.dir, |layers| {
        layers.flag("serve.listen", "--listen", args.listen.as_deref());
        layers.flag("log_format", "--log-format", args.log_format.as_deref());
        for pair in &args.env {
            layers.env_flag(pair);
        }
    })
}

/// A named address is taken as it is; the default one may move to the next free port.
async fn listen(screen: &Screen, settings: &Settings) -> Result<TcpListener, Failure> {
    if let Some(address) = settings.serve.listen {
        return listen::open(address).await;
    }
    let first =
        settings::address(LISTEN_DEFAULT).map_err(|problem| Failure::config(vec![problem]))?;
    let listener = listen::open_near(first, PORTS_TRIED).await?;
    if let Ok(address) = listener.local_addr()
        && address != first
    {
        screen.warn(&format!(
            "{first} is taken by another program; using {address}"
        ));
    }
    Ok(listener)
}

/// Everything that a development server is made of, but for its address.
struct Development {
    screen: Screen,
    dir: PathBuf,
    folder: Folder,
    clock: Arc<OffsetClock>,
    store: Arc<dyn Store>,
    store_url: StoreUrl,
    engine: Engine,
    mocks: Mocks,
    charts: Vec<Chart>,
    /// Texts of the files as they were last read.
    seen: BTreeMap<PathBuf, Vec<u8>>,
}

impl Development {
    async fn start(
        screen: Screen,
        dir: PathBuf,
        settings: &Settings,
        store_named: bool,
        files: Vec<File>,
    ) -> Result<Self, Failure> {
        let folder = Folder::open(&dir)?;
        // Only a flag moves the store: a variable or file that means production must not be developed upon.
        let store_url = if store_named {
            settings.store()
        } else {
            StoreUrl::SqliteFile(folder.database())
        };
        // Its clock is moved by hand, which no database would do.
        let opened = store::open(&store_url, Need::Any, Time::OfCaller).await?;
        let mut mocks = Mocks::new(folder.clone());
        for file in files.iter().filter(|file| file.kind == Kind::Mock) {
            mocks.load(&screen, file).await;
        }
        let destinations = Destinations::new(mocks.bind(&screen, &settings.env.0));
        let clock = Arc::new(OffsetClock::ahead_by(folder.clock()));
        let engine = opened
            .engine()
            .clock(Arc::clone(&clock) as Arc<dyn statehold_engine::Clock>)
            .destinations(destinations)
            .open()
            .await
            .map_err(|error| of_engine(&error))?;
        let mut dev = Self {
            screen,
            dir,
            folder,
            clock,
            store: opened.store,
            store_url,
            engine,
            mocks,
            charts: Vec::new(),
            seen: BTreeMap::new(),
        };
        for file in &files {
            dev.seen.insert(file.path.clone(), content(&file.path));
            if file.kind == Kind::Chart {
                dev.charts
                    .extend(charts::load(&dev.screen, &dev.engine, file).await);
            }
        }
        charts::mention_missing(&dev.screen, &dev.engine);
        Ok(dev)
    }

    async fn run(
        mut self,
        listener: TcpListener,
        watch: Result<Watch, String>,
        mut stop: Shutdown,
    ) -> Result<Exit, Failure> {
        let url = listen::url(&listener)?;
        self.greet(&url).await;
        let serving = tokio::spawn(self.serving(listener).until(stop.clone()));
        match watch {
            Ok(mut watch) => loop {
                tokio::select! {
                    () = stop.wait() => break,
                    () = watch.changed() => self.reload().await,
                }
            },
            Err(problem) => {
                self.screen.warn(&format!(
                    "warning: changes are not noticed ({problem}); restart after a change"
                ));
                stop.wait().await;
            }
        }
        if let Err(error) = serving.await {
            tracing::error!(%error, "the server ended with a fault");
        }
        self.mocks.end().await;
        Ok(Exit::Done)
    }

    fn serving(&self, listener: TcpListener) -> Serving {
        let folder = self.folder.clone();
        let controls = DevControls {
            clock: Arc::clone(&self.clock),
            on_advance: Some(Arc::new(move |ahead| folder.keep_clock(ahead))),
            mocks: self.mocks.links(),
        };
        let config = AppConfig {
            store: Some(self.store_url.to_string()),
            dev: Some(controls),
            ..AppConfig::default()
        };
        Serving {
            app: statehold_server::app(self.engine.clone(), config),
            engine: self.engine.clone(),
            store: Arc::clone(&self.store),
            listener,
            works: true,
        }
    }

    async fn greet(&self, url: &str) {
        let greeting = greeting::Greeting {
            url,
            dir: &self.dir,
            store: self.store_url.to_string(),
            ahead: self.clock.offset(),
            charts: &self.charts,
            mocks: self.mocks.links(),
            samples: self.samples().await,
        };
        greeting.show(&self.screen);
    }

    /// Requests to try on the first machine, for an entity that is not there yet.
    async fn samples(&self) -> Vec<sample::Sample> {
        /// Tried on after each other; whoever has this many knows how to create one.
        const IDS_TRIED: u32 = 1_000;
        let Some(machine) = self
            .charts
            .first()
            .and_then(|chart| self.engine.machine(&chart.machine, None).ok())
        else {
            return Vec::new();
        };
        for number in 1..=IDS_TRIED {
            let id = format!("{}-{number}", machine.name);
            if self.engine.get(&machine.name, &id).await.is_err() {
                return sample::samples(&machine, &id, self.engine.now());
            }
        }
        Vec::new()
    }

    /// Loads what changed since it was last read.
    async fn reload(&mut self) {
        let files = match files::in_folder(&self.dir, &[Kind::Chart, Kind::Mock]) {
            Ok(files) => files,
            Err(failure) => {
                self.screen.warn(&crate::render::failure::draw(&failure));
                return;
            }
        };
        for file in &files {
            let now = content(&file.path);
            if self.seen.get(&file.path) == Some(&now) {
                continue;
            }
            self.seen.insert(file.path.clone(), now);
            self.reload_file(file).await;
        }
        let gone: Vec<PathBuf> = self
            .seen
            .keys()
            .filter(|path| !files.iter().any(|file| file.path == **path))
            .cloned()
            .collect();
        for path in gone {
            self.seen.remove(&path);
            self.mocks.remove(&path).await;
            self.screen.talk(&format!("{} is gone", path.display()));
        }
    }

    async fn reload_file(&mut self, file: &File) {
        match file.kind {
            Kind::Mock => {
                self.mocks.load(&self.screen, file).await;
                self.screen
                    .talk(&format!("{} was read again", file.path.display()));
            }
            Kind::Chart => {
                if charts::load(&self.screen, &self.engine, file)
                    .await
                    .is_some()
                {
                    charts::mention_missing(&self.screen, &self.engine);
                }
            }
            // Never among the files that are watched: they are run by hand.
            Kind::Scenarios => {}
        }
    }
}

/// The bytes of a file; nothing for one that cannot be read, which loading it will say in better words.
fn content(path: &Path) -> Vec<u8> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let bound = statehold_core::source::MAX_TEXT_BYTES as u64 + 1;
    if let Ok(file) = std::fs::File::open(path) {
        let _ = file.take(bound).read_to_end(&mut bytes);
    }
    bytes
}
