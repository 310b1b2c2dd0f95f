//! [`SqliteStore`]: one SQLite file, one thread that writes and a few connections that read.
//!
//! `open` checks and migrates, `writer` commits in groups, `readers` reads beside it, `verbs` holds what each verb
//! does inside a transaction, `columns` turns results into rows. This module only wires them together.

mod columns;
mod config;
mod failure;
mod mounts;
mod open;
mod readers;
mod sql;
mod verbs;
mod writer;

#[cfg(test)]
mod schema_tests;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Connection;

pub use self::config::{SqliteConfig, SqliteLocation};
pub use self::writer::SqliteStats;

use self::readers::Readers;
use self::verbs::{commit, effects, entities, machines, timers};
use self::writer::Writer;
use crate::rows::*;
use crate::{Store, StoreError, Unfit, request};

/// A store in one SQLite file (or in memory), durable once a call has returned.
///
/// Dropping it without [`Store::close`] loses nothing: what was queued is still committed.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    /// None for a database in memory, which only the writer's connection sees.
    readers: Option<Readers>,
}

impl SqliteStore {
    /// Opens the database, making and migrating it as needed. Blocks for as long as that takes: milliseconds, or
    /// about a second for a file of some hundred megabytes, which is checked for damage.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] if the file, its folder or a bound in `config` is not fit for use;
    /// [`StoreError::Unavailable`] if another process holds the file or the disk is full.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a configuration is used up by what it configures"
    )]
    pub fn open(config: SqliteConfig) -> Result<Self, StoreError> {
        if config.queue_max == 0 || config.batch_max == 0 {
            return Err(StoreError::Unusable {
                location: config.location.to_string(),
                why: Unfit::Place,
                reason: "queue_max and batch_max must be at least 1".to_owned(),
                help: "leave them out to get the defaults",
            });
        }
        let opened = open::open(&config)?;
        let writer = Writer::start(opened.writer, config.queue_max, config.batch_max)
            .map_err(|cause| StoreError::unavailable("open", cause))?;
        Ok(Self {
            writer,
            readers: opened.readers.map(Readers::new),
        })
    }

    /// How many transactions and requests the writer has committed.
    pub fn stats(&self) -> SqliteStats {
        self.writer.stats()
    }

    async fn write<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnMut(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.run(operation, work).await
    }

    async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnMut(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.readers {
            Some(readers) => readers.run(operation, work).await,
            None => self.writer.run(operation, work).await,
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn publish(&self, row: MachineVersionRow) -> Result<PublishOutcome, StoreError> {
        let row = request::publish(row)?;
        self.write("publish", move |db| machines::publish(db, &row))
            .await
    }

    async fn machine_versions(
        &self,
        tenant: Option<&str>,
    ) -> Result<Vec<MachineVersionRow>, StoreError> {
        let tenant = tenant.map(str::to_owned);
        self.read("machine_versions", move |db| {
            machines::machine_versions(db, tenant.as_deref())
        })
        .await
    }

    async fn load(
        &self,
        key: &EntityKey,
        event_id: Option<&str>,
    ) -> Result<Option<(EntityRow, Option<LogRow>)>, StoreError> {
        let (key, event_id) = (key.clone(), event_id.map(str::to_owned));
        self.read("load", move |db| {
            entities::load(db, &key, event_id.as_deref())
        })
        .await
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let commit = request::commit(commit)?;
        self.write("commit", move |db| commit::commit(db, &commit))
            .await
    }

    async fn refuse(&self, row: RefusalRow) -> Result<(), StoreError> {
        let row = request::refusal(row)?;
        self.write("refuse", move |db| entities::refuse(db, &row))
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
        self.read("entities", move |db| {
            entities::entities(db, &tenant, &machine, &filter, &page)
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
        self.read("log", move |db| entities::log(db, &key, from_seq, limit))
            .await
    }

    async fn refusals(&self, key: &EntityKey, limit: u32) -> Result<Vec<RefusalRow>, StoreError> {
        let key = key.clone();
        self.read("refusals", move |db| entities::refusals(db, &key, limit))
            .await
    }

    async fn timers(&self, key: &EntityKey) -> Result<Vec<TimerRow>, StoreError> {
        let key = key.clone();
        self.read("timers", move |db| timers::timers(db, &key))
            .await
    }

    async fn due_timers(&self, now: Timestamp, limit: u32) -> Result<Vec<TimerRow>, StoreError> {
        self.read("due_timers", move |db| timers::due_timers(db, now, limit))
            .await
    }

    async fn drop_timer(&self, number: i64) -> Result<bool, StoreError> {
        self.write("drop_timer", move |db| timers::drop_timer(db, number))
            .await
    }

    async fn postpone_timer(&self, number: i64, due: Timestamp) -> Result<bool, StoreError> {
        self.write("postpone_timer", move |db| {
            timers::postpone_timer(db, number, due)
        })
        .await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read("next_due", timers::next_due).await
    }

    async fn claim_effects(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<EffectRow>, StoreError> {
        let claim = request::claim(now, lease)?;
        self.write("claim_effects", move |db| {
            effects::claim_effects(db, &claim, limit)
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
        self.write("heartbeat", move |db| {
            effects::heartbeat(db, &effect, epoch, lease_until)
        })
        .await
    }

    async fn release(&self, effect: &str, epoch: u64) -> Result<bool, StoreError> {
        let effect = effect.to_owned();
        self.write("release", move |db| effects::release(db, &effect, epoch))
            .await
    }

    async fn settle(&self, settle: Settle) -> Result<bool, StoreError> {
        let settle = request::settle(settle)?;
        self.write("settle", move |db| effects::settle(db, &settle))
            .await
    }

    async fn effects(
        &self,
        tenant: &str,
        filter: &EffectFilter,
        page: &Page,
    ) -> Result<Vec<EffectRow>, StoreError> {
        let (tenant, filter, page) = (tenant.to_owned(), filter.clone(), page.clone());
        self.read("effects", move |db| {
            effects::effects(db, &tenant, &filter, &page)
        })
        .await
    }

    async fn effect(&self, tenant: &str, id: &str) -> Result<Option<EffectRow>, StoreError> {
        let (tenant, id) = (tenant.to_owned(), id.to_owned());
        self.read("effect", move |db| effects::effect(db, &tenant, &id))
            .await
    }

    async fn effect_attempts(
        &self,
        tenant: &str,
        id: &str,
    ) -> Result<Vec<EffectAttemptRow>, StoreError> {
        let (tenant, id) = (tenant.to_owned(), id.to_owned());
        self.read("effect_attempts", move |db| {
            effects::effect_attempts(db, &tenant, &id)
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
        self.write("retry_dead", move |db| {
            effects::retry_dead(db, &tenant, &id, &act)
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
        self.write("discard_dead", move |db| {
            effects::discard_dead(db, &tenant, &id, &act)
        })
        .await
    }

    async fn operator_acts(
        &self,
        tenant: &str,
        effect: &str,
    ) -> Result<Vec<OperatorRow>, StoreError> {
        let (tenant, effect) = (tenant.to_owned(), effect.to_owned());
        self.read("operator_acts", move |db| {
            effects::operator_acts(db, &tenant, &effect)
        })
        .await
    }

    async fn close(&self) -> Result<(), StoreError> {
        if let Some(readers) = &self.readers {
            readers.close().await;
        }
        self.writer.close().await;
        Ok(())
    }
}
