//! Between columns and rows. A [`Cells`] hands out the columns of a result from left to right, so every SELECT lists
//! its columns in the order in which the row types declare their fields.
//!
//! A row that does not fit its type (written by another version, or by hand) is an error, never a panic.

use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::failure::Failure;
use super::params::Micros;
use crate::rows::*;

type Result<T> = std::result::Result<T, Failure>;

/// Every row, read.
pub(super) fn all<T>(rows: &[Row], read: fn(&mut Cells<'_>) -> Result<T>) -> Result<Vec<T>> {
    rows.iter().map(|row| read(&mut Cells::new(row))).collect()
}

/// The first row, read, if there is one.
pub(super) fn first<T>(rows: &[Row], read: fn(&mut Cells<'_>) -> Result<T>) -> Result<Option<T>> {
    rows.first()
        .map(|row| read(&mut Cells::new(row)))
        .transpose()
}

/// The columns of one result row, from left to right.
pub(super) struct Cells<'row> {
    row: &'row Row,
    next: usize,
}

impl<'row> Cells<'row> {
    pub(super) fn new(row: &'row Row) -> Self {
        Self { row, next: 0 }
    }

    /// The next column as it is.
    pub(super) fn take<T: FromSql<'row>>(&mut self) -> Result<T> {
        let index = self.next;
        self.next += 1;
        self.row.try_get(index).map_err(Failure::unreadable)
    }

    fn text(&mut self) -> Result<String> {
        self.take()
    }

    /// The next column as a number that is never negative.
    pub(super) fn number<T: TryFrom<i64>>(&mut self) -> Result<T> {
        let stored: i64 = self.take()?;
        in_range(stored)
    }

    /// The next column as such a number, or nothing.
    pub(super) fn optional_number<T: TryFrom<i64>>(&mut self) -> Result<Option<T>> {
        let stored: Option<i64> = self.take()?;
        stored.map(in_range).transpose()
    }

    fn instant(&mut self) -> Result<Timestamp> {
        let stored: Micros = self.take()?;
        Ok(stored.0)
    }

    /// The next column as an instant, or nothing.
    pub(super) fn optional_instant(&mut self) -> Result<Option<Timestamp>> {
        let stored: Option<Micros> = self.take()?;
        Ok(stored.map(|micros| micros.0))
    }

    /// The next column as one of a closed set of names.
    fn named<T>(&mut self, from_name: fn(&str) -> Option<T>) -> Result<T> {
        let name = self.text()?;
        from_name(&name)
            .ok_or_else(|| Failure::unreadable(format!("`{name}` is not a known status")))
    }
}

fn in_range<T: TryFrom<i64>>(stored: i64) -> Result<T> {
    T::try_from(stored).map_err(|_| Failure::unreadable(format!("{stored} is out of range")))
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

/// An entity with a log row of its own, of which there may be none.
pub(super) fn entity_and_log(cells: &mut Cells<'_>) -> Result<(EntityRow, Option<LogRow>)> {
    let entity = entity(cells)?;
    let log = optional_log(cells, &entity.key)?;
    Ok((entity, log))
}

/// A log row of a known entity, of which there may be none.
pub(super) fn optional_log(cells: &mut Cells<'_>, key: &EntityKey) -> Result<Option<LogRow>> {
    match cells.optional_number()? {
        Some(seq) => log_after_seq(cells, key.clone(), seq).map(Some),
        None => Ok(None),
    }
}

pub(super) fn log_row(cells: &mut Cells<'_>) -> Result<LogRow> {
    let key = entity_key(cells)?;
    let seq = cells.number()?;
    log_after_seq(cells, key, seq)
}

fn log_after_seq(cells: &mut Cells<'_>, key: EntityKey, seq: u64) -> Result<LogRow> {
    Ok(LogRow {
        key,
        seq,
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
            http_status: http_status(cells)?,
            detail: cells.text()?,
            next_due: cells.optional_instant()?,
        },
    })
}

fn http_status(cells: &mut Cells<'_>) -> Result<Option<u16>> {
    let stored: Option<i32> = cells.take()?;
    stored.map(|status| in_range(i64::from(status))).transpose()
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

pub(super) fn hash(cells: &mut Cells<'_>) -> Result<String> {
    cells.text()
}

pub(super) fn due(cells: &mut Cells<'_>) -> Result<Option<Timestamp>> {
    cells.optional_instant()
}

pub(super) fn effect_status(cells: &mut Cells<'_>) -> Result<EffectStatus> {
    cells.named(EffectStatus::from_name)
}
