//! Claims, leases and ends of effects, and what operators do to the dead ones.

use jiff::Timestamp;

use super::commit::holds;
use super::model::Model;
use crate::request::Claim;
use crate::rows::*;

impl Model {
    pub(super) fn claim_effects(&mut self, claim: &Claim, limit: u32) -> Vec<EffectRow> {
        let mut open: Vec<&mut EffectRow> = self
            .effects
            .values_mut()
            .filter(|row| claimable(row, claim.now))
            .collect();
        open.sort_by(|a, b| (a.due, &a.id).cmp(&(b.due, &b.id)));
        let taken = open.into_iter().take(limit as usize);
        taken
            .map(|row| {
                row.status = EffectStatus::Claimed;
                row.epoch += 1;
                row.claims += 1;
                row.lease_until = Some(claim.lease_until);
                row.clone()
            })
            .collect()
    }

    pub(super) fn heartbeat(&mut self, effect: &str, epoch: u64, lease_until: Timestamp) -> bool {
        let Some(row) = self.held(effect, epoch) else {
            return false;
        };
        row.lease_until = Some(lease_until);
        true
    }

    pub(super) fn release(&mut self, effect: &str, epoch: u64) -> bool {
        let Some(row) = self.held(effect, epoch) else {
            return false;
        };
        row.status = EffectStatus::Ready;
        row.lease_until = None;
        row.claims -= 1;
        true
    }

    pub(super) fn settle(&mut self, settle: Settle) -> bool {
        let Some(row) = self.held(&settle.effect, settle.epoch) else {
            return false;
        };
        row.lease_until = None;
        if let Some(attempt) = &settle.attempt {
            row.attempts += 1;
            row.claims = 0;
            row.last_error = Some(attempt.detail.clone());
        }
        match settle.to {
            SettleTo::Retry { due } => {
                row.status = EffectStatus::Ready;
                row.due = due;
            }
            SettleTo::End {
                status,
                at,
                error,
                reply,
            } => {
                row.status = status;
                row.settled_at = Some(at);
                row.last_error = error;
                row.reply = reply;
            }
        }
        let generation = row.generation;
        if let Some(attempt) = settle.attempt {
            self.record_attempt(settle.effect, generation, attempt);
        }
        true
    }

    pub(super) fn retry_dead(
        &mut self,
        tenant: &str,
        id: &str,
        act: OperatorAct,
    ) -> OperateOutcome {
        let due = act.at;
        self.operate(tenant, id, "retry", act, |row| {
            row.status = EffectStatus::Ready;
            row.due = due;
            row.attempts = 0;
            row.claims = 0;
            row.generation += 1;
            row.reply = None;
            row.settled_at = None;
        })
    }

    pub(super) fn discard_dead(
        &mut self,
        tenant: &str,
        id: &str,
        act: OperatorAct,
    ) -> OperateOutcome {
        let at = act.at;
        self.operate(tenant, id, "discard", act, |row| {
            row.status = EffectStatus::Discarded;
            row.settled_at = Some(at);
        })
    }

    fn operate(
        &mut self,
        tenant: &str,
        id: &str,
        verb: &str,
        act: OperatorAct,
        change: impl FnOnce(&mut EffectRow),
    ) -> OperateOutcome {
        let row = self.effects.get_mut(id);
        let Some(row) = row.filter(|row| row.entity.tenant == tenant) else {
            return OperateOutcome::Missing;
        };
        if row.status != EffectStatus::Dead {
            return OperateOutcome::NotDead(row.status);
        }
        change(row);
        self.acts.push(OperatorRow {
            verb: verb.to_owned(),
            effect: id.to_owned(),
            act,
        });
        OperateOutcome::Done(Box::new(row.clone()))
    }

    fn record_attempt(&mut self, effect: String, generation: u32, attempt: EffectAttempt) {
        let rows = self.attempts.entry(effect.clone()).or_default();
        rows.push(EffectAttemptRow {
            effect,
            n: rows.last().map_or(1, |last| last.n + 1),
            generation,
            attempt,
        });
    }

    fn held(&mut self, effect: &str, epoch: u64) -> Option<&mut EffectRow> {
        let row = self.effects.get_mut(effect);
        row.filter(|row| holds(row, epoch))
    }
}

fn claimable(row: &EffectRow, now: Timestamp) -> bool {
    match row.status {
        EffectStatus::Ready => row.due <= now,
        EffectStatus::Claimed => row.lease_until.is_some_and(|until| until <= now),
        _ => false,
    }
}
