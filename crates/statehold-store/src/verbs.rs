//! The [`Store`] trait: one method per verb, each a whole transaction.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::StoreError;
use crate::rows::*;

/// A place where entities live. Every store gives the same answers; the shared suite holds them to it.
///
/// All methods may be called from any number of tasks at once. A future that is dropped half-way leaves the
/// transaction either done or not begun, never open.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Stores a machine version if it is new.
    async fn publish(&self, row: MachineVersionRow) -> Result<PublishOutcome, StoreError>;

    /// All versions of all machines of a tenant (of every tenant, for none), by tenant, machine and version.
    async fn machine_versions(
        &self,
        tenant: Option<&str>,
    ) -> Result<Vec<MachineVersionRow>, StoreError>;

    /// The entity's row, and the log row of `event_id` if one is asked for and there.
    async fn load(
        &self,
        key: &EntityKey,
        event_id: Option<&str>,
    ) -> Result<Option<(EntityRow, Option<LogRow>)>, StoreError>;

    /// Makes a macrostep durable, all of it or nothing. Checks in this order: duplicate event id, revision, consumed work.
    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError>;

    /// Records a refused or failed fire.
    async fn refuse(&self, row: RefusalRow) -> Result<(), StoreError>;

    /// Entities of a machine by id.
    async fn entities(
        &self,
        tenant: &str,
        machine: &str,
        filter: &EntityFilter,
        page: &Page,
    ) -> Result<Vec<EntityRow>, StoreError>;

    /// Log rows of an entity with `seq >= from_seq`, ascending.
    async fn log(
        &self,
        key: &EntityKey,
        from_seq: u64,
        limit: u32,
    ) -> Result<Vec<LogRow>, StoreError>;

    /// Refused fires of an entity, oldest first.
    async fn refusals(&self, key: &EntityKey, limit: u32) -> Result<Vec<RefusalRow>, StoreError>;

    /// Timers of an entity by due time, then creation number.
    async fn timers(&self, key: &EntityKey) -> Result<Vec<TimerRow>, StoreError>;

    /// Timers that are due, of all tenants, by due time, then creation number.
    async fn due_timers(&self, now: Timestamp, limit: u32) -> Result<Vec<TimerRow>, StoreError>;

    /// Removes a timer whose firing is refused for ever (stale entry, no transition). True if it was there.
    async fn drop_timer(&self, number: i64) -> Result<bool, StoreError>;

    /// Sets another due time for a timer whose firing failed. True if it was there.
    async fn postpone_timer(&self, number: i64, due: Timestamp) -> Result<bool, StoreError>;

    /// The earliest instant at which a timer or a ready effect is due or a lease ends, of all tenants.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Takes up to `limit` effects that are ready and due, or claimed under a lease that has run out: raises epoch and
    /// claims, sets the lease, and is durable before it returns.
    async fn claim_effects(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<EffectRow>, StoreError>;

    /// Prolongs a lease. False if the epoch is not the current one any more.
    async fn heartbeat(
        &self,
        effect: &str,
        epoch: u64,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Gives a claimed effect back untried: ready, with the claim uncounted. False if the epoch is stale.
    async fn release(&self, effect: &str, epoch: u64) -> Result<bool, StoreError>;

    /// Records an attempt and ends or postpones the effect, without a state change. False if the epoch is stale.
    async fn settle(&self, settle: Settle) -> Result<bool, StoreError>;

    /// Effects of a tenant by id (ids ascend with time).
    async fn effects(
        &self,
        tenant: &str,
        filter: &EffectFilter,
        page: &Page,
    ) -> Result<Vec<EffectRow>, StoreError>;

    /// One effect of a tenant.
    async fn effect(&self, tenant: &str, id: &str) -> Result<Option<EffectRow>, StoreError>;

    /// Attempts at one effect of a tenant, oldest first.
    async fn effect_attempts(
        &self,
        tenant: &str,
        id: &str,
    ) -> Result<Vec<EffectAttemptRow>, StoreError>;

    /// Makes a dead effect ready at `act.at` again: attempts and claims from zero, generation raised, same key. Audited.
    async fn retry_dead(
        &self,
        tenant: &str,
        id: &str,
        act: OperatorAct,
    ) -> Result<OperateOutcome, StoreError>;

    /// Closes a dead effect for good. Audited.
    async fn discard_dead(
        &self,
        tenant: &str,
        id: &str,
        act: OperatorAct,
    ) -> Result<OperateOutcome, StoreError>;

    /// What operators did to one effect of a tenant, oldest first.
    async fn operator_acts(
        &self,
        tenant: &str,
        effect: &str,
    ) -> Result<Vec<OperatorRow>, StoreError>;

    /// Finishes what is queued and closes. Later calls are [`StoreError::Unavailable`].
    async fn close(&self) -> Result<(), StoreError>;
}
