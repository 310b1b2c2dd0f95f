//! [`PostgresStore`]: a PostgreSQL database that any number of processes share.
//!
//! `open` checks and migrates, `db` sends statements, `lanes` commits in groups, `verbs` holds what each verb sends,
//! `columns` turns results into rows. This module only wires them together.
//!
//! Every verb is one statement and so one transaction. Each runs in a task of its own: a caller that goes away leaves
//! no connection behind in the middle of something.

mod clock;
mod columns;
mod config;
mod connect;
mod db;
mod failure;
mod lanes;
mod open;
mod params;
mod sql;
mod tls;
mod verbs;

#[cfg(test)]
mod schema_tests;

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

pub use self::clock::DatabaseTime;
pub use self::config::PostgresConfig;
pub use self::lanes::PostgresStats;

use self::db::Db;
use self::failure::Failure;
use self::lanes::Lanes;
use self::verbs::{effects, entities, machines, timers};
use crate::rows::*;
use crate::{Store, StoreError, Unfit, request};

/// A store in a PostgreSQL database, schema `statehold`. Durable once a call has returned, as far as the server's
/// settings make it so, which are checked on opening.
///
/// Dropping it without [`Store::close`] loses nothing: what was queued is still committed, while the runtime lives.
#[derive(Debug)]
pub struct PostgresStore {
    db: Db,
    lanes: Lanes,
    time: DatabaseTime,
    database_clock: bool,
}

impl PostgresStore {
    /// Connects, checks the server, makes and migrates the schema as needed.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] if the server, the database, the role or a bound in `config` is not fit for use;
    /// [`StoreError::Unavailable`] if the server cannot be reached.
    pub async fn open(config: PostgresConfig) -> Result<Self, StoreError> {
        let opened = open::open(&config).await?;
        let db = Db::new(&config).map_err(|reason| StoreError::Unusable {
            location: config.to_string(),
            why: Unfit::Encryption,
            reason,
            help: "give a PEM file of certificates as sslrootcert",
        })?;
        let time = DatabaseTime::start(&db).await;
        let time = time.map_err(|failure| failure.told("open"))?;
        let lanes = Lanes::start(
            &db,
            config.lanes,
            config.queue_max,
            config.batch_max,
            opened.has_standby,
        );
        Ok(Self {
            db,
            lanes,
            time,
            database_clock: config.database_clock,
        })
    }

    /// How many transactions and commits the lanes have written.
    #[must_use]
    pub fn stats(&self) -> PostgresStats {
        self.lanes.stats()
    }

    /// The clock of the database, for whoever passes times to this store: then all nodes agree on them.
    #[must_use]
    pub fn time(&self) -> DatabaseTime {
        self.time.clone()
    }

