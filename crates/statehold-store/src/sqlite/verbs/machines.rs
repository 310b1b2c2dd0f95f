//! Published machine versions.

use rusqlite::{Connection, Result, named_params};

use crate::rows::*;
use crate::sqlite::columns::{self, execute, micros, query, query_one};
use crate::sqlite::sql;

pub(in crate::sqlite) fn publish(
    db: &Connection,
    row: &MachineVersionRow,
) -> Result<PublishOutcome> {
    if let Some(hash) = published_hash(db, row)? {
        return Ok(if hash == row.hash {
            PublishOutcome::Unchanged
        } else {
            PublishOutcome::Different(hash)
        });
    }
    execute(
        db,
        sql::PUBLISH,
        named_params! {
            ":tenant": row.tenant,
            ":machine": row.machine,
            ":version": row.version,
            ":source": row.source,
            ":hash": row.hash,
            ":published_at": micros(row.published_at),
            ":published_by": row.published_by,
        },
    )?;
    Ok(PublishOutcome::Published)
}

fn published_hash(db: &Connection, row: &MachineVersionRow) -> Result<Option<String>> {
    query_one(
        db,
        sql::PUBLISHED_HASH,
        named_params! { ":tenant": row.tenant, ":machine": row.machine, ":version": row.version },
        columns::hash,
    )
}

pub(in crate::sqlite) fn machine_versions(
    db: &Connection,
    tenant: Option<&str>,
) -> Result<Vec<MachineVersionRow>> {
    query(
        db,
        sql::MACHINE_VERSIONS,
        named_params! { ":tenant": tenant },
        columns::machine_version,
    )
}
