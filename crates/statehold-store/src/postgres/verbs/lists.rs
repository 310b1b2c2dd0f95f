//! A batch of commits as the arrays that `commit.sql` takes: one array per column, in the order of its parameters.
//!
//! What belongs to a commit names it by its place in the batch, from 1.

use crate::postgres::params::{Micros, Param, int, param};
use crate::rows::*;

/// Declares a list of columns and how they are bound, in this order.
macro_rules! columns {
    ($(#[$doc:meta])* $name:ident { $($column:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Default)]
        pub(super) struct $name<'a> {
            $($column: Vec<$ty>,)*
            // Not every list borrows.
            _commits: std::marker::PhantomData<&'a Commit>,
        }

        impl<'a> $name<'a> {
            pub(super) fn bind(self, params: &mut Vec<Param<'a>>) {
                $(params.push(param(self.$column));)*
            }
        }
    };
}

columns! {
    /// Entity rows and log rows.
    Steps {
        tenant: &'a str,
        machine: &'a str,
        id: &'a str,
        creates: bool,
        revision: i64,
        chart_version: i64,
        state: &'a str,
        status: &'a str,
        context: &'a str,
        memory: &'a str,
        created_at: Micros,
        entered_at: Micros,
        updated_at: Micros,
        at: Micros,
        event: &'a str,
        event_id: &'a str,
        fingerprint: &'a str,
        actor: &'a str,
        cause: Option<&'a str>,
        from_state: &'a str,
        transitions: &'a str,
        patch: &'a str,
        input: &'a str,
        result: &'a str,
        log_version: i64,
        consumes: bool,
    }
}

columns! {
    /// Effects asked for.
    NewEffects {
        step: i64,
        id: &'a str,
        path: &'a str,
        name: &'a str,
        kind: &'a str,
        request: &'a str,
        key: &'a str,
        invoke_state: Option<&'a str>,
        invoke_entry: Option<i64>,
        due: Micros,
    }
}

columns! {
    /// Effects used up. Those without a status are tried again.
    Settles {
        step: i64,
        effect: &'a str,
        epoch: i64,
        status: Option<&'a str>,
        due: Option<Micros>,
        at: Option<Micros>,
        error: Option<&'a str>,
        reply: Option<&'a str>,
        tried: bool,
        attempt_epoch: Option<i64>,
        started_at: Option<Micros>,
        ended_at: Option<Micros>,
        outcome: Option<&'a str>,
        http_status: Option<i32>,
        detail: Option<&'a str>,
        next_due: Option<Micros>,
    }
}

columns! {
    /// Timers used up.
    TimersUsed {
        step: i64,
        number: i64,
    }
}

columns! {
    /// State entries whose timers or invokes go.
    Cancels {
        step: i64,
        state: &'a str,
        entry: i64,
    }
}

columns! {
    /// Timers set.
    NewTimers {
        step: i64,
        state: &'a str,
        name: &'a str,
        entry: i64,
        due: Micros,
    }
}

