//! Timers, and the instant at which the next work is due.

use jiff::Timestamp;

use crate::postgres::columns::{self, all, first};
use crate::postgres::db::Db;
use crate::postgres::failure::Failure;
use crate::postgres::params::{Micros, params};
use crate::postgres::sql;
use crate::rows::*;

pub(in crate::postgres) async fn timers(
    db: &Db,
    key: &EntityKey,
) -> Result<Vec<TimerRow>, Failure> {
    let params = params![key.tenant.as_str(), key.machine.as_str(), key.id.as_str()];
    let rows = db.read(sql::TIMERS, &params).await?;
    all(&rows, columns::timer)
}

/// `database_clock`: not before the database's own clock has come to it either.
pub(in crate::postgres) async fn due_timers(
    db: &Db,
    now: Timestamp,
    limit: u32,
    database_clock: bool,
) -> Result<Vec<TimerRow>, Failure> {
    let params = params![Micros(now), i64::from(limit), database_clock];
    let rows = db.read(sql::DUE_TIMERS, &params).await?;
    all(&rows, columns::timer)
}

pub(in crate::postgres) async fn drop_timer(db: &Db, number: i64) -> Result<bool, Failure> {
    let rows = db.write(sql::DROP_TIMER, &params![number]).await?;
    Ok(!rows.is_empty())
}

pub(in crate::postgres) async fn postpone_timer(
    db: &Db,
    number: i64,
    due: Timestamp,
) -> Result<bool, Failure> {
    let params = params![number, Micros(due)];
    let rows = db.write(sql::POSTPONE_TIMER, &params).await?;
    Ok(!rows.is_empty())
}

pub(in crate::postgres) async fn next_due(db: &Db) -> Result<Option<Timestamp>, Failure> {
    let rows = db.read(sql::NEXT_DUE, &params![]).await?;
    Ok(first(&rows, columns::due)?.flatten())
}
