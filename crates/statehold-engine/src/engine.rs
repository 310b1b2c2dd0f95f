//! [`Engine`]: the handle that callers hold, and how it is opened.

use std::sync::Arc;

use serde_json::Value;
use statehold_core::{Machine, codes};
use statehold_store::{MachineVersionRow, PublishOutcome, Store};
use tokio::sync::{Notify, watch};

use crate::clock::{Clock, SystemClock};
use crate::config::{Destinations, EngineConfig};
use crate::door::MAIN_TENANT;
use crate::error::EngineError;
use crate::registry::{Publication, Registry};
use crate::transport::{HttpTransport, Transport};

/// The engine on one node. Cheap to clone; all clones share one registry and one set of workers.
#[derive(Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
    pub(crate) tenant: Arc<str>,
}

pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) registry: Registry,
    pub(crate) config: EngineConfig,
    pub(crate) destinations: Destinations,
    /// Tells the workers that something may be due.
    pub(crate) wake: Notify,
    /// Grows with every write of this node.
    pub(crate) changes: watch::Sender<u64>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

/// Collects what an engine is made of.
pub struct EngineBuilder {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    transport: Option<Arc<dyn Transport>>,
    config: EngineConfig,
    destinations: Destinations,
}

impl EngineBuilder {
    /// Replaces the clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Replaces the way to the outside world.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Sets bounds and times.
    #[must_use]
    pub fn config(mut self, config: EngineConfig) -> Self {
        self.config = config;
        self
    }

    /// Sets where destinations are.
    #[must_use]
    pub fn destinations(mut self, destinations: Destinations) -> Self {
        self.destinations = destinations;
        self
    }

    /// Opens the engine: loads every machine version that the store holds.
    ///
    /// # Errors
    /// The store cannot be read, or holds a chart that this release cannot load.
    pub async fn open(self) -> Result<Engine, EngineError> {
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::new()?),
        };
        let engine = Engine {
            shared: Arc::new(Shared {
                store: self.store,
                clock: self.clock,
                transport,
                registry: Registry::default(),
                config: self.config,
                destinations: self.destinations,
                wake: Notify::new(),
                changes: watch::Sender::new(0),
            }),
            tenant: MAIN_TENANT.into(),
        };
        engine.load_machines().await?;
        Ok(engine)
    }
}

impl Engine {
    /// Begins an engine over this store.
    #[must_use]
    pub fn builder(store: Arc<dyn Store>) -> EngineBuilder {
        EngineBuilder {
            store,
            clock: Arc::new(SystemClock),
            transport: None,
            config: EngineConfig::default(),
            destinations: Destinations::default(),
        }
    }

    /// Begins an engine over a PostgreSQL database, on the database's clock, so that all nodes agree on the time.
    ///
    /// # Errors
    /// The server cannot be reached, or the database is not fit for use.
    #[cfg(feature = "postgres")]
    pub async fn postgres(
        config: statehold_store::PostgresConfig,
    ) -> Result<EngineBuilder, EngineError> {
        let store = statehold_store::PostgresStore::open(config).await;
        let store = store.map_err(EngineError::store("open the database"))?;
        let clock = Arc::new(store.time());
        Ok(Self::builder(Arc::new(store)).clock(clock))
    }

