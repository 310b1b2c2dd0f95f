//! A store that can be made unable to list timers: an engine over it dies, as it were, right after a commit that calls
//! for more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use statehold_store::*;

/// Passes everything on, but for the timers of an entity while it is deaf.
pub(crate) struct DeafStore {
    inner: Arc<dyn Store>,
    is_deaf: AtomicBool,
}

impl DeafStore {
    pub(crate) fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            is_deaf: AtomicBool::new(false),
        }
    }

    pub(crate) fn set_deaf(&self, is_deaf: bool) {
        self.is_deaf.store(is_deaf, Ordering::SeqCst);
    }
}

macro_rules! pass_on {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)*) => {
        #[async_trait]
        impl Store for DeafStore {
            async fn timers(&self, key: &EntityKey) -> Result<Vec<TimerRow>, StoreError> {
                if self.is_deaf.load(Ordering::SeqCst) {
                    // What a closed store says is as good as any failure.
                    let closed = MemoryStore::default();
                    closed.close().await?;
                    return closed.timers(key).await;
                }
                self.inner.timers(key).await
            }
            $(
                async fn $name(&self, $($arg: $ty),*) -> Result<$out, StoreError> {
                    self.inner.$name($($arg),*).await
                }
            )*
        }
    };
}

pass_on! {
    publish(row: MachineVersionRow) -> PublishOutcome;
    machine_versions(tenant: Option<&str>) -> Vec<MachineVersionRow>;
    load(key: &EntityKey, event_id: Option<&str>) -> Option<(EntityRow, Option<LogRow>)>;
    commit(commit: Commit) -> CommitOutcome;
    refuse(row: RefusalRow) -> ();
    entities(tenant: &str, machine: &str, filter: &EntityFilter, page: &Page) -> Vec<EntityRow>;
    log(key: &EntityKey, from_seq: u64, limit: u32) -> Vec<LogRow>;
    refusals(key: &EntityKey, limit: u32) -> Vec<RefusalRow>;
    due_timers(now: Timestamp, limit: u32) -> Vec<TimerRow>;
    drop_timer(number: i64) -> bool;
    postpone_timer(number: i64, due: Timestamp) -> bool;
    next_due() -> Option<Timestamp>;
    claim_effects(now: Timestamp, lease: Duration, limit: u32) -> Vec<EffectRow>;
    heartbeat(effect: &str, epoch: u64, lease_until: Timestamp) -> bool;
    release(effect: &str, epoch: u64) -> bool;
    settle(settle: Settle) -> bool;
    effects(tenant: &str, filter: &EffectFilter, page: &Page) -> Vec<EffectRow>;
    effect(tenant: &str, id: &str) -> Option<EffectRow>;
    effect_attempts(tenant: &str, id: &str) -> Vec<EffectAttemptRow>;
    retry_dead(tenant: &str, id: &str, act: OperatorAct) -> OperateOutcome;
    discard_dead(tenant: &str, id: &str, act: OperatorAct) -> OperateOutcome;
    operator_acts(tenant: &str, effect: &str) -> Vec<OperatorRow>;
    close() -> ();
}
