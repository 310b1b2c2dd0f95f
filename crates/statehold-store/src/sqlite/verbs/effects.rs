//! Claims, leases and ends of effects, and what operators do to the dead ones.

use jiff::Timestamp;
use rusqlite::{Connection, Result, named_params};

use crate::request::Claim;
use crate::rows::*;
use crate::sqlite::columns::{self, execute, int, micros, query, query_one};
use crate::sqlite::sql;

pub(in crate::sqlite) fn claim_effects(
    db: &Connection,
    claim: &Claim,
    limit: u32,
) -> Result<Vec<EffectRow>> {
    let mut rows = query(
        db,
        sql::CLAIM_EFFECTS,
        named_params! {
            ":now": micros(claim.now),
            ":lease_until": micros(claim.lease_until),
            ":limit": limit,
        },
        columns::effect,
    )?;
    rows.sort_by(|a, b| (a.due, &a.id).cmp(&(b.due, &b.id)));
    Ok(rows)
}

pub(in crate::sqlite) fn heartbeat(
    db: &Connection,
    effect: &str,
    epoch: u64,
    lease_until: Timestamp,
) -> Result<bool> {
    let held = execute(
        db,
        sql::HEARTBEAT,
        named_params! {
            ":effect": effect,
            ":epoch": int(epoch),
            ":lease_until": micros(lease_until),
        },
    )?;
    Ok(held > 0)
}

pub(in crate::sqlite) fn release(db: &Connection, effect: &str, epoch: u64) -> Result<bool> {
    let params = named_params! { ":effect": effect, ":epoch": int(epoch) };
    let held = execute(db, sql::RELEASE, params)?;
    Ok(held > 0)
}

pub(in crate::sqlite) fn settle(db: &Connection, settle: &Settle) -> Result<bool> {
    let moved = match &settle.to {
        SettleTo::Retry { due } => postpone(db, settle, *due)?,
        SettleTo::End {
            status,
            at,
            error,
            reply,
        } => end(db, settle, *status, *at, error.as_deref(), reply.as_deref())?,
    };
    let Some(owner) = moved else {
        return Ok(false);
    };
    if let Some(attempt) = &settle.attempt {
        record_attempt(db, &owner, &settle.effect, attempt)?;
    }
    Ok(true)
}

/// What an attempt's row needs to know of its effect.
struct Owner {
    tenant: String,
    generation: u32,
}

fn owner(cells: &mut columns::Cells<'_>) -> Result<Owner> {
    Ok(Owner {
        tenant: cells.take()?,
        generation: cells.number()?,
    })
}

fn postpone(db: &Connection, settle: &Settle, due: Timestamp) -> Result<Option<Owner>> {
    query_one(
        db,
        sql::SETTLE_RETRY,
        named_params! {
            ":effect": settle.effect,
            ":epoch": int(settle.epoch),
            ":due": micros(due),
            ":tried": settle.attempt.is_some(),
            ":detail": settle.attempt.as_ref().map(|attempt| &attempt.detail),
        },
        owner,
    )
}

fn end(
    db: &Connection,
    settle: &Settle,
    status: EffectStatus,
    at: Timestamp,
    error: Option<&str>,
    reply: Option<&str>,
) -> Result<Option<Owner>> {
    query_one(
        db,
        sql::SETTLE_END,
        named_params! {
            ":effect": settle.effect,
            ":epoch": int(settle.epoch),
            ":status": status.as_str(),
            ":at": micros(at),
            ":tried": settle.attempt.is_some(),
            ":error": error,
            ":reply": reply,
        },
        owner,
    )
}

fn record_attempt(
    db: &Connection,
    owner: &Owner,
    effect: &str,
    attempt: &EffectAttempt,
) -> Result<()> {
    execute(
        db,
        sql::RECORD_ATTEMPT,
        named_params! {
            ":tenant": owner.tenant,
            ":effect": effect,
            ":generation": owner.generation,
            ":epoch": int(attempt.epoch),
            ":started_at": micros(attempt.started_at),
            ":ended_at": micros(attempt.ended_at),
            ":outcome": attempt.outcome,
            ":http_status": attempt.http_status,
            ":detail": attempt.detail,
            ":next_due": attempt.next_due.map(micros),
        },
    )?;
    Ok(())
}

