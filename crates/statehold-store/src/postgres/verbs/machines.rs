//! Published machine versions.

use crate::postgres::columns::{self, all, first};
use crate::postgres::db::Db;
use crate::postgres::failure::Failure;
use crate::postgres::params::{Micros, params};
use crate::postgres::sql;
use crate::rows::*;

pub(in crate::postgres) async fn publish(
    db: &Db,
    row: &MachineVersionRow,
) -> Result<PublishOutcome, Failure> {
    let new = params![
        row.tenant.as_str(),
        row.machine.as_str(),
        i64::from(row.version),
        row.source.as_str(),
        row.hash.as_str(),
        Micros(row.published_at),
        row.published_by.as_str(),
    ];
    if !db.write(sql::PUBLISH, &new).await?.is_empty() {
        return Ok(PublishOutcome::Published);
    }
    // A version that is there never changes or goes, so looking again is safe.
    let there = params![
        row.tenant.as_str(),
        row.machine.as_str(),
        i64::from(row.version),
    ];
    let rows = db.read(sql::PUBLISHED_HASH, &there).await?;
    let hash = first(&rows, columns::hash)?;
    let hash = hash.ok_or_else(|| Failure::unreadable("a published version is gone"))?;
    Ok(if hash == row.hash {
        PublishOutcome::Unchanged
    } else {
        PublishOutcome::Different(hash)
    })
}

pub(in crate::postgres) async fn machine_versions(
    db: &Db,
    tenant: Option<&str>,
) -> Result<Vec<MachineVersionRow>, Failure> {
    let rows = db.read(sql::MACHINE_VERSIONS, &params![tenant]).await?;
    all(&rows, columns::machine_version)
}
