//! [`MemoryStore`]: everything in maps behind one lock, gone when it is dropped.
//!
//! It is the reference that the other stores are compared with, so it is written to be read, not to be fast:
//! each verb takes the lock, and listing or claiming looks at every row. It must not have an answer of its own
//! to a question that the shared suite asks.

mod commit;
mod effects;
mod model;
mod reads;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use self::model::Model;
use crate::rows::*;
use crate::{Store, StoreError, request};

/// A store in memory, for tests and for trying things out. Nothing survives it.
#[derive(Debug, Default)]
pub struct MemoryStore {
    /// None once closed.
    model: Mutex<Slot>,
}

#[derive(Debug)]
enum Slot {
    Open(Box<Model>),
    Closed,
}

impl Default for Slot {
    fn default() -> Self {
        Self::Open(Box::default())
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn with<T>(
        &self,
        operation: &'static str,
        verb: impl FnOnce(&mut Model) -> T,
    ) -> Result<T, StoreError> {
        match &mut *self.lock() {
            Slot::Open(model) => Ok(verb(model)),
            Slot::Closed => Err(StoreError::closed(operation)),
        }
    }

    /// A verb that panicked half-way is a bug that its test has shown already; the rows stay readable.
    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn publish(&self, row: MachineVersionRow) -> Result<PublishOutcome, StoreError> {
        let row = request::publish(row)?;
        self.with("publish", |model| model.publish(row))
    }

    async fn machine_versions(
        &self,
        tenant: Option<&str>,
    ) -> Result<Vec<MachineVersionRow>, StoreError> {
        self.with("machine_versions", |model| model.machine_versions(tenant))
    }

    async fn load(
        &self,
        key: &EntityKey,
        event_id: Option<&str>,
    ) -> Result<Option<(EntityRow, Option<LogRow>)>, StoreError> {
        self.with("load", |model| model.load(key, event_id))
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let commit = request::commit(commit)?;
        self.with("commit", |model| model.commit(commit))?
    }

    async fn refuse(&self, row: RefusalRow) -> Result<(), StoreError> {
        let row = request::refusal(row)?;
        self.with("refuse", |model| model.refusals.push(row))
    }

    async fn entities(
        &self,
        tenant: &str,
        machine: &str,
        filter: &EntityFilter,
        page: &Page,
    ) -> Result<Vec<EntityRow>, StoreError> {
        self.with("entities", |model| {
            model.entities(tenant, machine, filter, page)
        })
    }

    async fn log(
        &self,
        key: &EntityKey,
        from_seq: u64,
        limit: u32,
    ) -> Result<Vec<LogRow>, StoreError> {
        self.with("log", |model| model.log(key, from_seq, limit))
    }

    async fn refusals(&self, key: &EntityKey, limit: u32) -> Result<Vec<RefusalRow>, StoreError> {
        self.with("refusals", |model| model.refusals(key, limit))
    }

    async fn timers(&self, key: &EntityKey) -> Result<Vec<TimerRow>, StoreError> {
        self.with("timers", |model| model.timers(key))
    }

    async fn due_timers(&self, now: Timestamp, limit: u32) -> Result<Vec<TimerRow>, StoreError> {
        let now = request::cut_instant(now);
        self.with("due_timers", |model| model.due_timers(now, limit))
    }

    async fn drop_timer(&self, number: i64) -> Result<bool, StoreError> {
        self.with("drop_timer", |model| model.timers.remove(&number).is_some())
    }

    async fn postpone_timer(&self, number: i64, due: Timestamp) -> Result<bool, StoreError> {
        let due = request::cut_instant(due);
        self.with("postpone_timer", |model| model.postpone_timer(number, due))
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.with("next_due", |model| model.next_due())
    }

    async fn claim_effects(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<EffectRow>, StoreError> {
        let claim = request::claim(now, lease)?;
        self.with("claim_effects", |model| model.claim_effects(&claim, limit))
    }

    async fn heartbeat(
        &self,
        effect: &str,
        epoch: u64,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let lease_until = request::cut_instant(lease_until);
        self.with("heartbeat", |model| {
            model.heartbeat(effect, epoch, lease_until)
        })
    }

    async fn release(&self, effect: &str, epoch: u64) -> Result<bool, StoreError> {
        self.with("release", |model| model.release(effect, epoch))
    }

    async fn settle(&self, settle: Settle) -> Result<bool, StoreError> {
        let settle = request::settle(settle)?;
        self.with("settle", |model| model.settle(settle))
    }

    async fn effects(
        &self,
        tenant: &str,
        filter: &EffectFilter,
        page: &Page,
    ) -> Result<Vec<EffectRow>, StoreError> {
        self.with("effects", |model| model.effects(tenant, filter, page))
    }

    async fn effect(&self, tenant: &str, id: &str) -> Result<Option<EffectRow>, StoreError> {
        self.with("effect", |model| model.effect(tenant, id).cloned())
    }

    async fn effect_attempts(
        &self,
        tenant: &str,
        id: &str,
    ) -> Result<Vec<EffectAttemptRow>, StoreError> {
        self.with("effect_attempts", |model| model.effect_attempts(tenant, id))
    }

    async fn retry_dead(
        &self,
        tenant: &str,
        id: &str,
        act: OperatorAct,
    ) -> Result<OperateOutcome, StoreError> {
        let act = request::act(act);
        self.with("retry_dead", |model| model.retry_dead(tenant, id, act))
    }

    async fn discard_dead(
        &self,
        tenant: &str,
        id: &str,
        act: OperatorAct,
    ) -> Result<OperateOutcome, StoreError> {
        let act = request::act(act);
        self.with("discard_dead", |model| model.discard_dead(tenant, id, act))
    }

    async fn operator_acts(
        &self,
        tenant: &str,
        effect: &str,
    ) -> Result<Vec<OperatorRow>, StoreError> {
        self.with("operator_acts", |model| model.operator_acts(tenant, effect))
    }

    async fn close(&self) -> Result<(), StoreError> {
        *self.lock() = Slot::Closed;
        Ok(())
    }
}