    /// Runs a verb in a task of its own, to its end.
    async fn apart<T, F>(
        &self,
        operation: &'static str,
        verb: impl FnOnce(Db) -> F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let outcome = tokio::spawn(verb(self.db.clone())).await;
        match outcome {
            Ok(outcome) => outcome.map_err(|failure| failure.told(operation)),
            // The runtime is going down, or the verb has a bug.
            Err(lost) => Err(StoreError::Unknown {
                operation,
                source: lost.into(),
            }),
        }
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn publish(&self, row: MachineVersionRow) -> Result<PublishOutcome, StoreError> {
        let row = request::publish(row)?;
        self.apart(
            "publish",
            |db| async move { machines::publish(&db, &row).await },
        )
        .await
    }

    async fn machine_versions(
        &self,
        tenant: Option<&str>,
    ) -> Result<Vec<MachineVersionRow>, StoreError> {
        let tenant = tenant.map(str::to_owned);
        self.apart("machine_versions", |db| async move {
            machines::machine_versions(&db, tenant.as_deref()).await
        })
        .await
    }

    async fn load(
        &self,
        key: &EntityKey,
        event_id: Option<&str>,
    ) -> Result<Option<(EntityRow, Option<LogRow>)>, StoreError> {
        let (key, event_id) = (key.clone(), event_id.map(str::to_owned));
        self.apart("load", |db| async move {
            entities::load(&db, &key, event_id.as_deref()).await
        })
        .await
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let commit = request::commit(commit)?;
        self.lanes.commit(commit).await
    }

    async fn refuse(&self, row: RefusalRow) -> Result<(), StoreError> {
        let row = request::refusal(row)?;
        self.apart(
            "refuse",
            |db| async move { entities::refuse(&db, &row).await },
        )
        .await
    }

    async fn entities(
        &self,
        tenant: &str,
        machine: &str,
        filter: &EntityFilter,
        page: &Page,
    ) -> Result<Vec<EntityRow>, StoreError> {
        let (tenant, machine) = (tenant.to_owned(), machine.to_owned());
        let (filter, page) = (filter.clone(), page.clone());
        self.apart("entities", |db| async move {
            entities::entities(&db, &tenant, &machine, &filter, &page).await
        })
        .await
    }

    async fn log(
        &self,
        key: &EntityKey,
        from_seq: u64,
        limit: u32,
    ) -> Result<Vec<LogRow>, StoreError> {
        let key = key.clone();
        self.apart("log", |db| async move {
            entities::log(&db, &key, from_seq, limit).await
        })
        .await
    }

    async fn refusals(&self, key: &EntityKey, limit: u32) -> Result<Vec<RefusalRow>, StoreError> {
        let key = key.clone();
        self.apart("refusals", |db| async move {
            entities::refusals(&db, &key, limit).await
        })
        .await
    }

    async fn timers(&self, key: &EntityKey) -> Result<Vec<TimerRow>, StoreError> {
        let key = key.clone();
        self.apart(
            "timers",
            |db| async move { timers::timers(&db, &key).await },
        )
        .await
    }

    async fn due_timers(&self, now: Timestamp, limit: u32) -> Result<Vec<TimerRow>, StoreError> {
        let database_clock = self.database_clock;
        self.apart("due_timers", move |db| async move {
            timers::due_timers(&db, now, limit, database_clock).await
        })
        .await
    }

    async fn drop_timer(&self, number: i64) -> Result<bool, StoreError> {
        self.apart("drop_timer", move |db| async move {
            timers::drop_timer(&db, number).await
        })
        .await
    }

    async fn postpone_timer(&self, number: i64, due: Timestamp) -> Result<bool, StoreError> {
        let due = request::cut_instant(due);
        self.apart("postpone_timer", move |db| async move {
            timers::postpone_timer(&db, number, due).await
        })
        .await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.apart("next_due", |db| async move { timers::next_due(&db).await })
            .await
    }

    async fn claim_effects(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<EffectRow>, StoreError> {
        let claim = request::claim(now, lease)?;
        let database_clock = self.database_clock;
        self.apart("claim_effects", move |db| async move {
            effects::claim_effects(&db, &claim, limit, database_clock).await
        })
        .await
    }

    async fn heartbeat(
        &self,
        effect: &str,
        epoch: u64,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let effect = effect.to_owned();
        self.apart("heartbeat", move |db| async move {
            effects::heartbeat(&db, &effect, epoch, lease_until).await
        })
        .await
    }

    async fn release(&self, effect: &str, epoch: u64) -> Result<bool, StoreError> {
        let effect = effect.to_owned();
        self.apart("release", move |db| async move {
            effects::release(&db, &effect, epoch).await
        })
        .await
    }

    async fn settle(&self, settle: Settle) -> Result<bool, StoreError> {
        let settle = request::settle(settle)?;
        self.apart(
            "settle",
            |db| async move { effects::settle(&db, &settle).await },
        )
        .await
    }

    async fn effects(
        &self,
        tenant: &str,
        filter: &EffectFilter,
        page: &Page,
    ) -> Result<Vec<EffectRow>, StoreError> {
        let (tenant, filter, page) = (tenant.to_owned(), filter.clone(), page.clone());
        self.apart("effects", |db| async move {
            effects::effects(&db, &tenant, &filter, &page).await
        })
        .await
    }

    async fn effect(&self, tenant: &str, id: &str) -> Result<Option<EffectRow>, StoreError> {
        let (tenant, id) = (tenant.to_owned(), id.to_owned());
        self.apart("effect", |db| async move {
            effects::effect(&db, &tenant, &id).await
        })
        .await
    }

    async fn effect_attempts(
        &self,
        tenant: &str,
        id: &str,
    ) -> Result<Vec<EffectAttemptRow>, StoreError> {
        let (tenant, id) = (tenant.to_owned(), id.to_owned());
        self.apart("effect_attempts", |db| async move {
            effects::effect_attempts(&db, &tenant, &id).await
        })
        .await
    }

    async fn retry_dead(
        &self,
        tenant: &str,
        id: &str,
        act: OperatorAct,
    ) -> Result<OperateOutcome, StoreError> {
        let (tenant, id, act) = (tenant.to_owned(), id.to_owned(), request::act(act));
        self.apart("retry_dead", |db| async move {
            effects::retry_dead(&db, &tenant, &id, &act).await
        })
        .await
    }

    async fn discard_dead(
        &self,
        tenant: &str,
        id: &str,
        act: OperatorAct,
    ) -> Result<OperateOutcome, StoreError> {
        let (tenant, id, act) = (tenant.to_owned(), id.to_owned(), request::act(act));
        self.apart("discard_dead", |db| async move {
            effects::discard_dead(&db, &tenant, &id, &act).await
        })
        .await
    }

    async fn operator_acts(
        &self,
        tenant: &str,
        effect: &str,
    ) -> Result<Vec<OperatorRow>, StoreError> {
        let (tenant, effect) = (tenant.to_owned(), effect.to_owned());
        self.apart("operator_acts", |db| async move {
            effects::operator_acts(&db, &tenant, &effect).await
        })
        .await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.lanes.close().await;
        self.db.close();
        Ok(())
    }
}
