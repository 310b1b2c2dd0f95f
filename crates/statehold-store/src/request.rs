//! The door every request passes before a store sees it: times are cut to microseconds, and a request that
//! contradicts itself is refused as [`StoreError::Broken`].
//!
//! All stores share it, so that none accepts what another refuses. It reads nothing but the request.

use std::time::Duration;

use jiff::Timestamp;

use crate::StoreError;
use crate::rows::*;

/// Longest entity id, in bytes: it leads several index keys.
const ID_BYTES_MAX: usize = 200;

/// Largest number that fits the signed 64-bit columns of every database.
const NUMBER_MAX: u64 = i64::MAX as u64;

/// A commit that agrees with itself, with its times cut.
pub(crate) fn commit(mut commit: Commit) -> Result<Commit, StoreError> {
    check_commit(&commit).map_err(|what| StoreError::broken("commit", what))?;
    cut_entity(&mut commit.entity);
    cut(&mut commit.log.at);
    for effect in &mut commit.effects {
        cut(&mut effect.due);
    }
    for timer in &mut commit.timers {
        cut(&mut timer.due);
    }
    if let Some(Consume::Effect(settle)) = &mut commit.consume {
        cut_settle(settle);
    }
    Ok(commit)
}

/// A settle that ends in an end, with its times cut.
pub(crate) fn settle(mut settle: Settle) -> Result<Settle, StoreError> {
    check_settle(&settle).map_err(|what| StoreError::broken("settle", what))?;
    cut_settle(&mut settle);
    Ok(settle)
}

/// A machine version with a name, with its times cut.
pub(crate) fn publish(mut row: MachineVersionRow) -> Result<MachineVersionRow, StoreError> {
    if row.tenant.is_empty() || row.machine.is_empty() || row.version == 0 {
        let what = "a machine version needs a tenant, a machine and a version from 1";
        return Err(StoreError::broken("publish", what));
    }
    cut(&mut row.published_at);
    Ok(row)
}

/// A refusal of a named entity, with its times cut.
pub(crate) fn refusal(mut row: RefusalRow) -> Result<RefusalRow, StoreError> {
    check_key(&row.key)
        .and_then(|()| check_number(row.revision))
        .map_err(|what| StoreError::broken("refuse", what))?;
    cut(&mut row.at);
    Ok(row)
}

/// An operator's act with its times cut.
pub(crate) fn act(mut act: OperatorAct) -> OperatorAct {
    cut(&mut act.at);
    act
}

/// When a claim is made and until when it holds.
pub(crate) struct Claim {
    pub(crate) now: Timestamp,
    pub(crate) lease_until: Timestamp,
}

/// A claim whose lease ends within the calendar.
pub(crate) fn claim(now: Timestamp, lease: Duration) -> Result<Claim, StoreError> {
    let lease_until = now
        .checked_add(lease)
        .map_err(|cause| StoreError::broken("claim_effects", cause))?;
    Ok(Claim {
        now: cut_instant(now),
        lease_until: cut_instant(lease_until),
    })
}

/// The instant without what is finer than a microsecond, which no database keeps.
pub(crate) fn cut_instant(instant: Timestamp) -> Timestamp {
    // Cutting moves towards 1970, so the result is always in range; the fallback is never taken.
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

fn check_commit(commit: &Commit) -> Result<(), &'static str> {
    let (entity, log) = (&commit.entity, &commit.log);
    check_key(&entity.key)?;
    check_number(entity.revision)?;
    if log.key != entity.key {
        return Err("the log row names another entity");
    }
    if log.seq != entity.revision {
        return Err("the log position differs from the revision");
    }
    if log.to_state != entity.state {
        return Err("the log row leads to another state than the entity row");
    }
    if log.to_state.is_empty() {
        return Err("the state is empty");
    }
    if (log.seq == 0) != log.from_state.is_empty() {
        return Err("only a creation starts from no state");
    }
    if log.event_id.is_empty() {
        return Err("the event id is empty");
    }
    let revision = match commit.expected {
        Expected::New => Some(0),
        Expected::Revision(before) => before.checked_add(1),
    };
    if revision != Some(entity.revision) {
        return Err("the new revision does not follow the expected one");
    }
    check_work(commit)
}

fn check_work(commit: &Commit) -> Result<(), &'static str> {
    if commit.effects.iter().any(|effect| effect.id.is_empty()) {
        return Err("an effect has no id");
    }
    let invokes = commit.effects.iter().filter_map(|e| e.invoke.as_ref());
    let entries = invokes
        .chain(&commit.cancel_timers)
        .chain(&commit.cancel_invokes);
    for entry in entries
        .map(|r| r.entry)
        .chain(commit.timers.iter().map(|t| t.entry))
    {
        check_number(entry)?;
    }
    match &commit.consume {
        Some(Consume::Effect(settle)) => check_settle(settle),
        Some(Consume::Timer { .. }) | None => Ok(()),
    }
}

fn check_settle(settle: &Settle) -> Result<(), &'static str> {
    use EffectStatus::{Cancelled, Dead, Failed, Ok as Done};
    check_number(settle.epoch)?;
    if let Some(attempt) = &settle.attempt {
        check_number(attempt.epoch)?;
    }
    match &settle.to {
        SettleTo::End { status, .. } if !matches!(status, Done | Failed | Dead | Cancelled) => {
            Err("an effect can only settle as ok, failed, dead or cancelled")
        }
        SettleTo::End { .. } | SettleTo::Retry { .. } => Ok(()),
    }
}

fn check_key(key: &EntityKey) -> Result<(), &'static str> {
    if key.tenant.is_empty() || key.machine.is_empty() || key.id.is_empty() {
        return Err("an entity needs a tenant, a machine and an id");
    }
    if key.id.len() > ID_BYTES_MAX {
        return Err("the entity id is longer than 200 bytes");
    }
    Ok(())
}

fn check_number(number: u64) -> Result<(), &'static str> {
    if number > NUMBER_MAX {
        return Err("a number does not fit 63 bits");
    }
    Ok(())
}

fn cut_entity(row: &mut EntityRow) {
    cut(&mut row.created_at);
    cut(&mut row.entered_at);
    cut(&mut row.updated_at);
}

fn cut_settle(settle: &mut Settle) {
    if let Some(attempt) = &mut settle.attempt {
        cut(&mut attempt.started_at);
        cut(&mut attempt.ended_at);
        attempt.next_due = attempt.next_due.map(cut_instant);
    }
    match &mut settle.to {
        SettleTo::Retry { due } => cut(due),
        SettleTo::End { at, .. } => cut(at),
    }
}

fn cut(instant: &mut Timestamp) {
    *instant = cut_instant(*instant);
}
