//! The rows of the memory store, and the verbs that touch a single one of them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::rows::*;

/// All rows, each map in the order in which its rows are listed.
#[derive(Debug, Default)]
pub(super) struct Model {
    /// By tenant, machine, version.
    pub(super) machines: BTreeMap<(String, String, u32), MachineVersionRow>,
    pub(super) entities: BTreeMap<EntityKey, EntityRow>,
    /// The log of each entity; a row's index is its `seq`.
    pub(super) logs: BTreeMap<EntityKey, Vec<LogRow>>,
    /// Oldest first.
    pub(super) refusals: Vec<RefusalRow>,
    /// By creation number.
    pub(super) timers: BTreeMap<i64, TimerRow>,
    /// Number of the last timer; never handed out again, even when that timer is gone.
    pub(super) last_timer: i64,
    /// By id.
    pub(super) effects: BTreeMap<String, EffectRow>,
    /// By effect id, oldest first.
    pub(super) attempts: BTreeMap<String, Vec<EffectAttemptRow>>,
    /// Oldest first.
    pub(super) acts: Vec<OperatorRow>,
}

impl Model {
    pub(super) fn publish(&mut self, row: MachineVersionRow) -> PublishOutcome {
        let key = (row.tenant.clone(), row.machine.clone(), row.version);
        match self.machines.get(&key) {
            Some(stored) if stored.hash == row.hash => PublishOutcome::Unchanged,
            Some(stored) => PublishOutcome::Different(stored.hash.clone()),
            None => {
                self.machines.insert(key, row);
                PublishOutcome::Published
            }
        }
    }

    pub(super) fn postpone_timer(&mut self, number: i64, due: Timestamp) -> bool {
        let Some(row) = self.timers.get_mut(&number) else {
            return false;
        };
        row.timer.due = due;
        true
    }

    pub(super) fn machine_versions(&self, tenant: Option<&str>) -> Vec<MachineVersionRow> {
        let rows = self.machines.values();
        rows.filter(|row| tenant.is_none_or(|tenant| row.tenant == tenant))
            .cloned()
            .collect()
    }
}
