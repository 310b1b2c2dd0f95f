//! [`Settings`]: what flags, environment and configuration file say together, validated once, all problems at once.
//!
//! A flag wins over the environment, the environment over the file. `layers` collects who said what, `file` reads
//! TOML, `env` reads variables, and this module gives the texts their types. Values of `[env]` may be secrets: they
//! are never printed.

mod env;
mod file;
mod keys;
mod layers;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use reqwest::Url;
use statehold_core::Actor;

use crate::cli::Global;
use crate::exit::Failure;
use crate::input;

pub(crate) use layers::Layers;

/// Effects under way at once, at most: each holds a connection and a reply.
const WORKERS_MAX: usize = 10_000;

/// Where the API listens when nobody says otherwise.
pub(crate) const LISTEN_DEFAULT: &str = "127.0.0.1:7700";

/// The store that is used when neither store nor server is named.
const STORE_DEFAULT: &str = "sqlite:statehold.db";

/// Everything that can be configured, typed.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where commands about entities work.
    pub(crate) target: TargetSpec,
    /// Whose entities are meant.
    pub(crate) tenant: Option<String>,
    /// Who acts.
    pub(crate) actor: Option<Actor>,
    /// What `serve` and `dev` need.
    pub(crate) serve: Serve,
    /// Addresses and secret values that charts name.
    pub(crate) env: Env,
    /// What goes to stderr.
    pub(crate) log: Log,
}

/// Where commands about entities work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TargetSpec {
    /// On a server.
    Server(Url),
    /// Straight on a store.
    Store(StoreUrl),
}

/// What `serve` and `dev` need.
#[derive(Debug)]
pub(crate) struct Serve {
    /// Where to listen; none if nobody said.
    pub(crate) listen: Option<SocketAddr>,
    /// Effects under way at once; none if nobody said.
    pub(crate) workers: Option<usize>,
    /// Start although destinations have no address.
    pub(crate) allow_missing_destinations: bool,
}

/// What goes to stderr.
#[derive(Debug)]
pub(crate) struct Log {
    /// In which form.
    pub(crate) format: LogFormat,
    /// A filter such as `statehold=debug`.
    pub(crate) filter: Option<String>,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON document a line.
    Json,
}

/// Names and values of `[env]`. Shows names only.
#[derive(Default)]
pub(crate) struct Env(pub(crate) BTreeMap<String, String>);

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreUrl {
    /// A SQLite file.
    SqliteFile(PathBuf),
    /// SQLite in the memory of this process.
    SqliteMemory,
    /// A PostgreSQL database.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(dead_code, reason = "an address of one is refused by such a build")
    )]
    Postgres(PostgresUrl),
}

/// The address of a PostgreSQL database, which may hold a password: it shows none.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PostgresUrl {
    text: String,
    shown: String,
}

impl PostgresUrl {
    /// The address as it was given, with its password.
    #[cfg(feature = "postgres")]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(feature = "postgres")]
fn postgres(text: &str) -> Result<StoreUrl, String> {
    match statehold_store::PostgresConfig::url(text) {
        Ok(config) => Ok(StoreUrl::Postgres(PostgresUrl {
            text: text.to_owned(),
            shown: config.to_string(),
        })),
        Err(statehold_store::StoreError::Unusable { reason, .. }) => Err(reason),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(not(feature = "postgres"))]
fn postgres(_: &str) -> Result<StoreUrl, String> {
    Err("this build of Statehold has no PostgreSQL; use sqlite:PATH".to_owned())
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SqliteFile(path) => write!(f, "sqlite:{}", path.display()),
            Self::SqliteMemory => f.write_str("sqlite::memory:"),
            Self::Postgres(url) => f.write_str(&url.shown),
        }
    }
}

impl FromStr for StoreUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const EXPECTED: &str =
            "expected sqlite:PATH, sqlite::memory: or postgres://USER@HOST/DATABASE";
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            // The address may hold a password, so problems do not repeat it.
            return postgres(text);
        }
        match text.strip_prefix("sqlite:") {
            Some(":memory:") => Ok(Self::SqliteMemory),
            Some("") => Err(format!("{EXPECTED}, got `{text}` without a path")),
            Some(path) => Ok(Self::SqliteFile(PathBuf::from(
                path.strip_prefix("//").unwrap_or(path),
            ))),
            None if text.contains("://") => Err(format!("{EXPECTED}, got another kind of address")),
            None => Err(format!(
                "{EXPECTED}, got `{text}`; did you mean `sqlite:{text}`?"
            )),
        }
    }
}

