//! Claims, leases and ends of effects, and what operators do to the dead ones.

use jiff::Timestamp;

use super::lists::EndColumns;
use crate::postgres::columns::{self, all, first};
use crate::postgres::db::Db;
use crate::postgres::failure::Failure;
use crate::postgres::params::{Micros, int, params};
use crate::postgres::sql;
use crate::request::Claim;
use crate::rows::*;

/// `database_clock`: not before the database's own clock has come to it either.
pub(in crate::postgres) async fn claim_effects(
    db: &Db,
    claim: &Claim,
    limit: u32,
    database_clock: bool,
) -> Result<Vec<EffectRow>, Failure> {
    let params = params![
        Micros(claim.now),
        Micros(claim.lease_until),
        i64::from(limit),
        database_clock,
    ];
    let rows = db.write(sql::CLAIM_EFFECTS, &params).await?;
    // A plan that takes more than it was told to would hand work to nobody.
    if rows.len() > limit as usize {
        return Err(Failure::unreadable(
            "more effects were claimed than asked for",
        ));
    }
    let mut rows = all(&rows, columns::effect)?;
    rows.sort_by(|a, b| (a.due, &a.id).cmp(&(b.due, &b.id)));
    Ok(rows)
}

pub(in crate::postgres) async fn heartbeat(
    db: &Db,
    effect: &str,
    epoch: u64,
    lease_until: Timestamp,
) -> Result<bool, Failure> {
    let params = params![effect, int(epoch), Micros(lease_until)];
    let rows = db.write(sql::HEARTBEAT, &params).await?;
    Ok(!rows.is_empty())
}

pub(in crate::postgres) async fn release(
    db: &Db,
    effect: &str,
    epoch: u64,
) -> Result<bool, Failure> {
    let rows = db.write(sql::RELEASE, &params![effect, int(epoch)]).await?;
    Ok(!rows.is_empty())
}

pub(in crate::postgres) async fn settle(db: &Db, settle: &Settle) -> Result<bool, Failure> {
    let end = EndColumns::of(settle);
    let attempt = settle.attempt.as_ref();
    let params = params![
        settle.effect.as_str(),
        int(settle.epoch),
        end.status,
        end.due,
        end.at,
        end.error,
        end.reply,
        attempt.is_some(),
        attempt.map(|tried| int(tried.epoch)),
        attempt.map(|tried| Micros(tried.started_at)),
        attempt.map(|tried| Micros(tried.ended_at)),
        attempt.map(|tried| &*tried.outcome),
        attempt.and_then(|tried| tried.http_status.map(i32::from)),
        attempt.map(|tried| &*tried.detail),
        attempt.and_then(|tried| tried.next_due.map(Micros)),
    ];
    let rows = db.write(sql::SETTLE, &params).await?;
    Ok(!rows.is_empty())
}

pub(in crate::postgres) async fn effects(
    db: &Db,
    tenant: &str,
    filter: &EffectFilter,
    page: &Page,
) -> Result<Vec<EffectRow>, Failure> {
    let after = page.after.as_deref().unwrap_or_default();
    let machine = filter.machine.as_deref();
    let limit = i64::from(page.limit);
    let statuses = names(&filter.statuses);
    let rows = match (&filter.entity, filter.statuses.as_slice()) {
        (Some(key), _) if is_elsewhere(key, tenant, filter) => Vec::new(),
        (Some(key), _) => {
            let (machine, id) = (key.machine.as_str(), key.id.as_str());
            let params = params![tenant, machine, id, after, statuses, limit];
            db.read(sql::EFFECTS_OF_ENTITY, &params).await?
        }
        (None, [EffectStatus::Dead]) => {
            let params = params![tenant, after, machine, limit];
            db.read(sql::EFFECTS_DEAD, &params).await?
        }
        (None, _) => {
            let params = params![tenant, after, machine, statuses, limit];
            db.read(sql::EFFECTS, &params).await?
        }
    };
    all(&rows, columns::effect)
}

/// Whether the entity asked for contradicts the tenant or the machine asked for.
fn is_elsewhere(key: &EntityKey, tenant: &str, filter: &EffectFilter) -> bool {
    key.tenant != tenant || filter.machine.as_ref().is_some_and(|m| *m != key.machine)
}

/// The statuses by name; none for "any".
fn names(statuses: &[EffectStatus]) -> Option<Vec<&str>> {
    let names = || statuses.iter().map(|status| status.as_str()).collect();
    (!statuses.is_empty()).then(names)
}

pub(in crate::postgres) async fn effect(
    db: &Db,
    tenant: &str,
    id: &str,
) -> Result<Option<EffectRow>, Failure> {
    let rows = db.read(sql::EFFECT, &params![tenant, id]).await?;
    first(&rows, columns::effect)
}

pub(in crate::postgres) async fn effect_attempts(
    db: &Db,
    tenant: &str,
    id: &str,
) -> Result<Vec<EffectAttemptRow>, Failure> {
    let rows = db.read(sql::EFFECT_ATTEMPTS, &params![tenant, id]).await?;
    all(&rows, columns::effect_attempt)
}

pub(in crate::postgres) async fn retry_dead(
    db: &Db,
    tenant: &str,
    id: &str,
    act: &OperatorAct,
) -> Result<OperateOutcome, Failure> {
    operate(db, sql::RETRY_DEAD, tenant, id, act).await
}

pub(in crate::postgres) async fn discard_dead(
    db: &Db,
    tenant: &str,
    id: &str,
    act: &OperatorAct,
) -> Result<OperateOutcome, Failure> {
    operate(db, sql::DISCARD_DEAD, tenant, id, act).await
}

async fn operate(
    db: &Db,
    change: &'static str,
    tenant: &str,
    id: &str,
    act: &OperatorAct,
) -> Result<OperateOutcome, Failure> {
    let (actor, reason) = (act.actor.as_str(), act.reason.as_str());
    let params = params![tenant, id, Micros(act.at), actor, reason];
    let rows = db.write(change, &params).await?;
    if let Some(row) = first(&rows, columns::effect)? {
        return Ok(OperateOutcome::Done(Box::new(row)));
    }
    let rows = db.read(sql::EFFECT_STATUS, &params![tenant, id]).await?;
    let status = first(&rows, columns::effect_status)?;
    Ok(status.map_or(OperateOutcome::Missing, OperateOutcome::NotDead))
}

pub(in crate::postgres) async fn operator_acts(
    db: &Db,
    tenant: &str,
    effect: &str,
) -> Result<Vec<OperatorRow>, Failure> {
    let rows = db
        .read(sql::OPERATOR_ACTS, &params![tenant, effect])
        .await?;
    all(&rows, columns::operator_act)
}
