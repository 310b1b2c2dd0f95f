//! A world to test in: an engine over a store, a manual clock, a scripted outside, and workers that run until dropped.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use statehold_core::{Actor, Machine};
use statehold_engine::testing::{ManualClock, ScriptedTransport};
use statehold_engine::{
    Destinations, EffectView, Engine, EngineConfig, EngineError, FireEvent, Fired, NewEntity,
    Shutdown, ShutdownHandle,
};
use statehold_store::{
    MemoryStore, PostgresConfig, PostgresStore, SqliteConfig, SqliteStore, Store,
};
use statehold_testpg::Database;

/// Longest a test waits for something that must happen. Generous: it only bounds a failing run.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const CARD_TOKEN: &str = "tok_canary_4242";

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) outside: Arc<ScriptedTransport>,
    pub(crate) store: Arc<dyn Store>,
    workers: Option<(ShutdownHandle, tokio::task::JoinHandle<()>)>,
}

/// Runs one rule on every store. What a store needs is held here: a rule takes of its world what it uses, and drops the
/// rest at once.
pub(crate) async fn on_every_store<F: Future<Output = ()>>(rule: impl Fn(World) -> F) {
    rule(World::new(Arc::new(MemoryStore::default())).await).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = sqlite(&folder);
    rule(World::new(Arc::new(store)).await).await;
    if let Some((store, _database)) = postgres().await {
        rule(World::new(Arc::new(store)).await).await;
    }
}

/// A store in a database of its own. None where there is no PostgreSQL.
async fn postgres() -> Option<(PostgresStore, Database)> {
    let server = statehold_testpg::shared()?;
    let open = async |url: String| {
        let mut config = PostgresConfig::url(&url)?;
        // Times are the tests' own, and the shared server is not durable.
        config.database_clock = false;
        config.allow_unsafe_server = true;
        PostgresStore::open(config).await
    };
    let migrate = |url| async move { Ok(open(url).await?.close().await?) };
    let database = statehold_testpg::with_template(server, migrate).await;
    let database = database.expect("a database");
    let store = open(database.url().to_owned()).await.expect("a store");
    Some((store, database))
}

pub(crate) fn sqlite(folder: &tempfile::TempDir) -> SqliteStore {
    SqliteStore::open(SqliteConfig::path(folder.path().join("test.db"))).expect("a fresh store")
}

pub(crate) fn order_chart() -> Machine {
    let text = include_str!("../../../../examples/order/order.chart.yaml");
    Machine::load("order.chart.yaml", text)
        .expect("the example is valid")
        .machine
}

pub(crate) fn destinations() -> Destinations {
    Destinations::new([
        ("PAYMENTS".to_owned(), "http://payments.test".to_owned()),
        ("MAILER".to_owned(), "http://mailer.test".to_owned()),
    ])
}

impl World {
    pub(crate) async fn new(store: Arc<dyn Store>) -> Self {
        let start: Timestamp = "2026-03-01T12:00:00Z".parse().expect("an instant");
        let clock = Arc::new(ManualClock::at(start));
        let outside = Arc::new(ScriptedTransport::new([]));
        let engine = Engine::builder(Arc::clone(&store))
            .clock(Arc::clone(&clock) as _)
            .transport(Arc::clone(&outside) as _)
            .destinations(destinations())
            .config(EngineConfig {
                effects_max: 8,
                ..EngineConfig::default()
            })
            .open()
            .await
            .expect("an engine");
        engine
            .publish(order_chart(), "tests")
            .await
            .expect("published");
        Self {
            engine,
            clock,
            outside,
            store,
            workers: None,
        }
    }

    pub(crate) fn start_workers(&mut self) {
        let (handle, shutdown) = Shutdown::channel();
        let engine = self.engine.clone();
        let task = tokio::spawn(async move { engine.run_workers(shutdown).await });
        self.workers = Some((handle, task));
    }

    pub(crate) async fn stop_workers(&mut self) {
        if let Some((handle, task)) = self.workers.take() {
            handle.give();
            task.await.expect("workers end without a panic");
        }
    }

    pub(crate) async fn create(&self, id: &str) -> Fired {
        let input = json!({ "customer_id": "c-1", "total": 1200, "email": "ada@example.org" });
        let new = NewEntity::input(input).id(id).actor(customer());
        self.engine.create("order", new).await.expect("created")
    }

    pub(crate) async fn pay(&self, id: &str) -> Result<Fired, EngineError> {
        self.engine.fire("order", id, pay()).await
    }

    pub(crate) async fn state(&self, id: &str) -> String {
        self.engine.get("order", id).await.expect("an order").state
    }

    pub(crate) async fn effect(&self, id: &str, name: &str) -> EffectView {
        self.find_effect(id, name)
            .await
            .expect("an effect of this name")
    }

    /// The newest effect of this name.
    async fn find_effect(&self, id: &str, name: &str) -> Option<EffectView> {
        let effects = self
            .engine
            .entity_effects("order", id)
            .await
            .expect("effects");
        effects.into_iter().rfind(|effect| effect.name == name)
    }

    /// Waits until the entity is in this state.
    pub(crate) async fn until_state(&self, id: &str, state: &str) {
        self.until(|| async { self.state(id).await == state }).await;
    }

    /// Waits until the newest effect of this name has this status.
    pub(crate) async fn until_effect(&self, id: &str, name: &str, status: &str) {
        self.until(|| async {
            self.find_effect(id, name)
                .await
                .is_some_and(|effect| effect.status == status)
        })
        .await;
    }

    /// Waits until this many attempts at the newest effect of this name are recorded, then moves the clock to the next.
    pub(crate) async fn until_attempts(&self, id: &str, name: &str, attempts: u32) {
        self.until(|| async {
            let effect = self.effect(id, name).await;
            effect.attempts == attempts && effect.status == "ready"
        })
        .await;
        let due = self.effect(id, name).await.due;
        let wait = Duration::try_from(due.duration_since(self.engine.now())).unwrap_or_default();
        self.clock.advance(wait);
    }

    /// Looks again after every write of this node, until it is so.
    pub(crate) async fn until<F: Future<Output = bool>>(&self, is_so: impl Fn() -> F) {
        let mut changes = self.engine.changes();
        let waiting = async {
            while !is_so().await {
                changes.changed().await.expect("the engine lives");
            }
        };
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .expect("it happens in time");
    }
}

pub(crate) fn customer() -> Actor {
    actor("c-1", &[])
}

pub(crate) fn warehouse() -> Actor {
    actor("w-1", &["warehouse"])
}

pub(crate) fn actor(id: &str, roles: &[&str]) -> Actor {
    Actor {
        id: id.to_owned(),
        kind: "user".to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
    }
}

pub(crate) fn pay() -> FireEvent {
    FireEvent::new("pay")
        .input(json!({ "payment_token": CARD_TOKEN }))
        .actor(customer())
}

pub(crate) fn ship() -> FireEvent {
    FireEvent::new("ship")
        .input(json!({ "tracking": "T-9" }))
        .actor(warehouse())
}

/// The outcome's name, whichever way the call ended.
pub(crate) fn outcome(result: &Result<Fired, EngineError>) -> &'static str {
    match result {
        Ok(fired) => fired.outcome.name(),
        Err(error) => error
            .outcome()
            .map_or("none", statehold_core::Outcome::name),
    }
}

pub(crate) fn to_value(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("it is JSON")
}