impl Settings {
    /// Merges file, environment and flags. `extra` brings the flags of one command into the layers; `folder` is where
    /// a configuration file is looked for when none is named.
    pub(crate) fn resolve(
        global: &Global,
        folder: &Path,
        extra: impl FnOnce(&mut Layers),
    ) -> Result<Self, Failure> {
        let mut layers = Layers::default();
        let variables = env::variables(&mut layers);
        if let Some(path) = file::path(global.config.as_deref(), &variables, folder) {
            file::read(&path, &mut layers)?;
        }
        env::read(&variables, &mut layers);
        layers.flag("store", "--store", global.store.as_deref());
        layers.flag("server", "--server", global.server.as_deref());
        layers.flag("tenant", "--tenant", global.tenant.as_deref());
        layers.flag("actor", "--actor", global.actor.as_deref());
        extra(&mut layers);
        Self::from_layers(layers)
    }

    fn from_layers(mut layers: Layers) -> Result<Self, Failure> {
        let settings = Self {
            target: target(&mut layers),
            tenant: layers.text("tenant"),
            actor: layers.parse("actor", input::actor),
            serve: Serve {
                listen: layers.parse("serve.listen", address),
                workers: layers.parse("serve.workers", workers),
                allow_missing_destinations: layers
                    .parse("serve.allow_missing_destinations", boolean)
                    .unwrap_or(false),
            },
            log: Log {
                format: layers
                    .parse("log_format", log_format)
                    .unwrap_or(LogFormat::Text),
                filter: layers.text("log"),
            },
            env: Env(layers.take_env()),
        };
        match layers.into_problems() {
            problems if problems.is_empty() => Ok(settings),
            problems => Err(Failure::config(problems)),
        }
    }

    /// The store to work on, for commands that cannot work on a server.
    pub(crate) fn store(&self) -> StoreUrl {
        match &self.target {
            TargetSpec::Store(store) => store.clone(),
            TargetSpec::Server(_) => default_store(),
        }
    }
}

fn default_store() -> StoreUrl {
    StoreUrl::SqliteFile(PathBuf::from(STORE_DEFAULT.trim_start_matches("sqlite:")))
}

/// Whoever speaks last decides between store and server; one voice naming both is a problem.
fn target(layers: &mut Layers) -> TargetSpec {
    let (store, server) = (layers.rank("store"), layers.rank("server"));
    if store.is_some() && store == server {
        layers.problem("both a store and a server are named; commands work on one of them");
    }
    let parsed_store = layers.parse("store", str::parse::<StoreUrl>);
    let parsed_server = layers.parse("server", server_url);
    match (parsed_store, parsed_server) {
        (_, Some(url)) if server > store => TargetSpec::Server(url),
        (Some(store), _) => TargetSpec::Store(store),
        (None, Some(url)) => TargetSpec::Server(url),
        (None, None) => TargetSpec::Store(default_store()),
    }
}

fn server_url(text: &str) -> Result<Url, String> {
    let expected = || format!("expected an address such as http://127.0.0.1:7700, got `{text}`");
    let url = Url::parse(text).map_err(|_| expected())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none();
    if plain { Ok(url) } else { Err(expected()) }
}

/// An address to listen on; `localhost:7700` and `:7700` mean loopback.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    let numeric = match text.rsplit_once(':') {
        Some(("" | "localhost", port)) => format!("127.0.0.1:{port}"),
        _ => text.to_owned(),
    };
    numeric
        .parse()
        .map_err(|_| format!("expected an address such as 127.0.0.1:7700, got `{text}`"))
}

fn workers(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|n| *n <= WORKERS_MAX);
    number.ok_or_else(|| format!("expected a number from 0 to {WORKERS_MAX}, got `{text}`"))
}

fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(format!("expected true or false, got `{text}`")),
    }
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("expected text or json, got `{text}`")),
    }
}

#[cfg(test)]
mod tests;
