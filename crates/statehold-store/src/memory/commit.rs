//! One macrostep: every check first, then every write, so that a commit that is not applied wrote nothing.

use std::collections::BTreeSet;

use super::model::Model;
use crate::StoreError;
use crate::rows::*;

impl Model {
    pub(super) fn commit(&mut self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        if let Some(outcome) = self.obstacle(&commit) {
            return Ok(outcome);
        }
        if !self.continues(&commit) {
            return Err(StoreError::broken("commit", "the log must be a path"));
        }
        if self.has_taken_id(&commit.effects) {
            return Err(StoreError::broken("commit", "an effect id is taken"));
        }
        self.apply(commit);
        Ok(CommitOutcome::Applied)
    }

    /// What stands in the way, in the order every store checks: repeated event, revision, consumed work.
    fn obstacle(&self, commit: &Commit) -> Option<CommitOutcome> {
        let key = &commit.entity.key;
        if let Some(row) = self.log_row(key, &commit.log.event_id) {
            return Some(CommitOutcome::Duplicate(Box::new(row.clone())));
        }
        let found = self.entities.get(key).map(|row| row.revision);
        let expected = match commit.expected {
            Expected::New => None,
            Expected::Revision(revision) => Some(revision),
        };
        if found != expected {
            return Some(CommitOutcome::Conflict { found });
        }
        let there = match &commit.consume {
            None => true,
            Some(Consume::Timer { number }) => self
                .timers
                .get(number)
                .is_some_and(|timer| timer.entity == *key),
            Some(Consume::Effect(settle)) => self
                .effects
                .get(&settle.effect)
                .is_some_and(|effect| effect.entity == *key && holds(effect, settle.epoch)),
        };
        (!there).then_some(CommitOutcome::Stale)
    }

    /// Whether the log row starts where the entity stands.
    fn continues(&self, commit: &Commit) -> bool {
        let stored = self.entities.get(&commit.entity.key);
        stored.is_none_or(|row| row.state == commit.log.from_state)
    }

    fn has_taken_id(&self, effects: &[NewEffect]) -> bool {
        let mut seen = BTreeSet::new();
        effects
            .iter()
            .any(|effect| self.effects.contains_key(&effect.id) || !seen.insert(&effect.id))
    }

    /// Cancels before it settles and inserts, so that neither the consumed effect nor new work is hit.
    fn apply(&mut self, commit: Commit) {
        let Commit {
            entity,
            log,
            effects,
            timers,
            cancel_timers,
            cancel_invokes,
            consume,
            expected: _,
        } = commit;
        let key = entity.key.clone();
        self.cancel_timers(&key, &cancel_timers);
        self.cancel_invokes(&key, &cancel_invokes, log.at);
        match consume {
            Some(Consume::Timer { number }) => drop(self.timers.remove(&number)),
            Some(Consume::Effect(settle)) => drop(self.settle(settle)),
            None => {}
        }
        for effect in effects {
            let row = new_effect(effect, &log);
            self.effects.insert(row.id.clone(), row);
        }
        for timer in timers {
            self.set_timer(&key, timer);
        }
        self.write_entity(entity);
        self.logs.entry(key).or_default().push(log);
    }

    fn write_entity(&mut self, mut row: EntityRow) {
        if let Some(stored) = self.entities.get(&row.key) {
            row.created_at = stored.created_at;
        }
        self.entities.insert(row.key.clone(), row);
    }

    fn set_timer(&mut self, entity: &EntityKey, timer: NewTimer) {
        self.last_timer += 1;
        let row = TimerRow {
            entity: entity.clone(),
            number: self.last_timer,
            timer,
        };
        self.timers.insert(row.number, row);
    }

    fn cancel_timers(&mut self, entity: &EntityKey, entries: &[InvokeRef]) {
        self.timers.retain(|_, row| {
            let owner = &row.timer;
            row.entity != *entity
                || !entries
                    .iter()
                    .any(|entry| entry.state == owner.state && entry.entry == owner.entry)
        });
    }

    fn cancel_invokes(&mut self, entity: &EntityKey, entries: &[InvokeRef], at: jiff::Timestamp) {
        for row in self.effects.values_mut() {
            let waits = matches!(row.status, EffectStatus::Ready | EffectStatus::Dead);
            let tied = row.invoke.as_ref().is_some_and(|i| entries.contains(i));
            if waits && tied && row.entity == *entity {
                row.status = EffectStatus::Cancelled;
                row.settled_at = Some(at);
            }
        }
    }
}

/// Whether a worker may still write to the effect under this epoch.
pub(super) fn holds(effect: &EffectRow, epoch: u64) -> bool {
    effect.status == EffectStatus::Claimed && effect.epoch == epoch
}

fn new_effect(new: NewEffect, log: &LogRow) -> EffectRow {
    EffectRow {
        id: new.id,
        entity: log.key.clone(),
        seq: log.seq,
        path: new.path,
        name: new.name,
        kind: new.kind,
        request: new.request,
        key: new.key,
        invoke: new.invoke,
        status: EffectStatus::Ready,
        due: new.due,
        lease_until: None,
        epoch: 0,
        claims: 0,
        attempts: 0,
        generation: 0,
        last_error: None,
        reply: None,
        created_at: log.at,
        settled_at: None,
    }
}
