//! The life of one event: load, authorise, decide, commit; again from the start if somebody else was faster.
//!
//! Everything that is checked is checked on the snapshot whose revision the commit names, so that nothing can change
//! between the check and the write. Callers' events, timers and results of effects take the same path.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use statehold_core::{
    CREATE_EVENT, Creation, Deferred, Event, Machine, Outcome, Refusal, Snapshot, Step, codes,
};
use statehold_store::{Commit, CommitOutcome, Consume, EntityKey, EntityRow, LogRow, RefusalRow};

use crate::door;
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::ids;
use crate::offer::{FireEvent, NewEntity};
use crate::recall;
use crate::rows::{self, to_json};
use crate::views::{self, Fired};

/// Waits between conflicts grow up to this. Longer waits would only lengthen the answer; the rivals commit in less.
const CONFLICT_WAIT_MAX: Duration = Duration::from_millis(20);

/// An event on its way through the engine.
pub(crate) struct Incoming {
    pub(crate) event: Event,
    pub(crate) event_id: String,
    pub(crate) cause: Option<String>,
    pub(crate) if_revision: Option<u64>,
    pub(crate) consume: Option<Consume>,
    /// Its macrostep sees no earlier instant, whatever the clock of this node says.
    pub(crate) not_before: Option<Timestamp>,
}

/// What is to be written, and the answer once it is.
struct Decided {
    commit: Commit,
    fired: Fired,
    /// Deferred events that come to nothing with it.
    dropped: Vec<Deferred>,
}

/// How an incoming event ended, where it was not refused.
pub(crate) enum Ended {
    Fired(Box<Fired>),
    /// What it would have consumed is gone: somebody else did it.
    Stale,
}

impl Engine {
    /// Creates an entity of the newest version of a machine.
    ///
    /// # Errors
    /// A refusal (input, id taken, step failed) or a failing store; nothing exists then.
    pub async fn create(&self, machine: &str, new: NewEntity) -> Result<Fired, EngineError> {
        let machine = self.machine(machine, None)?;
        let id = match (new.id, &new.event_id) {
            (Some(id), _) => id,
            // A repeated creation must find the entity of the first one.
            (None, Some(event_id)) => ids::derived(&machine.name, event_id),
            (None, None) => ids::mint(),
        };
        let key = door::entity_key(&self.tenant, &machine.name, &id)?;
        let event_id = door::event_id(new.event_id.as_deref())?;
        door::check_input_size(&new.input)?;
        let now = self.now();
        let fingerprint = ids::fingerprint(CREATE_EVENT, &new.input);
        let masked = rows::masked_input(&machine, CREATE_EVENT, &new.input);
        let creation = Creation {
            id: id.clone(),
            input: new.input,
            actor: new.actor.clone(),
        };
        let step = storable(machine.start(creation, now)?)?;
        let draft = Draft {
            key: &key,
            machine: &machine,
            kind: CREATE_EVENT,
            event_id: &event_id,
            fingerprint: &fingerprint,
            actor: &new.actor,
            cause: None,
            masked_input: &masked,
            outcome: Outcome::Applied,
            is_recalled: false,
        };
        let (commit, fired) = draft.build(&step, None, None, now);
        let doing = format!("create entity `{id}` of machine `{}`", machine.name);
        let outcome = self.shared.store.commit(commit).await;
        match outcome.map_err(EngineError::store(doing))? {
            CommitOutcome::Applied => {
                self.note_change();
                Ok(fired)
            }
            CommitOutcome::Duplicate(row) => self.duplicate(&key, *row, &fingerprint).await,
            CommitOutcome::Conflict { .. } | CommitOutcome::Stale => Err(EngineError::invalid(
                codes::ENTITY_EXISTS,
                format!("entity `{id}` of machine `{}` exists already", machine.name),
            )),
        }
    }

    /// Fires an event at an entity.
    ///
    /// # Errors
    /// A refusal with its reasons, or a failing store. Only [`Outcome::Unknown`] leaves open whether it happened;
    /// firing again under the same event id is then safe.
    pub async fn fire(
        &self,
        machine: &str,
        id: &str,
        event: FireEvent,
    ) -> Result<Fired, EngineError> {
        self.machine(machine, None)?;
        let key = door::entity_key(&self.tenant, machine, id)?;
        door::check_event_type(&event.kind)?;
        door::check_input_size(&event.input)?;
        let incoming = Incoming {
            event_id: door::event_id(event.event_id.as_deref())?,
            cause: None,
            if_revision: event.if_revision,
            consume: None,
            not_before: None,
            event: Event::new(event.kind).input(event.input).actor(event.actor),
        };
        match self.apply(&key, incoming).await? {
            Ended::Fired(fired) => Ok(*fired),
            Ended::Stale => Err(conflict(&key)),
        }
    }

