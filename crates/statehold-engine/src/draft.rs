//! From a step to what makes it durable: the commit, and the answer that goes with it.

use serde_json::{Value, json};
use statehold_core::{Actor, Machine, Outcome, Step};
use statehold_store::{Commit, Consume, EntityKey, EntityRow, Expected, LogRow};

use crate::recall;
use crate::rows::{self, to_json};
use crate::views::{self, Fired, FiredEffect};

/// What a commit is made of, beside the step.
pub(crate) struct Draft<'a> {
    pub(crate) key: &'a EntityKey,
    pub(crate) machine: &'a Machine,
    pub(crate) kind: &'a str,
    pub(crate) event_id: &'a str,
    pub(crate) fingerprint: &'a str,
    pub(crate) actor: &'a Actor,
    pub(crate) cause: Option<&'a str>,
    pub(crate) masked_input: &'a Value,
    /// What the caller is told.
    pub(crate) outcome: Outcome,
    /// The event was deferred before.
    pub(crate) is_recalled: bool,
}

impl Draft<'_> {
    /// The commit, and the answer that is given once it is durable.
    pub(crate) fn build(
        &self,
        step: &Step,
        before: Option<&EntityRow>,
        consume: Option<Consume>,
        now: jiff::Timestamp,
    ) -> (Commit, Fired) {
        let entity = rows::entity_row(self.key, self.machine, step, before, now);
        let effects = rows::effect_rows(
            self.key,
            self.machine.version,
            self.event_id,
            &step.effects,
            now,
        );
        let fired_effects: Vec<FiredEffect> = effects
            .iter()
            .map(|effect| FiredEffect {
                id: effect.id.clone(),
                name: effect.name.clone(),
                key: effect.key.clone(),
            })
            .collect();
        let fired = Fired {
            outcome: self.outcome,
            entity: views::entity(self.machine, &entity, &step.snapshot),
            from: step.from.clone(),
            to: step.to.clone(),
            seq: entity.revision,
            event_id: self.event_id.to_owned(),
            transitions: step.transitions.clone(),
            warnings: views::event_deprecation(self.machine, self.kind)
                .into_iter()
                .collect(),
            effects: fired_effects,
        };
        let left: Vec<_> = step.left.iter().map(rows::invoke_row).collect();
        let mut timers = rows::timer_rows(step);
        let mut cancel_timers = left.clone();
        recall::mark(step, self.is_recalled, now, &mut timers, &mut cancel_timers);
        let commit = Commit {
            expected: before.map_or(Expected::New, |row| Expected::Revision(row.revision)),
            log: self.log_row(step, &entity, &fired, now),
            entity,
            effects,
            timers,
            cancel_timers,
            cancel_invokes: left,
            consume,
        };
        (commit, fired)
    }

    fn log_row(
        &self,
        step: &Step,
        entity: &EntityRow,
        fired: &Fired,
        now: jiff::Timestamp,
    ) -> LogRow {
        LogRow {
            key: self.key.clone(),
            seq: entity.revision,
            at: now,
            event: self.kind.to_owned(),
            event_id: self.event_id.to_owned(),
            fingerprint: self.fingerprint.to_owned(),
            actor: rows::actor_json(self.actor),
            cause: self.cause.map(str::to_owned),
            from_state: step.from.clone(),
            to_state: step.to.clone(),
            transitions: to_json(&step.transitions),
            patch: Value::Object(self.machine.context.mask(&step.patch)).to_string(),
            input: self.masked_input.to_string(),
            result: json!({ "effects": fired.effects }).to_string(),
            chart_version: self.machine.version,
        }
    }
}
