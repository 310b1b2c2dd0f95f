//! What only PostgreSQL does, and how the shared rules get a database of their own there.

pub(crate) mod bouncer;
mod constraints;
mod crashes;
mod faults;
mod grouping;
mod proxy;
mod racing;
mod schema;
mod server;
mod standby;

use std::sync::Arc;

use statehold_store::{PostgresConfig, PostgresStore, Store};
use statehold_testpg::{Database, Problem};

/// The configuration of a test: times are the tests' own and not the database's, and the shared server is not durable.
pub(crate) fn config(url: &str) -> PostgresConfig {
    let mut config = PostgresConfig::url(url).expect("an address");
    config.database_clock = false;
    config.allow_unsafe_server = true;
    config
}

/// A store over a database of its own, already migrated. None where there is no PostgreSQL.
pub(crate) async fn fresh() -> Option<(Arc<dyn Store>, Database)> {
    let database = database().await?;
    let store = PostgresStore::open(config(database.url())).await;
    Some((Arc::new(store.expect("open")), database))
}

/// A database of its own, already migrated.
pub(crate) async fn database() -> Option<Database> {
    let server = statehold_testpg::shared()?;
    let cloned = statehold_testpg::with_template(server, migrate).await;
    Some(cloned.expect("a database"))
}

async fn migrate(url: String) -> Result<(), Problem> {
    let store = PostgresStore::open(config(&url)).await?;
    Ok(store.close().await?)
}