pub(in crate::sqlite) fn effects(
    db: &Connection,
    tenant: &str,
    filter: &EffectFilter,
    page: &Page,
) -> Result<Vec<EffectRow>> {
    let after = page.after.as_deref().unwrap_or_default();
    match (&filter.entity, filter.statuses.as_slice()) {
        (Some(key), _) if is_elsewhere(key, tenant, filter) => Ok(Vec::new()),
        (Some(key), statuses) => query(
            db,
            sql::EFFECTS_OF_ENTITY,
            named_params! {
                ":tenant": tenant,
                ":machine": key.machine,
                ":entity_id": key.id,
                ":after": after,
                ":statuses": names(statuses),
                ":limit": page.limit,
            },
            columns::effect,
        ),
        (None, [EffectStatus::Dead]) => query(
            db,
            sql::EFFECTS_DEAD,
            named_params! {
                ":tenant": tenant,
                ":machine": filter.machine,
                ":after": after,
                ":limit": page.limit,
            },
            columns::effect,
        ),
        (None, statuses) => query(
            db,
            sql::EFFECTS,
            named_params! {
                ":tenant": tenant,
                ":machine": filter.machine,
                ":after": after,
                ":statuses": names(statuses),
                ":limit": page.limit,
            },
            columns::effect,
        ),
    }
}

/// Whether the entity asked for contradicts the tenant or the machine asked for.
fn is_elsewhere(key: &EntityKey, tenant: &str, filter: &EffectFilter) -> bool {
    key.tenant != tenant || filter.machine.as_ref().is_some_and(|m| *m != key.machine)
}

/// The statuses as a JSON array; none for "any". Their names need no escaping.
fn names(statuses: &[EffectStatus]) -> Option<String> {
    if statuses.is_empty() {
        return None;
    }
    let quoted: Vec<String> = statuses
        .iter()
        .map(|status| format!("\"{}\"", status.as_str()))
        .collect();
    Some(format!("[{}]", quoted.join(",")))
}

pub(in crate::sqlite) fn effect(
    db: &Connection,
    tenant: &str,
    id: &str,
) -> Result<Option<EffectRow>> {
    query_one(
        db,
        sql::EFFECT,
        named_params! { ":tenant": tenant, ":id": id },
        columns::effect,
    )
}

pub(in crate::sqlite) fn effect_attempts(
    db: &Connection,
    tenant: &str,
    id: &str,
) -> Result<Vec<EffectAttemptRow>> {
    query(
        db,
        sql::EFFECT_ATTEMPTS,
        named_params! { ":tenant": tenant, ":effect": id },
        columns::effect_attempt,
    )
}

pub(in crate::sqlite) fn retry_dead(
    db: &Connection,
    tenant: &str,
    id: &str,
    act: &OperatorAct,
) -> Result<OperateOutcome> {
    operate(db, sql::RETRY_DEAD, "retry", tenant, id, act)
}

pub(in crate::sqlite) fn discard_dead(
    db: &Connection,
    tenant: &str,
    id: &str,
    act: &OperatorAct,
) -> Result<OperateOutcome> {
    operate(db, sql::DISCARD_DEAD, "discard", tenant, id, act)
}

fn operate(
    db: &Connection,
    change: &str,
    verb: &str,
    tenant: &str,
    id: &str,
    act: &OperatorAct,
) -> Result<OperateOutcome> {
    let at = micros(act.at);
    let params = named_params! { ":tenant": tenant, ":id": id, ":at": at };
    let Some(row) = query_one(db, change, params, columns::effect)? else {
        let params = named_params! { ":tenant": tenant, ":id": id };
        let status = query_one(db, sql::EFFECT_STATUS, params, columns::effect_status)?;
        return Ok(status.map_or(OperateOutcome::Missing, OperateOutcome::NotDead));
    };
    execute(
        db,
        sql::RECORD_OPERATOR_ACT,
        named_params! {
            ":tenant": tenant,
            ":effect": id,
            ":verb": verb,
            ":at": at,
            ":actor": act.actor,
            ":reason": act.reason,
        },
    )?;
    Ok(OperateOutcome::Done(Box::new(row)))
}

pub(in crate::sqlite) fn operator_acts(
    db: &Connection,
    tenant: &str,
    effect: &str,
) -> Result<Vec<OperatorRow>> {
    query(
        db,
        sql::OPERATOR_ACTS,
        named_params! { ":tenant": tenant, ":effect": effect },
        columns::operator_act,
    )
}
