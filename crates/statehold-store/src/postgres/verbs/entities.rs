//! Reading entities and their logs, and recording refusals.

use crate::postgres::columns::{self, all, first};
use crate::postgres::db::Db;
use crate::postgres::failure::Failure;
use crate::postgres::params::{Micros, int, params};
use crate::postgres::sql;
use crate::rows::*;

pub(in crate::postgres) async fn load(
    db: &Db,
    key: &EntityKey,
    event_id: Option<&str>,
) -> Result<Option<(EntityRow, Option<LogRow>)>, Failure> {
    let params = params![
        key.tenant.as_str(),
        key.machine.as_str(),
        key.id.as_str(),
        event_id,
    ];
    let rows = db.read(sql::LOAD, &params).await?;
    first(&rows, columns::entity_and_log)
}

pub(in crate::postgres) async fn entities(
    db: &Db,
    tenant: &str,
    machine: &str,
    filter: &EntityFilter,
    page: &Page,
) -> Result<Vec<EntityRow>, Failure> {
    let after = page.after.as_deref().unwrap_or_default();
    let status = filter.status.map(EntityStatus::as_str);
    let limit = i64::from(page.limit);
    let rows = match filter.state.as_deref() {
        None => {
            let params = params![tenant, machine, after, status, limit];
            db.read(sql::ENTITIES, &params).await?
        }
        Some(state) => {
            let params = params![tenant, machine, after, status, limit, state];
            db.read(sql::ENTITIES_IN_STATE, &params).await?
        }
    };
    all(&rows, columns::entity)
}

pub(in crate::postgres) async fn log(
    db: &Db,
    key: &EntityKey,
    from_seq: u64,
    limit: u32,
) -> Result<Vec<LogRow>, Failure> {
    let params = params![
        key.tenant.as_str(),
        key.machine.as_str(),
        key.id.as_str(),
        int(from_seq),
        i64::from(limit),
    ];
    let rows = db.read(sql::LOG, &params).await?;
    all(&rows, columns::log_row)
}

pub(in crate::postgres) async fn refuse(db: &Db, row: &RefusalRow) -> Result<(), Failure> {
    let params = params![
        row.key.tenant.as_str(),
        row.key.machine.as_str(),
        row.key.id.as_str(),
        Micros(row.at),
        row.event.as_str(),
        row.event_id.as_str(),
        row.actor.as_str(),
        row.outcome.as_str(),
        row.blockers.as_str(),
        row.input.as_str(),
        row.state.as_str(),
        int(row.revision),
    ];
    db.write(sql::REFUSE, &params).await.map(drop)
}

pub(in crate::postgres) async fn refusals(
    db: &Db,
    key: &EntityKey,
    limit: u32,
) -> Result<Vec<RefusalRow>, Failure> {
    let params = params![
        key.tenant.as_str(),
        key.machine.as_str(),
        key.id.as_str(),
        i64::from(limit),
    ];
    let rows = db.read(sql::REFUSALS, &params).await?;
    all(&rows, columns::refusal)
}