/// The commits with their places.
fn numbered<'c, 'a>(commits: &'c [&'a Commit]) -> impl Iterator<Item = (i64, &'a Commit)> + 'c {
    (1..).zip(commits.iter().copied())
}

impl<'a> Steps<'a> {
    pub(super) fn of(commits: &[&'a Commit]) -> Self {
        let mut list = Self::default();
        for commit in commits {
            list.push_entity(&commit.entity, commit.expected == Expected::New);
            list.push_log(&commit.log);
            list.consumes.push(commit.consume.is_some());
        }
        list
    }

    fn push_entity(&mut self, row: &'a EntityRow, creates: bool) {
        self.tenant.push(&row.key.tenant);
        self.machine.push(&row.key.machine);
        self.id.push(&row.key.id);
        self.creates.push(creates);
        self.revision.push(int(row.revision));
        self.chart_version.push(i64::from(row.chart_version));
        self.state.push(&row.state);
        self.status.push(row.status.as_str());
        self.context.push(&row.context);
        self.memory.push(&row.memory);
        self.created_at.push(Micros(row.created_at));
        self.entered_at.push(Micros(row.entered_at));
        self.updated_at.push(Micros(row.updated_at));
    }

    fn push_log(&mut self, row: &'a LogRow) {
        self.at.push(Micros(row.at));
        self.event.push(&row.event);
        self.event_id.push(&row.event_id);
        self.fingerprint.push(&row.fingerprint);
        self.actor.push(&row.actor);
        self.cause.push(row.cause.as_deref());
        self.from_state.push(&row.from_state);
        self.transitions.push(&row.transitions);
        self.patch.push(&row.patch);
        self.input.push(&row.input);
        self.result.push(&row.result);
        self.log_version.push(i64::from(row.chart_version));
    }
}

impl<'a> NewEffects<'a> {
    pub(super) fn of(commits: &[&'a Commit]) -> Self {
        let mut list = Self::default();
        for (step, commit) in numbered(commits) {
            for effect in &commit.effects {
                list.push(step, effect);
            }
        }
        list
    }

    fn push(&mut self, step: i64, effect: &'a NewEffect) {
        let invoke = effect.invoke.as_ref();
        self.step.push(step);
        self.id.push(&effect.id);
        self.path.push(&effect.path);
        self.name.push(&effect.name);
        self.kind.push(&effect.kind);
        self.request.push(&effect.request);
        self.key.push(&effect.key);
        self.invoke_state.push(invoke.map(|invoke| &*invoke.state));
        self.invoke_entry
            .push(invoke.map(|invoke| int(invoke.entry)));
        self.due.push(Micros(effect.due));
    }
}

impl<'a> Settles<'a> {
    pub(super) fn of(commits: &[&'a Commit]) -> Self {
        let mut list = Self::default();
        for (step, commit) in numbered(commits) {
            if let Some(Consume::Effect(settle)) = &commit.consume {
                list.push(step, settle);
            }
        }
        list
    }

    fn push(&mut self, step: i64, settle: &'a Settle) {
        let end = EndColumns::of(settle);
        let attempt = settle.attempt.as_ref();
        self.step.push(step);
        self.effect.push(&settle.effect);
        self.epoch.push(int(settle.epoch));
        self.status.push(end.status);
        self.due.push(end.due);
        self.at.push(end.at);
        self.error.push(end.error);
        self.reply.push(end.reply);
        self.tried.push(attempt.is_some());
        self.attempt_epoch
            .push(attempt.map(|tried| int(tried.epoch)));
        self.started_at
            .push(attempt.map(|tried| Micros(tried.started_at)));
        self.ended_at
            .push(attempt.map(|tried| Micros(tried.ended_at)));
        self.outcome.push(attempt.map(|tried| &*tried.outcome));
        self.http_status
            .push(attempt.and_then(|tried| tried.http_status.map(i32::from)));
        self.detail.push(attempt.map(|tried| &*tried.detail));
        self.next_due
            .push(attempt.and_then(|tried| tried.next_due.map(Micros)));
    }
}

/// What becomes of an effect, as columns: without a status it is tried again.
pub(super) struct EndColumns<'a> {
    pub(super) status: Option<&'a str>,
    pub(super) due: Option<Micros>,
    pub(super) at: Option<Micros>,
    pub(super) error: Option<&'a str>,
    pub(super) reply: Option<&'a str>,
}

impl<'a> EndColumns<'a> {
    pub(super) fn of(settle: &'a Settle) -> Self {
        match &settle.to {
            SettleTo::Retry { due } => Self {
                status: None,
                due: Some(Micros(*due)),
                at: None,
                error: None,
                reply: None,
            },
            SettleTo::End {
                status,
                at,
                error,
                reply,
            } => Self {
                status: Some(status.as_str()),
                due: None,
                at: Some(Micros(*at)),
                error: error.as_deref(),
                reply: reply.as_deref(),
            },
        }
    }
}

impl<'a> TimersUsed<'a> {
    pub(super) fn of(commits: &[&'a Commit]) -> Self {
        let mut list = Self::default();
        for (step, commit) in numbered(commits) {
            if let Some(Consume::Timer { number }) = &commit.consume {
                list.step.push(step);
                list.number.push(*number);
            }
        }
        list
    }
}

impl<'a> Cancels<'a> {
    pub(super) fn of(commits: &[&'a Commit], entries: fn(&'a Commit) -> &'a [InvokeRef]) -> Self {
        let mut list = Self::default();
        for (step, commit) in numbered(commits) {
            for entry in entries(commit) {
                list.step.push(step);
                list.state.push(&entry.state);
                list.entry.push(int(entry.entry));
            }
        }
        list
    }
}

impl<'a> NewTimers<'a> {
    pub(super) fn of(commits: &[&'a Commit]) -> Self {
        let mut list = Self::default();
        for (step, commit) in numbered(commits) {
            for timer in &commit.timers {
                list.step.push(step);
                list.state.push(&timer.state);
                list.name.push(&timer.name);
                list.entry.push(int(timer.entry));
                list.due.push(Micros(timer.due));
            }
        }
        list
    }
}
