//! Opening the store that an address names.

use std::sync::Arc;

use statehold_core::codes;
use statehold_store::{SqliteConfig, SqliteStore, Store, StoreError};

use super::Need;
use crate::exit::{Exit, Failure};
use crate::settings::StoreUrl;

/// Opens a store.
///
/// # Errors
/// It is not there and must not be made, or it cannot be used.
pub(crate) fn open(url: &StoreUrl, need: Need) -> Result<Arc<dyn Store>, Failure> {
    let config = match url {
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
        Ok(store) => Ok(Arc::new(store)),
        Err(error) => Err(failure(url, &error)),
    }
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
        StoreError::Unusable { reason, help, .. } => Failure::new(
            Exit::Unavailable,
            codes::STORE_UNUSABLE,
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
