//! Macrosteps: one alone in one round trip, many in one statement, and why one was not written.

use super::lists::{Cancels, NewEffects, NewTimers, Settles, Steps, TimersUsed};
use crate::postgres::columns::{Cells, optional_log};
use crate::postgres::db::Session;
use crate::postgres::failure::{Effect, Failure};
use crate::postgres::params::{Micros, int, params};
use crate::postgres::sql;
use crate::rows::*;

/// Whether a commit is written with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::postgres) enum Company {
    /// With others: it never waits for a row, so that the others do not.
    Batch,
    /// Alone: it waits.
    Alone,
}

/// Why a commit was not written.
#[derive(Debug)]
pub(in crate::postgres) enum Verdict {
    /// Something stands in its way for good.
    Refused(CommitOutcome),
    /// Its log row does not begin where the entity stands.
    Contradiction,
    /// Nothing does, any more.
    Free,
}

/// Writes those commits that can be, each whole or not at all, and says which. At most one per entity, in key order.
pub(in crate::postgres) async fn write(
    session: &mut Session,
    commits: &[&Commit],
    company: Company,
) -> Result<Vec<bool>, Failure> {
    match (commits, company) {
        ([commit], Company::Alone) if is_plain(commit) => {
            let rows = write_plain(session, commit).await?;
            Ok(vec![rows > 0])
        }
        _ => write_all(session, commits, company).await,
    }
}

/// Whether the commit is an entity row and a log row and nothing else.
fn is_plain(commit: &Commit) -> bool {
    commit.effects.is_empty()
        && commit.timers.is_empty()
        && commit.cancel_timers.is_empty()
        && commit.cancel_invokes.is_empty()
        && commit.consume.is_none()
}

async fn write_plain(session: &mut Session, commit: &Commit) -> Result<usize, Failure> {
    let (e, l) = (&commit.entity, &commit.log);
    let creates = commit.expected == Expected::New;
    let mut params = Vec::with_capacity(24);
    params.extend(params![
        e.key.tenant.as_str(),
        e.key.machine.as_str(),
        e.key.id.as_str(),
        int(e.revision),
        i64::from(e.chart_version),
        e.state.as_str(),
        e.status.as_str(),
        e.context.as_str(),
        e.memory.as_str(),
    ]);
    if creates {
        params.extend(params![Micros(e.created_at)]);
    }
    params.extend(params![
        Micros(e.entered_at),
        Micros(e.updated_at),
        Micros(l.at),
        l.event.as_str(),
        l.event_id.as_str(),
        l.fingerprint.as_str(),
        l.actor.as_str(),
        l.cause.as_deref(),
        l.from_state.as_str(),
        l.transitions.as_str(),
        l.patch.as_str(),
        l.input.as_str(),
        l.result.as_str(),
        i64::from(l.chart_version),
    ]);
    let sql = if creates {
        sql::CREATE_ENTITY
    } else {
        sql::MOVE_ENTITY
    };
    let rows = session.query(sql, &params, Effect::Writes).await?;
    Ok(rows.len())
}

async fn write_all(
    session: &mut Session,
    commits: &[&Commit],
    company: Company,
) -> Result<Vec<bool>, Failure> {
    let (steps, effects) = (Steps::of(commits), NewEffects::of(commits));
    let (settles, used) = (Settles::of(commits), TimersUsed::of(commits));
    let cancel_timers = Cancels::of(commits, |commit| &commit.cancel_timers);
    let cancel_invokes = Cancels::of(commits, |commit| &commit.cancel_invokes);
    let timers = NewTimers::of(commits);
    let mut params = Vec::with_capacity(65);
    steps.bind(&mut params);
    effects.bind(&mut params);
    settles.bind(&mut params);
    used.bind(&mut params);
    cancel_timers.bind(&mut params);
    cancel_invokes.bind(&mut params);
    timers.bind(&mut params);
    let sql = match company {
        Company::Batch => sql::COMMIT,
        Company::Alone => &sql::COMMIT_WAITING,
    };
    let rows = session.query(sql, &params, Effect::Writes).await?;
    let mut written = vec![false; commits.len()];
    for row in &rows {
        // Numbered from 1 by the statement.
        let n: usize = Cells::new(row).number()?;
        let place = n.checked_sub(1).and_then(|n| written.get_mut(n));
        *place.ok_or_else(|| Failure::unreadable("a commit that was not sent"))? = true;
    }
    Ok(written)
}

