//! One macrostep: all checks, then all writes.
//!
//! Its parameters are bound by position, in the order in which the SQL first names them: a step binds some fifty, and
//! looking each up by its name shows in the cost of a commit.

use jiff::Timestamp;
use rusqlite::{Connection, Error, Result, params};

use super::effects::settle;
use super::entities::logged_event;
use super::timers::drop_timer;
use crate::rows::*;
use crate::sqlite::columns::{self, execute, int, micros, query_one};
use crate::sqlite::sql;

pub(in crate::sqlite) fn commit(db: &Connection, commit: &Commit) -> Result<CommitOutcome> {
    if let Some(outcome) = obstacle(db, commit)? {
        return Ok(outcome);
    }
    write_entity_and_log(db, commit)?;
    // Cancels before it settles and adds, so that neither the consumed effect nor new work is hit.
    cancel(db, commit)?;
    consume(db, commit)?;
    for effect in &commit.effects {
        add_effect(db, commit, effect)?;
    }
    for timer in &commit.timers {
        set_timer(db, &commit.entity.key, timer)?;
    }
    Ok(CommitOutcome::Applied)
}

/// What stands in the way, in the order every store checks: repeated event, revision, consumed work.
fn obstacle(db: &Connection, commit: &Commit) -> Result<Option<CommitOutcome>> {
    let key = &commit.entity.key;
    if let Some(row) = logged_event(db, key, &commit.log.event_id)? {
        return Ok(Some(CommitOutcome::Duplicate(Box::new(row))));
    }
    let found = head(db, key)?;
    let expected = match commit.expected {
        Expected::New => None,
        Expected::Revision(revision) => Some(revision),
    };
    if found != expected {
        return Ok(Some(CommitOutcome::Conflict { found }));
    }
    let there = match &commit.consume {
        None => true,
        Some(Consume::Timer { number }) => has_timer(db, key, *number)?,
        Some(Consume::Effect(settle)) => has_effect(db, key, settle)?,
    };
    Ok((!there).then_some(CommitOutcome::Stale))
}

fn head(db: &Connection, key: &EntityKey) -> Result<Option<u64>> {
    query_one(
        db,
        sql::COMMIT_HEAD,
        params![key.tenant, key.machine, key.id],
        columns::revision,
    )
}

fn has_timer(db: &Connection, key: &EntityKey, number: i64) -> Result<bool> {
    db.prepare_cached(sql::COMMIT_TIMER)?
        .exists(params![number, key.tenant, key.machine, key.id,])
}

fn has_effect(db: &Connection, key: &EntityKey, settle: &Settle) -> Result<bool> {
    db.prepare_cached(sql::COMMIT_EFFECT)?.exists(params![
        settle.effect,
        int(settle.epoch),
        key.tenant,
        key.machine,
        key.id,
    ])
}

/// The log row refers to the entity row, and a trigger lets the entity row move only to where its log row leads:
/// so a new entity comes before its log row, and a moving one after.
fn write_entity_and_log(db: &Connection, commit: &Commit) -> Result<()> {
    match commit.expected {
        Expected::New => {
            create_entity(db, &commit.entity)?;
            append_log(db, &commit.log)
        }
        Expected::Revision(_) => {
            append_log(db, &commit.log)?;
            move_entity(db, &commit.entity)
        }
    }
}

fn create_entity(db: &Connection, row: &EntityRow) -> Result<()> {
    execute(
        db,
        sql::CREATE_ENTITY,
        params![
            row.key.tenant,
            row.key.machine,
            row.key.id,
            int(row.revision),
            row.chart_version,
            row.state,
            row.status.as_str(),
            row.context,
            row.memory,
            micros(row.created_at),
            micros(row.entered_at),
            micros(row.updated_at),
        ],
    )?;
    Ok(())
}

fn move_entity(db: &Connection, row: &EntityRow) -> Result<()> {
    let moved = execute(
        db,
        sql::MOVE_ENTITY,
        params![
            int(row.revision),
            row.chart_version,
            row.state,
            row.status.as_str(),
            row.context,
            row.memory,
            micros(row.entered_at),
            micros(row.updated_at),
            row.key.tenant,
            row.key.machine,
            row.key.id,
        ],
    )?;
    // The transaction holds the write lock since it read the revision, so this is a bug if it ever happens; as an
    // error it rolls back.
    if moved != 1 {
        return Err(Error::StatementChangedRows(moved));
    }
    Ok(())
}

fn append_log(db: &Connection, row: &LogRow) -> Result<()> {
    execute(
        db,
        sql::APPEND_LOG,
        params![
            row.key.tenant,
            row.key.machine,
            row.key.id,
            int(row.seq),
            micros(row.at),
            row.event,
            row.event_id,
            row.fingerprint,
            row.actor,
            row.cause,
            row.from_state,
            row.to_state,
            row.transitions,
            row.patch,
            row.input,
            row.result,
            row.chart_version,
        ],
    )?;
    Ok(())
}

fn cancel(db: &Connection, commit: &Commit) -> Result<()> {
    let key = &commit.entity.key;
    for entry in &commit.cancel_timers {
        execute(
            db,
            sql::CANCEL_TIMERS,
            params![
                key.tenant,
                key.machine,
                key.id,
                entry.state,
                int(entry.entry),
            ],
        )?;
    }
    for entry in &commit.cancel_invokes {
        cancel_invokes(db, key, entry, commit.log.at)?;
    }
    Ok(())
}

fn cancel_invokes(
    db: &Connection,
    key: &EntityKey,
    entry: &InvokeRef,
    at: Timestamp,
) -> Result<()> {
    execute(
        db,
        sql::CANCEL_INVOKES,
        params![
            micros(at),
            key.tenant,
            key.machine,
            key.id,
            entry.state,
            int(entry.entry),
        ],
    )?;
    Ok(())
}

fn consume(db: &Connection, commit: &Commit) -> Result<()> {
    match &commit.consume {
        // The timer may be gone by now: a step that leaves its state cancels the timer that caused it.
        Some(Consume::Timer { number }) => drop_timer(db, *number).map(drop),
        Some(Consume::Effect(end)) => settle(db, end).map(drop),
        None => Ok(()),
    }
}

fn add_effect(db: &Connection, commit: &Commit, effect: &NewEffect) -> Result<()> {
    let key = &commit.entity.key;
    let invoke = effect.invoke.as_ref();
    execute(
        db,
        sql::ADD_EFFECT,
        params![
            key.tenant,
            effect.id,
            key.machine,
            key.id,
            int(commit.log.seq),
            effect.path,
            effect.name,
            effect.kind,
            effect.request,
            effect.key,
            invoke.map(|invoke| &invoke.state),
            invoke.map(|invoke| int(invoke.entry)),
            micros(effect.due),
            micros(commit.log.at),
        ],
    )?;
    Ok(())
}

fn set_timer(db: &Connection, key: &EntityKey, timer: &NewTimer) -> Result<()> {
    execute(
        db,
        sql::SET_TIMER,
        params![
            key.tenant,
            key.machine,
            key.id,
            timer.state,
            timer.name,
            int(timer.entry),
            micros(timer.due),
        ],
    )?;
    Ok(())
}
