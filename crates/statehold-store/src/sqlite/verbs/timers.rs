//! Timers, and the instant at which the next work is due.

use jiff::Timestamp;
use rusqlite::{Connection, Result, named_params};

use crate::rows::*;
use crate::sqlite::columns::{self, execute, micros, query, query_one};
use crate::sqlite::sql;

pub(in crate::sqlite) fn timers(db: &Connection, key: &EntityKey) -> Result<Vec<TimerRow>> {
    query(
        db,
        sql::TIMERS,
        named_params! { ":tenant": key.tenant, ":machine": key.machine, ":id": key.id },
        columns::timer,
    )
}

pub(in crate::sqlite) fn due_timers(
    db: &Connection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<TimerRow>> {
    query(
        db,
        sql::DUE_TIMERS,
        named_params! { ":now": micros(now), ":limit": limit },
        columns::timer,
    )
}

pub(in crate::sqlite) fn drop_timer(db: &Connection, number: i64) -> Result<bool> {
    let dropped = execute(db, sql::DROP_TIMER, named_params! { ":number": number })?;
    Ok(dropped > 0)
}

pub(in crate::sqlite) fn postpone_timer(
    db: &Connection,
    number: i64,
    due: Timestamp,
) -> Result<bool> {
    let params = named_params! { ":number": number, ":due": micros(due) };
    let postponed = execute(db, sql::POSTPONE_TIMER, params)?;
    Ok(postponed > 0)
}

pub(in crate::sqlite) fn next_due(db: &Connection) -> Result<Option<Timestamp>> {
    let due = query_one(db, sql::NEXT_DUE, [], columns::due)?;
    Ok(due.flatten())
}
