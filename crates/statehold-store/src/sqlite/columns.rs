//! Between columns and rows. A [`Cells`] hands out the columns of a result from left to right, so every SELECT lists
//! its columns in the order in which the row types declare their fields.
//!
//! A row that does not fit its type (written by another version, or by hand) is an error, never a panic.

use jiff::Timestamp;
use rusqlite::types::{FromSql, Type};
use rusqlite::{Connection, Error, Params, Result, Row};

use crate::rows::*;

/// All rows of a cached statement.
pub(super) fn query<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: fn(&mut Cells<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(&mut Cells::new(row))?);
    }
    Ok(found)
}

/// The only row of a cached statement, if it has one.
pub(super) fn query_one<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: fn(&mut Cells<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let found = match rows.next()? {
        Some(row) => Some(read(&mut Cells::new(row))?),
        None => None,
    };
    // A statement with RETURNING has done all its work by its first row; stepping to its end resets it.
    while rows.next()?.is_some() {}
    Ok(found)
}

/// How many rows a cached statement without result changed.
pub(super) fn execute(db: &Connection, sql: &str, params: impl Params) -> Result<usize> {
    db.prepare_cached(sql)?.execute(params)
}

/// A number as SQLite keeps it. What does not fit is larger than any stored number, so comparisons stay right;
/// numbers that are written were checked before.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// An instant as SQLite keeps it.
pub(super) fn micros(instant: Timestamp) -> i64 {
    instant.as_microsecond()
}

/// The columns of one result row, from left to right.
pub(super) struct Cells<'row> {
    row: &'row Row<'row>,
    next: usize,
}

impl<'row> Cells<'row> {
    fn new(row: &'row Row<'row>) -> Self {
        Self { row, next: 0 }
    }

    /// The next column as it is.
    pub(super) fn take<T: FromSql>(&mut self) -> Result<T> {
        let index = self.next;
        self.next += 1;
        self.row.get(index)
    }

    fn text(&mut self) -> Result<String> {
        self.take()
    }

    /// The next column as a number that is never negative.
    pub(super) fn number<T: TryFrom<i64>>(&mut self) -> Result<T> {
        let index = self.next;
        let stored: i64 = self.take()?;
        T::try_from(stored).map_err(|_| Error::IntegralValueOutOfRange(index, stored))
    }

    fn optional_number<T: TryFrom<i64>>(&mut self) -> Result<Option<T>> {
        let index = self.next;
        let Some(stored) = self.take::<Option<i64>>()? else {
            return Ok(None);
        };
        let number = T::try_from(stored);
        number
            .map(Some)
            .map_err(|_| Error::IntegralValueOutOfRange(index, stored))
    }

    fn instant(&mut self) -> Result<Timestamp> {
        let index = self.next;
        let stored = self.take()?;
        Timestamp::from_microsecond(stored)
            .map_err(|_| Error::IntegralValueOutOfRange(index, stored))
    }

    fn optional_instant(&mut self) -> Result<Option<Timestamp>> {
        let index = self.next;
        let Some(stored) = self.take::<Option<i64>>()? else {
            return Ok(None);
        };
        let instant = Timestamp::from_microsecond(stored);
        instant
            .map(Some)
            .map_err(|_| Error::IntegralValueOutOfRange(index, stored))
    }

    /// The next column as one of a closed set of names.
    fn named<T>(&mut self, from_name: fn(&str) -> Option<T>) -> Result<T> {
        let index = self.next;
        let name = self.text()?;
        from_name(&name).ok_or_else(|| {
            let what = format!("`{name}` is not a known status");
            Error::FromSqlConversionFailure(index, Type::Text, what.into())
        })
    }
}

pub(super) fn entity_key(cells: &mut Cells<'_>) -> Result<EntityKey> {
    Ok(EntityKey {
        tenant: cells.text()?,
        machine: cells.text()?,
        id: cells.text()?,
    })
}

pub(super) fn machine_version(cells: &mut Cells<'_>) -> Result<MachineVersionRow> {
    Ok(MachineVersionRow {
        tenant: cells.text()?,
        machine: cells.text()?,
        version: cells.number()?,
        source: cells.text()?,
        hash: cells.text()?,
        published_at: cells.instant()?,
        published_by: cells.text()?,
    })
}

