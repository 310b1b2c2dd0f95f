//! Opening the store that an address names.

use std::sync::Arc;

use statehold_core::codes;
use statehold_engine::{Clock, Engine, EngineBuilder, code_of_unfit};
use statehold_store::{SqliteConfig, SqliteStore, Store, StoreError, Unfit};

use super::Need;
use crate::exit::{Exit, Failure};
use crate::settings::StoreUrl;

/// A store, and the clock that goes with it.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    /// The clock that all nodes on this store share; none if there is one node only.
    clock: Option<Arc<dyn Clock>>,
}

impl Opened {
    /// Begins an engine over this store, on its clock.
    pub(crate) fn engine(&self) -> EngineBuilder {
        let builder = Engine::builder(Arc::clone(&self.store));
        match &self.clock {
            Some(clock) => builder.clock(Arc::clone(clock)),
            None => builder,
        }
    }
}

/// Whose clock says when something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    /// The store's, if it has one that its nodes share.
    OfStore,
    /// The caller's, which may be moved.
    OfCaller,
}

/// Opens a store.
///
/// # Errors
/// It is not there and must not be made, or it cannot be used.
pub(crate) async fn open(url: &StoreUrl, need: Need, time: Time) -> Result<Opened, Failure> {
    let config = match url {
        StoreUrl::Postgres(address) => return postgres(url, address, need, time).await,
        StoreUrl::SqliteMemory => SqliteConfig::memory(),
        StoreUrl::SqliteFile(path) => {
            if need == Need::Existing && !path.exists() {
                return Err(missing(url));
            }
            SqliteConfig::path(path)
        }
    };
    // Opening blocks while the file is checked; nothing else runs on this thread yet.
    let opened = tokio::task::block_in_place(|| SqliteStore::open(config));
    match opened {
        Ok(store) => Ok(Opened {
            store: Arc::new(store),
            clock: None,
        }),
        Err(error) => Err(failure(url, &error)),
    }
}

#[cfg(feature = "postgres")]
async fn postgres(
    url: &StoreUrl,
    address: &crate::settings::PostgresUrl,
    need: Need,
    time: Time,
) -> Result<Opened, Failure> {
    use statehold_store::{PostgresConfig, PostgresStore};

    let open = async {
        let mut config = PostgresConfig::url(address.text())?;
        config.migrate = need == Need::Any;
        config.database_clock = time == Time::OfStore;
        PostgresStore::open(config).await
    };
    let store = open.await.map_err(|error| failure(url, &error))?;
    let clock = (time == Time::OfStore).then(|| Arc::new(store.time()) as Arc<dyn Clock>);
    Ok(Opened {
        store: Arc::new(store),
        clock,
    })
}

/// An address that no build without PostgreSQL accepts.
#[cfg(not(feature = "postgres"))]
async fn postgres(
    url: &StoreUrl,
    _: &crate::settings::PostgresUrl,
    _: Need,
    _: Time,
) -> Result<Opened, Failure> {
    Err(missing(url))
}

fn missing(url: &StoreUrl) -> Failure {
    Failure::new(
        Exit::Unavailable,
        codes::STORE_UNUSABLE,
        format!("there is no store at {url}"),
    )
    .help(
        "name another one with --store, or a server with --server; \
         `statehold publish CHART` and `statehold serve` make a new one",
    )
}

fn failure(url: &StoreUrl, error: &StoreError) -> Failure {
    match error {
        StoreError::Unusable {
            why: Unfit::Missing,
            ..
        } => missing(url),
        StoreError::Unusable {
            reason, help, why, ..
        } => Failure::new(
            Exit::Unavailable,
            code_of_unfit(*why),
            format!("cannot use the store {url}: {reason}"),
        )
        .help(*help),
        StoreError::Unavailable { .. } | StoreError::Unknown { .. } => {
            Failure::new(Exit::Unavailable, codes::UNAVAILABLE, chain(url, error))
        }
        _ => Failure::new(Exit::Unavailable, codes::STORE_FAILED, chain(url, error)),
    }
}

/// The error with its causes.
fn chain(url: &StoreUrl, error: &dyn std::error::Error) -> String {
    let mut text = format!("{url}: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}
