//! Reading entities and their logs, and recording refusals.

use rusqlite::{Connection, Result, named_params, params};

use crate::rows::*;
use crate::sqlite::columns::{self, execute, int, micros, query, query_one};
use crate::sqlite::sql;

pub(in crate::sqlite) fn load(
    db: &Connection,
    key: &EntityKey,
    event_id: Option<&str>,
) -> Result<Option<(EntityRow, Option<LogRow>)>> {
    let entity = query_one(
        db,
        sql::LOAD_ENTITY,
        named_params! { ":tenant": key.tenant, ":machine": key.machine, ":id": key.id },
        columns::entity,
    )?;
    let Some(entity) = entity else {
        return Ok(None);
    };
    let log = match event_id {
        Some(event_id) => logged_event(db, key, event_id)?,
        None => None,
    };
    Ok(Some((entity, log)))
}

/// The log row of an event, if it has happened.
pub(super) fn logged_event(
    db: &Connection,
    key: &EntityKey,
    event_id: &str,
) -> Result<Option<LogRow>> {
    query_one(
        db,
        sql::LOAD_EVENT,
        params![key.tenant, key.machine, key.id, event_id],
        columns::log_row,
    )
}

pub(in crate::sqlite) fn entities(
    db: &Connection,
    tenant: &str,
    machine: &str,
    filter: &EntityFilter,
    page: &Page,
) -> Result<Vec<EntityRow>> {
    let after = page.after.as_deref().unwrap_or_default();
    let status = filter.status.map(EntityStatus::as_str);
    match &filter.state {
        None => query(
            db,
            sql::ENTITIES,
            named_params! {
                ":tenant": tenant,
                ":machine": machine,
                ":after": after,
                ":status": status,
                ":limit": page.limit,
            },
            columns::entity,
        ),
        Some(state) => query(
            db,
            sql::ENTITIES_IN_STATE,
            named_params! {
                ":tenant": tenant,
                ":machine": machine,
                ":state": state,
                ":after": after,
                ":status": status,
                ":limit": page.limit,
            },
            columns::entity,
        ),
    }
}

pub(in crate::sqlite) fn log(
    db: &Connection,
    key: &EntityKey,
    from_seq: u64,
    limit: u32,
) -> Result<Vec<LogRow>> {
    query(
        db,
        sql::LOG,
        named_params! {
            ":tenant": key.tenant,
            ":machine": key.machine,
            ":id": key.id,
            ":from_seq": int(from_seq),
            ":limit": limit,
        },
        columns::log_row,
    )
}

pub(in crate::sqlite) fn refuse(db: &Connection, row: &RefusalRow) -> Result<()> {
    execute(
        db,
        sql::REFUSE,
        named_params! {
            ":tenant": row.key.tenant,
            ":machine": row.key.machine,
            ":id": row.key.id,
            ":at": micros(row.at),
            ":event": row.event,
            ":event_id": row.event_id,
            ":actor": row.actor,
            ":outcome": row.outcome,
            ":blockers": row.blockers,
            ":input": row.input,
            ":state": row.state,
            ":revision": int(row.revision),
        },
    )?;
    Ok(())
}

pub(in crate::sqlite) fn refusals(
    db: &Connection,
    key: &EntityKey,
    limit: u32,
) -> Result<Vec<RefusalRow>> {
    query(
        db,
        sql::REFUSALS,
        named_params! {
            ":tenant": key.tenant,
            ":machine": key.machine,
            ":id": key.id,
            ":limit": limit,
        },
        columns::refusal,
    )
}
