//! Integration tests of the stores: the shared rules over each, each against the reference, and what only
//! one of them does.

mod constraints;
mod crashes;
mod differential;
mod grouping;
mod opening;
#[cfg(feature = "postgres")]
mod postgres;
mod suite_lists;

use std::sync::Arc;

use statehold_store::{MemoryStore, SqliteConfig, SqliteStore, Store, store_suite};
use tempfile::TempDir;

async fn in_memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

/// Through files, read connections and syncs, as in production.
async fn in_sqlite() -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = SqliteConfig::path(folder.path().join("test.db"));
    let store = SqliteStore::open(config).expect("open");
    (Arc::new(store), folder)
}

/// Everything through the writer.
async fn in_sqlite_memory() -> Arc<dyn Store> {
    let store = SqliteStore::open(SqliteConfig::memory()).expect("open");
    Arc::new(store)
}

store_suite!(memory, in_memory);
store_suite!(sqlite, in_sqlite);
store_suite!(sqlite_in_memory, in_sqlite_memory);
#[cfg(feature = "postgres")]
store_suite!(postgres_suite, postgres::fresh);
#[cfg(feature = "postgres")]
store_suite!(postgres_through_pgbouncer, postgres::bouncer::fresh);
