//! Through pgbouncer in transaction mode: fewer connections than users, and none for longer than a statement.

use std::sync::Arc;

use statehold_store::{PostgresStore, Store};
use statehold_testpg::{Bouncer, Database, shared, skipped};

use super::{config, database};

/// Far fewer than the connections of one store.
const SERVER_CONNECTIONS: u32 = 3;

/// A store that knows it talks to a pooler. None where there is no PostgreSQL or no pgbouncer.
pub(crate) async fn fresh() -> Option<(Arc<dyn Store>, (Database, Bouncer))> {
    let database = database().await?;
    let bouncer = Bouncer::start(shared()?, SERVER_CONNECTIONS).expect("pgbouncer starts");
    let Some(bouncer) = bouncer else {
        skipped("pgbouncer", "it is not on this machine");
        return None;
    };
    let url = format!("{}?pooler=true", bouncer.url(database.name()));
    let store = PostgresStore::open(config(&url)).await;
    Some((Arc::new(store.expect("open")), (database, bouncer)))
}
