//! Everything that only looks.

use jiff::Timestamp;

use super::model::Model;
use crate::rows::*;

impl Model {
    pub(super) fn load(
        &self,
        key: &EntityKey,
        event_id: Option<&str>,
    ) -> Option<(EntityRow, Option<LogRow>)> {
        let entity = self.entities.get(key)?.clone();
        let log = event_id.and_then(|id| self.log_row(key, id)).cloned();
        Some((entity, log))
    }

    pub(super) fn log_row(&self, key: &EntityKey, event_id: &str) -> Option<&LogRow> {
        let rows = self.logs.get(key)?;
        rows.iter().find(|row| row.event_id == event_id)
    }

    pub(super) fn entities(
        &self,
        tenant: &str,
        machine: &str,
        filter: &EntityFilter,
        page: &Page,
    ) -> Vec<EntityRow> {
        let rows = self.entities.values().filter(|row| {
            row.key.tenant == tenant
                && row.key.machine == machine
                && is_after(&row.key.id, page)
                && filter.status.is_none_or(|status| row.status == status)
                && filter
                    .state
                    .as_ref()
                    .is_none_or(|s| is_within(&row.state, s))
        });
        rows.take(page.limit as usize).cloned().collect()
    }

    pub(super) fn log(&self, key: &EntityKey, from_seq: u64, limit: u32) -> Vec<LogRow> {
        let rows = self.logs.get(key).into_iter().flatten();
        let wanted = rows.filter(|row| row.seq >= from_seq);
        wanted.take(limit as usize).cloned().collect()
    }

    pub(super) fn refusals(&self, key: &EntityKey, limit: u32) -> Vec<RefusalRow> {
        let rows = self.refusals.iter().filter(|row| row.key == *key);
        rows.take(limit as usize).cloned().collect()
    }

    pub(super) fn timers(&self, key: &EntityKey) -> Vec<TimerRow> {
        self.timers_by_due(|row| row.entity == *key)
    }

    pub(super) fn due_timers(&self, now: Timestamp, limit: u32) -> Vec<TimerRow> {
        let mut rows = self.timers_by_due(|row| row.timer.due <= now);
        rows.truncate(limit as usize);
        rows
    }

    fn timers_by_due(&self, wanted: impl Fn(&TimerRow) -> bool) -> Vec<TimerRow> {
        let mut rows: Vec<TimerRow> = self
            .timers
            .values()
            .filter(|r| wanted(r))
            .cloned()
            .collect();
        rows.sort_by_key(|row| (row.timer.due, row.number));
        rows
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let timers = self.timers.values().map(|row| row.timer.due);
        let effects = self.effects.values().filter_map(|row| match row.status {
            EffectStatus::Ready => Some(row.due),
            EffectStatus::Claimed => row.lease_until,
            _ => None,
        });
        timers.chain(effects).min()
    }

    pub(super) fn effects(
        &self,
        tenant: &str,
        filter: &EffectFilter,
        page: &Page,
    ) -> Vec<EffectRow> {
        let rows = self.effects.values().filter(|row| {
            row.entity.tenant == tenant
                && is_after(&row.id, page)
                && filter.entity.as_ref().is_none_or(|key| row.entity == *key)
                && filter
                    .machine
                    .as_ref()
                    .is_none_or(|m| row.entity.machine == *m)
                && (filter.statuses.is_empty() || filter.statuses.contains(&row.status))
        });
        rows.take(page.limit as usize).cloned().collect()
    }

    pub(super) fn effect(&self, tenant: &str, id: &str) -> Option<&EffectRow> {
        let row = self.effects.get(id);
        row.filter(|row| row.entity.tenant == tenant)
    }

    pub(super) fn effect_attempts(&self, tenant: &str, id: &str) -> Vec<EffectAttemptRow> {
        let rows = self.effect(tenant, id).and_then(|_| self.attempts.get(id));
        rows.cloned().unwrap_or_default()
    }

    pub(super) fn operator_acts(&self, tenant: &str, id: &str) -> Vec<OperatorRow> {
        if self.effect(tenant, id).is_none() {
            return Vec::new();
        }
        let rows = self.acts.iter().filter(|row| row.effect == id);
        rows.cloned().collect()
    }
}

fn is_after(id: &str, page: &Page) -> bool {
    page.after.as_deref().is_none_or(|after| id > after)
}

/// Whether the column says the wanted state or one below it: what follows the name is `.`, `(` or nothing.
fn is_within(column: &str, wanted: &str) -> bool {
    let rest = column.strip_prefix(wanted);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '(']))
}