/// What stands in the way of each, in the order every store checks: repeated event, revision, consumed work.
pub(in crate::postgres) async fn why(
    session: &mut Session,
    commits: &[&Commit],
) -> Result<Vec<Verdict>, Failure> {
    let keys = || commits.iter().map(|commit| &commit.entity.key);
    let consumed = |commit: &Commit| match &commit.consume {
        Some(Consume::Timer { number }) => (Some(*number), None),
        Some(Consume::Effect(settle)) => (None, Some((settle.effect.clone(), int(settle.epoch)))),
        None => (None, None),
    };
    let work: Vec<_> = commits.iter().map(|commit| consumed(commit)).collect();
    let params = params![
        keys().map(|key| key.tenant.as_str()).collect::<Vec<_>>(),
        keys().map(|key| key.machine.as_str()).collect::<Vec<_>>(),
        keys().map(|key| key.id.as_str()).collect::<Vec<_>>(),
        commits
            .iter()
            .map(|commit| commit.log.event_id.as_str())
            .collect::<Vec<_>>(),
        work.iter().map(|(timer, _)| *timer).collect::<Vec<_>>(),
        work.iter()
            .map(|(_, effect)| effect.as_ref().map(|(id, _)| id.as_str()))
            .collect::<Vec<_>>(),
        work.iter()
            .map(|(_, effect)| effect.as_ref().map(|(_, epoch)| *epoch))
            .collect::<Vec<_>>(),
    ];
    let rows = session
        .query(sql::COMMIT_WHY, &params, Effect::Reads)
        .await?;
    let mut verdicts: Vec<Verdict> = commits.iter().map(|_| Verdict::Free).collect();
    for row in &rows {
        let mut cells = Cells::new(row);
        let n: usize = cells.number()?;
        let place = n.checked_sub(1).filter(|n| *n < commits.len());
        let place = place.ok_or_else(|| Failure::unreadable("a commit that was not asked for"))?;
        verdicts[place] = verdict(commits[place], &mut cells)?;
    }
    Ok(verdicts)
}

fn verdict(commit: &Commit, cells: &mut Cells<'_>) -> Result<Verdict, Failure> {
    let found: Option<u64> = cells.optional_number()?;
    let state: Option<String> = cells.take()?;
    let has_work: bool = cells.take()?;
    let key = crate::postgres::columns::entity_key(cells)?;
    if let Some(row) = optional_log(cells, &key)? {
        return Ok(Verdict::Refused(CommitOutcome::Duplicate(Box::new(row))));
    }
    let expected = match commit.expected {
        Expected::New => None,
        Expected::Revision(revision) => Some(revision),
    };
    if found != expected {
        return Ok(Verdict::Refused(CommitOutcome::Conflict { found }));
    }
    if !has_work {
        return Ok(Verdict::Refused(CommitOutcome::Stale));
    }
    let continues = state.is_none_or(|state| state == commit.log.from_state);
    Ok(if continues {
        Verdict::Free
    } else {
        Verdict::Contradiction
    })
}

/// Returns when a synchronous standby has whatever was committed on the entity before.
pub(in crate::postgres) async fn wait_for_standby(
    session: &mut Session,
    key: &EntityKey,
) -> Result<(), Failure> {
    let params = params![key.tenant.as_str(), key.machine.as_str(), key.id.as_str(),];
    let touched = session.query(sql::TOUCH_ENTITY, &params, Effect::Writes);
    touched.await.map(drop)
}