    /// Takes an event through to its end: decided on one revision, committed on the same.
    pub(crate) async fn apply(
        &self,
        key: &EntityKey,
        incoming: Incoming,
    ) -> Result<Ended, EngineError> {
        let fingerprint = ids::fingerprint(&incoming.event.kind, &incoming.event.input);
        for conflicts in 0..=self.shared.config.conflict_retries {
            if conflicts > 0 {
                self.wait_after_conflict(&incoming.event_id, conflicts)
                    .await;
            }
            let (row, earlier) = self.load(key, Some(&incoming.event_id)).await?;
            if let Some(earlier) = earlier {
                let fired = self.duplicate(key, earlier, &fingerprint).await?;
                return Ok(Ended::Fired(Box::new(fired)));
            }
            if incoming
                .if_revision
                .is_some_and(|wanted| wanted != row.revision)
            {
                return Err(stale_revision(&row, incoming.if_revision));
            }
            let decided = self.decide(&row, &incoming, &fingerprint);
            let Decided {
                commit,
                fired,
                dropped,
            } = match decided {
                Ok(decided) => decided,
                Err(error) => {
                    self.record_refusal(&row, &incoming, &error).await;
                    return Err(error);
                }
            };
            let recalls = commit.timers.iter().any(recall::is_mark);
            let doing = format!("fire `{}` at entity `{}`", incoming.event.kind, key.id);
            let outcome = self.shared.store.commit(commit).await;
            match outcome.map_err(EngineError::store(doing))? {
                CommitOutcome::Applied => {
                    self.record_dropped(&row, &fired, dropped).await;
                    self.note_change();
                    if recalls {
                        self.recall_now(key).await;
                    }
                    return Ok(Ended::Fired(Box::new(fired)));
                }
                CommitOutcome::Duplicate(earlier) => {
                    let fired = self.duplicate(key, *earlier, &fingerprint).await?;
                    return Ok(Ended::Fired(Box::new(fired)));
                }
                CommitOutcome::Stale => return Ok(Ended::Stale),
                CommitOutcome::Conflict { .. } => {}
            }
        }
        Err(conflict(key))
    }