pub(super) fn entity(cells: &mut Cells<'_>) -> Result<EntityRow> {
    Ok(EntityRow {
        key: entity_key(cells)?,
        revision: cells.number()?,
        chart_version: cells.number()?,
        state: cells.text()?,
        status: cells.named(EntityStatus::from_name)?,
        context: cells.text()?,
        memory: cells.text()?,
        created_at: cells.instant()?,
        entered_at: cells.instant()?,
        updated_at: cells.instant()?,
    })
}

pub(super) fn log_row(cells: &mut Cells<'_>) -> Result<LogRow> {
    Ok(LogRow {
        key: entity_key(cells)?,
        seq: cells.number()?,
        at: cells.instant()?,
        event: cells.text()?,
        event_id: cells.text()?,
        fingerprint: cells.text()?,
        actor: cells.text()?,
        cause: cells.take()?,
        from_state: cells.text()?,
        to_state: cells.text()?,
        transitions: cells.text()?,
        patch: cells.text()?,
        input: cells.text()?,
        result: cells.text()?,
        chart_version: cells.number()?,
    })
}

pub(super) fn refusal(cells: &mut Cells<'_>) -> Result<RefusalRow> {
    Ok(RefusalRow {
        key: entity_key(cells)?,
        at: cells.instant()?,
        event: cells.text()?,
        event_id: cells.text()?,
        actor: cells.text()?,
        outcome: cells.text()?,
        blockers: cells.text()?,
        input: cells.text()?,
        state: cells.text()?,
        revision: cells.number()?,
    })
}

pub(super) fn timer(cells: &mut Cells<'_>) -> Result<TimerRow> {
    Ok(TimerRow {
        number: cells.take()?,
        entity: entity_key(cells)?,
        timer: NewTimer {
            state: cells.text()?,
            name: cells.text()?,
            entry: cells.number()?,
            due: cells.instant()?,
        },
    })
}

pub(super) fn effect(cells: &mut Cells<'_>) -> Result<EffectRow> {
    Ok(EffectRow {
        id: cells.text()?,
        entity: entity_key(cells)?,
        seq: cells.number()?,
        path: cells.text()?,
        name: cells.text()?,
        kind: cells.text()?,
        request: cells.text()?,
        key: cells.text()?,
        invoke: invoke(cells)?,
        status: cells.named(EffectStatus::from_name)?,
        due: cells.instant()?,
        lease_until: cells.optional_instant()?,
        epoch: cells.number()?,
        claims: cells.number()?,
        attempts: cells.number()?,
        generation: cells.number()?,
        last_error: cells.take()?,
        reply: cells.take()?,
        created_at: cells.instant()?,
        settled_at: cells.optional_instant()?,
    })
}

fn invoke(cells: &mut Cells<'_>) -> Result<Option<InvokeRef>> {
    let state: Option<String> = cells.take()?;
    let entry: Option<u64> = cells.optional_number()?;
    // A constraint keeps the two columns set or empty together.
    Ok(state
        .zip(entry)
        .map(|(state, entry)| InvokeRef { state, entry }))
}

pub(super) fn effect_attempt(cells: &mut Cells<'_>) -> Result<EffectAttemptRow> {
    Ok(EffectAttemptRow {
        effect: cells.text()?,
        n: cells.number()?,
        generation: cells.number()?,
        attempt: EffectAttempt {
            epoch: cells.number()?,
            started_at: cells.instant()?,
            ended_at: cells.instant()?,
            outcome: cells.text()?,
            http_status: cells.optional_number()?,
            detail: cells.text()?,
            next_due: cells.optional_instant()?,
        },
    })
}

pub(super) fn operator_act(cells: &mut Cells<'_>) -> Result<OperatorRow> {
    Ok(OperatorRow {
        verb: cells.text()?,
        effect: cells.text()?,
        act: OperatorAct {
            at: cells.instant()?,
            actor: cells.text()?,
            reason: cells.text()?,
        },
    })
}

pub(super) fn revision(cells: &mut Cells<'_>) -> Result<u64> {
    cells.number()
}

pub(super) fn hash(cells: &mut Cells<'_>) -> Result<String> {
    cells.text()
}

pub(super) fn due(cells: &mut Cells<'_>) -> Result<Option<Timestamp>> {
    cells.optional_instant()
}

pub(super) fn effect_status(cells: &mut Cells<'_>) -> Result<EffectStatus> {
    cells.named(EffectStatus::from_name)
}