    /// The same engine, acting for another tenant.
    #[must_use]
    pub fn for_tenant(&self, tenant: &str) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            tenant: tenant.into(),
        }
    }

    /// Whether this release does everything the chart asks for. A chart may say more: it can be checked and tried then,
    /// but no entity may depend on it, so [`Engine::publish`] refuses it.
    ///
    /// # Errors
    /// Names what nobody would do.
    pub fn check_doable(machine: &Machine) -> Result<(), EngineError> {
        let mut effects = machine.effects.values();
        let found = effects.find_map(|effect| Some((effect, effect.handler()?)));
        let Some((effect, handler)) = found else {
            return Ok(());
        };
        Err(EngineError::invalid(
            codes::NOT_SUPPORTED_YET,
            format!(
                "machine `{}` wants handler `{}` to do effect `{}`; handlers are not supported yet, so nobody would do it",
                machine.name, handler.name, effect.name
            ),
        ))
    }

    /// Publishes a machine version. Publishing the same version with the same content again changes nothing.
    ///
    /// # Errors
    /// The version exists with another content; it asks for what this release does not do; the store failed.
    pub async fn publish(&self, machine: Machine, by: &str) -> Result<Publication, EngineError> {
        Self::check_doable(&machine)?;
        let row = MachineVersionRow {
            tenant: self.tenant.to_string(),
            machine: machine.name.clone(),
            version: machine.version,
            source: machine.source.clone(),
            hash: machine.hash.clone(),
            published_at: self.shared.clock.now(),
            published_by: by.to_owned(),
        };
        let (name, version) = (machine.name.clone(), machine.version);
        let doing = format!("publish machine `{name}` version {version}");
        let outcome = self.shared.store.publish(row).await;
        let new = match outcome.map_err(EngineError::store(doing))? {
            PublishOutcome::Published => true,
            PublishOutcome::Unchanged => false,
            PublishOutcome::Different(_) => {
                return Err(EngineError::invalid(
                    codes::VERSION_TAKEN,
                    format!(
                        "machine `{name}` version {version} is published with another content; \
                         published versions never change, so give the chart a higher `version:`"
                    ),
                ));
            }
        };
        self.shared.registry.insert(&self.tenant, machine);
        Ok(Publication {
            machine: name,
            version,
            new,
        })
    }

    /// The newest version of every machine, by name.
    #[must_use]
    pub fn machines(&self) -> Vec<Machine> {
        self.shared.registry.all(&self.tenant)
    }

    /// The newest version of a machine, or a certain one.
    ///
    /// # Errors
    /// There is none.
    pub fn machine(&self, name: &str, version: Option<u32>) -> Result<Machine, EngineError> {
        match version {
            None => self.shared.registry.newest(&self.tenant, name),
            Some(version) => self.shared.registry.version(&self.tenant, name, version),
        }
    }

    /// All versions of a machine, oldest first.
    ///
    /// # Errors
    /// There is no such machine.
    pub fn machine_versions(&self, name: &str) -> Result<Vec<Machine>, EngineError> {
        self.shared.registry.versions(&self.tenant, name)
    }

    /// Destinations that loaded charts name and the configuration does not give, each once, sorted.
    #[must_use]
    pub fn missing_destinations(&self) -> Vec<String> {
        let mut missing: Vec<String> = self
            .machines()
            .iter()
            .flat_map(|machine| machine.destinations.clone())
            .filter(|name| self.shared.destinations.get(name).is_none())
            .collect();
        missing.sort();
        missing.dedup();
        missing
    }

    /// A number that grows with every write of this node: something to wait on.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    /// Something was written: whoever waits looks again.
    pub(crate) fn note_change(&self) {
        self.shared.changes.send_modify(|count| *count += 1);
        self.shared.wake.notify_one();
    }

    /// What the clock says.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.shared.clock.now()
    }

    async fn load_machines(&self) -> Result<(), EngineError> {
        let rows = self.shared.store.machine_versions(None).await;
        for row in rows.map_err(EngineError::store("load the machines"))? {
            let name = format!("{} version {}", row.machine, row.version);
            let loaded = Machine::load(&file_name(&row), &row.source).map_err(|error| {
                EngineError::invalid(
                    codes::VERSION_MISSING,
                    format!("published machine {name} cannot be loaded by this release:\n{error}"),
                )
            })?;
            Self::check_doable(&loaded.machine)?;
            self.shared.registry.insert(&row.tenant, loaded.machine);
        }
        Ok(())
    }
}

/// A name with the right ending: JSON charts stay JSON.
fn file_name(row: &MachineVersionRow) -> String {
    let ending = match serde_json::from_str::<Value>(&row.source) {
        Ok(_) => "json",
        Err(_) => "yaml",
    };
    format!("{}.chart.{ending}", row.machine)
}