    /// Everything between the load and the commit, on one snapshot.
    fn decide(
        &self,
        row: &EntityRow,
        incoming: &Incoming,
        fingerprint: &str,
    ) -> Result<Decided, EngineError> {
        let now = incoming
            .not_before
            .map_or_else(|| self.now(), |earliest| self.now().max(earliest));
        let machine = self.machine(&row.key.machine, Some(row.chart_version))?;
        let snapshot = rows::snapshot(&machine, row)?;
        let mut event = incoming.event.clone();
        let (step, outcome) = match judge(&machine, &snapshot, &mut event, now) {
            Ok(step) => (step, Outcome::Applied),
            Err(refusal) if refusal.outcome == Outcome::Accepted => {
                let kept = machine.defer(&snapshot, &event, &incoming.event_id)?;
                (kept, Outcome::Accepted)
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let masked = rows::masked_input(&machine, &event.kind, &event.input);
        let draft = Draft {
            key: &row.key,
            machine: &machine,
            kind: &event.kind,
            event_id: &incoming.event_id,
            fingerprint,
            actor: &event.actor,
            cause: incoming.cause.as_deref(),
            masked_input: &masked,
            outcome,
            is_recalled: false,
        };
        let (commit, fired) = draft.build(&step, Some(row), incoming.consume.clone(), now);
        Ok(Decided {
            commit,
            fired,
            dropped: step.dropped,
        })
    }

    /// The entity's row, or the refusal that there is none.
    pub(crate) async fn load(
        &self,
        key: &EntityKey,
        event_id: Option<&str>,
    ) -> Result<(EntityRow, Option<LogRow>), EngineError> {
        let doing = format!("load entity `{}` of machine `{}`", key.id, key.machine);
        let found = self.shared.store.load(key, event_id).await;
        found.map_err(EngineError::store(doing))?.ok_or_else(|| {
            EngineError::invalid(
                codes::UNKNOWN_ENTITY,
                format!(
                    "there is no entity `{}` of machine `{}`",
                    key.id, key.machine
                ),
            )
        })
    }

    /// The first result of an event that comes a second time.
    async fn duplicate(
        &self,
        key: &EntityKey,
        earlier: LogRow,
        fingerprint: &str,
    ) -> Result<Fired, EngineError> {
        if earlier.fingerprint != fingerprint {
            return Err(EngineError::invalid(
                codes::EVENT_ID_REUSED,
                format!(
                    "event id `{}` was used for `{}` with another input",
                    earlier.event_id, earlier.event
                ),
            ));
        }
        let entity = self.view(&self.load(key, None).await?.0)?;
        let effects = rows::from_json(&earlier.result)["effects"].take();
        Ok(Fired {
            outcome: Outcome::Duplicate,
            entity,
            from: earlier.from_state,
            to: earlier.to_state,
            seq: earlier.seq,
            event_id: earlier.event_id,
            transitions: serde_json::from_str(&earlier.transitions).unwrap_or_default(),
            effects: serde_json::from_value(effects).unwrap_or_default(),
            warnings: Vec::new(),
        })
    }

    async fn wait_after_conflict(&self, event_id: &str, conflicts: u32) {
        let cap = CONFLICT_WAIT_MAX.min(Duration::from_micros(250) * conflicts);
        let drawn = ids::seed(&format!("{event_id}#{conflicts}"));
        let wait = Duration::from_nanos(((u128::from(drawn) * cap.as_nanos()) >> 64) as u64);
        // A real pause even where the clock is a fake one: what is waited for is other callers' progress.
        tokio::time::sleep(wait).await;
    }

    /// Keeps a trace of a refused event. The refusal stands whether or not the trace can be written.
    pub(crate) async fn record_refusal(
        &self,
        row: &EntityRow,
        incoming: &Incoming,
        error: &EngineError,
    ) {
        let EngineError::Refused(refusal) = error else {
            return;
        };
        let from_engine = incoming.event.origin != statehold_core::Origin::External;
        if from_engine && !matches!(refusal.outcome, Outcome::GuardError | Outcome::StepError) {
            return;
        }
        let input = match self.machine(&row.key.machine, Some(row.chart_version)) {
            Ok(machine) => {
                rows::masked_input(&machine, &incoming.event.kind, &incoming.event.input)
            }
            Err(_) => Value::Null,
        };
        let refused = RefusalRow {
            key: row.key.clone(),
            at: self.now(),
            event: incoming.event.kind.clone(),
            event_id: incoming.event_id.clone(),
            actor: rows::actor_json(&incoming.event.actor),
            outcome: refusal.outcome.name().to_owned(),
            blockers: to_json(&refusal.blockers),
            input: input.to_string(),
            state: row.state.clone(),
            revision: row.revision,
        };
        if let Err(error) = self.shared.store.refuse(refused).await {
            tracing::warn!(entity = %row.key.id, %error, "a refused event could not be recorded");
        }
    }

    pub(crate) fn view(&self, row: &EntityRow) -> Result<views::EntityView, EngineError> {
        let machine = self.machine(&row.key.machine, Some(row.chart_version))?;
        let snapshot = rows::snapshot(&machine, row)?;
        Ok(views::entity(&machine, row, &snapshot))
    }
}

/// The verdict on one snapshot: permission, input, step.
pub(crate) fn judge(
    machine: &Machine,
    snapshot: &Snapshot,
    event: &mut Event,
    now: Timestamp,
) -> Result<Step, Refusal> {
    if event.origin == statehold_core::Origin::External {
        machine.authorize(snapshot, event, now)?;
        machine.check_input(event)?;
    }
    storable(machine.step(snapshot, event, now)?)
}

/// Delayed and stored events to the entity itself have no row yet: a step that asks for one is refused whole.
pub(crate) fn storable(step: Step) -> Result<Step, Refusal> {
    if step.sends.is_empty() && step.cancelled_sends.is_empty() {
        return Ok(step);
    }
    Err(Refusal::step_error(
        codes::NOT_SUPPORTED_YET,
        "the step sends an event to the entity itself, which is not supported yet",
    ))
}

fn conflict(key: &EntityKey) -> EngineError {
    Refusal::new(
        Outcome::Conflict,
        codes::CONFLICT,
        format!(
            "entity `{}` of machine `{}` kept changing; try again",
            key.id, key.machine
        ),
    )
    .into()
}

fn stale_revision(row: &EntityRow, wanted: Option<u64>) -> EngineError {
    Refusal::new(
        Outcome::StaleRevision,
        codes::STALE_REVISION,
        format!(
            "entity `{}` is at revision {}, not {}",
            row.key.id,
            row.revision,
            wanted.unwrap_or_default()
        ),
    )
    .into()
}
