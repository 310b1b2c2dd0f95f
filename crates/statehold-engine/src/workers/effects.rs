//! Working on one claimed effect: call, judge the answer, record the attempt together with what follows from it.
//!
//! Every write names the claim's epoch. A result that comes under an old epoch is thrown away: whoever holds the new
//! one answers for the effect, under the same key.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use statehold_core::machine::{EffectDef, Machine, OnDead};
use statehold_core::retry::{self, AttemptOutcome, Next};
use statehold_core::{Event, FrozenHeader, InvokeRef, Outcome, effect_error};
use statehold_store::{
    Consume, EffectAttempt, EffectAttemptRow, EffectRow, EffectStatus, Settle, SettleTo,
};

use crate::clock::micros;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::fire::{Ended, Incoming};
use crate::ids;
use crate::rows::{self, StoredRequest};
use crate::transport::{Outgoing, Reply, SendError};

/// Heartbeats per lease: two may be lost before the lease is.
const HEARTBEATS_PER_LEASE: u32 = 3;

/// Effects of a chart version that this node does not know are left to others for this long.
const UNKNOWN_VERSION_PAUSE: Duration = Duration::from_secs(30);

/// One effect under one claim.
struct Call {
    row: EffectRow,
    machine: Machine,
    request: StoredRequest,
    started_at: Timestamp,
}

/// What an attempt came to.
struct Judged {
    outcome: AttemptOutcome,
    http_status: Option<u16>,
    detail: String,
    /// The reply as it is kept: `{status, body}`.
    reply: Option<Value>,
    /// For `event.error.kind`.
    kind: &'static str,
}

impl Engine {
    /// Claims up to `limit` due effects.
    pub(super) async fn claim(&self, limit: usize) -> Result<Vec<EffectRow>, EngineError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let lease = self.shared.config.lease;
        let claimed = self
            .shared
            .store
            .claim_effects(self.now(), lease, limit)
            .await;
        claimed.map_err(EngineError::store("claim effects"))
    }

    /// Takes one claimed effect as far as it goes now. Errors are the store's; the lease then brings the effect back.
    pub(super) async fn run_effect(&self, row: EffectRow) {
        let engine = self.for_tenant(&row.entity.tenant);
        let (id, name) = (row.id.clone(), row.name.clone());
        if let Err(error) = engine.work_on(row).await {
            tracing::warn!(effect = %id, %name, %error, "an effect could not be settled");
        }
    }

    async fn work_on(&self, row: EffectRow) -> Result<(), EngineError> {
        if row.claims > self.shared.config.poison_claims {
            let claims = row.claims - 1;
            let why = format!("poison: {claims} claims ended without a recorded attempt");
            return self
                .end(&row, None, EffectStatus::Dead, Some(why), None)
                .await;
        }
        let Ok(request) = serde_json::from_str::<StoredRequest>(&row.request) else {
            let why = "the stored request is not readable".to_owned();
            return self
                .end(&row, None, EffectStatus::Dead, Some(why), None)
                .await;
        };
        let Ok(machine) = self.machine(&row.entity.machine, Some(request.version)) else {
            tracing::warn!(machine = %row.entity.machine, version = request.version, "an effect belongs to a machine version that is not loaded");
            let due = self.later(UNKNOWN_VERSION_PAUSE);
            return self.settle(&row, None, SettleTo::Retry { due }).await;
        };
        let call = Call {
            started_at: self.now(),
            row,
            machine,
            request,
        };
        let Some(def) = call.machine.effects.get(&call.row.name) else {
            let why = format!(
                "machine version {} has no effect `{}`",
                call.request.version, call.row.name
            );
            return self
                .end(&call.row, None, EffectStatus::Dead, Some(why), None)
                .await;
        };
        let Some(sent) = self.send_with_heartbeat(&call, def).await else {
            tracing::warn!(effect = %call.row.id, "a lease was lost during a call; its result is thrown away");
            return Ok(());
        };
        let judged = judge(&call.machine, def, sent);
        self.conclude(&call, def, judged).await
    }

    /// Sends, keeping the lease alive. None if the lease was lost: the call is then broken off.
    async fn send_with_heartbeat(
        &self,
        call: &Call,
        def: &EffectDef,
    ) -> Option<Result<Reply, SendError>> {
        let outgoing = match self.outgoing(call, def) {
            Ok(outgoing) => outgoing,
            Err(problem) => return Some(Err(SendError::NotSent(problem))),
        };
        let send = self.shared.transport.send(&outgoing);
        tokio::pin!(send);
        let lease = self.shared.config.lease;
        loop {
            let beat = self.later(lease / HEARTBEATS_PER_LEASE);
            tokio::select! {
                sent = &mut send => return Some(sent),
                () = self.shared.clock.wait_until(beat) => {
                    let (id, epoch) = (&call.row.id, call.row.epoch);
                    match self.shared.store.heartbeat(id, epoch, self.later(lease)).await {
                        Ok(true) => {}
                        Ok(false) => return None,
                        // The lease still runs; the next beat tries again, and every settle checks the epoch.
                        Err(error) => tracing::warn!(effect = %id, %error, "a heartbeat failed"),
                    }
                }
            }
        }
    }

    /// Completes the frozen request with what only this node knows: addresses and secret values.
    fn outgoing(&self, call: &Call, def: &EffectDef) -> Result<Outgoing, String> {
        let Some(http) = call.request.request.http() else {
            return Err("effects done by a handler are not supported yet".to_owned());
        };
        let destinations = &self.shared.destinations;
        let base = destinations
            .address(&http.destination)
            .map_err(|e| e.to_string())?;
        let headers = http
            .headers
            .iter()
            .map(|(name, value)| match value {
                FrozenHeader::Text(text) => Ok((name.clone(), text.clone())),
                FrozenHeader::Env(env) => destinations
                    .get(env)
                    .map(|value| (name.clone(), value.to_owned()))
                    .ok_or_else(|| format!("`env.{env}` for header `{name}` is not configured")),
            })
            .collect::<Result<_, _>>()?;
        Ok(Outgoing {
            method: http.method.clone(),
            url: format!("{base}{}", http.path),
            headers,
            body: http.body.clone(),
            key: call.row.key.clone(),
            timeout: def.timeout,
        })
    }

    /// Records the attempt with what follows from it.
    async fn conclude(
        &self,
        call: &Call,
        def: &EffectDef,
        judged: Judged,
    ) -> Result<(), EngineError> {
        let made = call.row.attempts + 1;
        match judged.outcome {
            AttemptOutcome::Ok => {
                let output = judged.reply.clone().unwrap_or(Value::Null);
                let event = Event::effect_done(&call.row.name, invoke_of(&call.row), output, made);
                self.report(call, def, &judged, event, EffectStatus::Ok)
                    .await
            }
            AttemptOutcome::Refused => self.fail(call, def, &judged).await,
            AttemptOutcome::Transient
            | AttemptOutcome::Throttled { .. }
            | AttemptOutcome::Unknown
            | AttemptOutcome::Abandoned => match self.next_try(call, def, &judged, made).await? {
                Ok(due) => {
                    let attempt = self.attempt(call, &judged, Some(due));
                    self.settle(&call.row, Some(attempt), SettleTo::Retry { due })
                        .await
                }
                Err(why) => self.exhausted(call, def, judged, &why).await,
            },
        }
    }

    /// When to try again, or why not.
    async fn next_try(
        &self,
        call: &Call,
        def: &EffectDef,
        judged: &Judged,
        made: u32,
    ) -> Result<Result<Timestamp, String>, EngineError> {
        if !def.retry.on.covers(judged.outcome, judged.http_status) {
            return Ok(Err(format!(
                "the chart does not retry this ({})",
                judged.kind
            )));
        }
        let retry_after = match judged.outcome {
            AttemptOutcome::Throttled { retry_after } => retry_after,
            _ => None,
        };
        let first_at = match def.retry.total {
            Some(_) => self.first_attempt_at(call).await?,
            None => call.started_at,
        };
        let seed = ids::seed(&call.row.key);
        let next = retry::next(&def.retry, made, first_at, self.now(), retry_after, seed);
        Ok(match next {
            Next::At(due) => Ok(micros(due)),
            Next::Exhausted(why) => Err(why.to_string()),
        })
    }

    /// When the first attempt of this generation began.
    async fn first_attempt_at(&self, call: &Call) -> Result<Timestamp, EngineError> {
        let tries = self.tries(&call.row.id).await?;
        let first = tries.iter().find(|t| t.generation == call.row.generation);
        Ok(first.map_or(call.started_at, |t| t.attempt.started_at))
    }

    async fn tries(&self, id: &str) -> Result<Vec<EffectAttemptRow>, EngineError> {
        let tries = self.shared.store.effect_attempts(&self.tenant, id).await;
        tries.map_err(EngineError::store(format!("read the attempts of `{id}`")))
    }

    /// No further try. If it may have happened nonetheless, the chart is not told that it failed: a person decides.
    async fn exhausted(
        &self,
        call: &Call,
        def: &EffectDef,
        mut judged: Judged,
        why: &str,
    ) -> Result<(), EngineError> {
        judged.detail = format!("{}; {why}", judged.detail);
        let raise = match def.on_dead {
            Some(OnDead::Raise) => true,
            Some(OnDead::Continue) => false,
            None => !self.may_have_happened(call, &judged).await?,
        };
        if raise {
            return self.fail(call, def, &judged).await;
        }
        let attempt = self.attempt(call, &judged, None);
        let reply = judged.reply.map(|reply| reply.to_string());
        self.end(
            &call.row,
            Some(attempt),
            EffectStatus::Dead,
            Some(judged.detail),
            reply,
        )
        .await
    }

    async fn may_have_happened(&self, call: &Call, judged: &Judged) -> Result<bool, EngineError> {
        if judged.outcome == AttemptOutcome::Unknown {
            return Ok(true);
        }
        Ok(self.tries(&call.row.id).await?.iter().any(|t| {
            t.generation == call.row.generation
                && t.attempt.outcome == AttemptOutcome::Unknown.name()
        }))
    }

    /// A definite no: the chart is told, and if it has no answer to it, a person is.
    async fn fail(&self, call: &Call, def: &EffectDef, judged: &Judged) -> Result<(), EngineError> {
        let reply = judged.reply.as_ref();
        let body = reply.map_or(&Value::Null, |reply| &reply["body"]);
        let error = effect_error(judged.kind, judged.http_status, body, &judged.detail);
        let made = call.row.attempts + 1;
        let event = Event::effect_error(&call.row.name, invoke_of(&call.row), error, made);
        self.report(call, def, judged, event, EffectStatus::Failed)
            .await
    }

    /// Offers the end of the effect to the chart, settled in the same commit; settles it alone if the chart passes.
    async fn report(
        &self,
        call: &Call,
        def: &EffectDef,
        judged: &Judged,
        event: Event,
        status: EffectStatus,
    ) -> Result<(), EngineError> {
        let attempt = self.attempt(call, judged, None);
        let error = (status == EffectStatus::Failed).then(|| judged.detail.clone());
        let reply = judged.reply.as_ref().map(Value::to_string);
        let row = &call.row;
        if !def.reports {
            let (status, error) = unanswered(status, error);
            return self.end(row, Some(attempt), status, error, reply).await;
        }
        let to = self.ended(status, error.clone(), reply.clone());
        let incoming = Incoming {
            event,
            event_id: ids::effect_event(row),
            cause: Some(row.key.clone()),
            if_revision: None,
            not_before: None,
            consume: Some(Consume::Effect(Settle {
                effect: row.id.clone(),
                epoch: row.epoch,
                attempt: Some(attempt.clone()),
                to,
            })),
        };
        match self.apply(&row.entity, incoming).await {
            Ok(Ended::Fired(fired)) if fired.outcome == Outcome::Applied => Ok(()),
            // The log holds this very result: only the settling is missing.
            Ok(Ended::Fired(_)) => self.end(row, Some(attempt), status, error, reply).await,
            Ok(Ended::Stale) => {
                tracing::warn!(effect = %row.id, "a result came under an old claim and is thrown away");
                Ok(())
            }
            Err(EngineError::Refused(refusal)) => {
                self.end_refused(row, attempt, status, error, reply, &refusal)
                    .await
            }
            Err(error) => Err(error),
        }
    }

    /// The chart did not take the result: why decides what becomes of the effect.
    async fn end_refused(
        &self,
        row: &EffectRow,
        attempt: EffectAttempt,
        status: EffectStatus,
        error: Option<String>,
        reply: Option<String>,
        refusal: &statehold_core::Refusal,
    ) -> Result<(), EngineError> {
        let (status, error) = match refusal.outcome {
            // Nobody waits for it any more.
            Outcome::Ignored => (status, Some(refusal.message.clone())),
            Outcome::NoTransition | Outcome::GuardFailed => unanswered(status, error),
            // Left claimed, so that the lease brings it back.
            Outcome::Conflict => return Ok(()),
            _ => (
                EffectStatus::Dead,
                Some(format!(
                    "its result could not be applied: {}",
                    refusal.message
                )),
            ),
        };
        self.end(row, Some(attempt), status, error, reply).await
    }

    fn attempt(&self, call: &Call, judged: &Judged, next_due: Option<Timestamp>) -> EffectAttempt {
        EffectAttempt {
            epoch: call.row.epoch,
            started_at: call.started_at,
            ended_at: self.now(),
            outcome: judged.outcome.name().to_owned(),
            http_status: judged.http_status,
            detail: judged.detail.clone(),
            next_due,
        }
    }

    fn ended(
        &self,
        status: EffectStatus,
        error: Option<String>,
        reply: Option<String>,
    ) -> SettleTo {
        SettleTo::End {
            status,
            at: self.now(),
            error,
            reply,
        }
    }

    async fn end(
        &self,
        row: &EffectRow,
        attempt: Option<EffectAttempt>,
        status: EffectStatus,
        error: Option<String>,
        reply: Option<String>,
    ) -> Result<(), EngineError> {
        if status == EffectStatus::Dead {
            tracing::error!(effect = %row.id, name = %row.name, entity = %row.entity.id, why = error.as_deref(), "an effect is a dead letter now");
        }
        let to = self.ended(status, error, reply);
        self.settle(row, attempt, to).await
    }

    async fn settle(
        &self,
        row: &EffectRow,
        attempt: Option<EffectAttempt>,
        to: SettleTo,
    ) -> Result<(), EngineError> {
        let settle = Settle {
            effect: row.id.clone(),
            epoch: row.epoch,
            attempt,
            to,
        };
        let settled = self.shared.store.settle(settle).await;
        if !settled.map_err(EngineError::store(format!("settle effect `{}`", row.id)))? {
            tracing::warn!(effect = %row.id, "a result came under an old claim and is thrown away");
        }
        self.note_change();
        Ok(())
    }
}

fn invoke_of(effect: &EffectRow) -> Option<InvokeRef> {
    effect.invoke.as_ref().map(rows::invoke_ref)
}

/// An end that the chart has no answer to: a yes is fine, a no is for a person.
fn unanswered(status: EffectStatus, error: Option<String>) -> (EffectStatus, Option<String>) {
    match status {
        EffectStatus::Failed => (EffectStatus::Dead, error),
        other => (other, error),
    }
}

/// What the answer, or its absence, means.
fn judge(machine: &Machine, def: &EffectDef, sent: Result<Reply, SendError>) -> Judged {
    let reply = match sent {
        Ok(reply) => reply,
        Err(error) => return judge_silence(&error),
    };
    let kept = json!({ "status": reply.status, "body": reply.body });
    let outcome = match machine.judge_reply(def, &kept) {
        Ok(Some(outcome)) => outcome,
        Ok(None) => retry::classify(reply.status, reply.retry_after, &def.retry.on),
        // The call was made and answered; what the answer means cannot be told.
        Err(error) => {
            return Judged {
                outcome: AttemptOutcome::Unknown,
                http_status: Some(reply.status),
                detail: format!("the reply could not be judged: {error}"),
                reply: Some(kept),
                kind: "unknown",
            };
        }
    };
    let kind = match outcome {
        AttemptOutcome::Refused => "refused",
        AttemptOutcome::Throttled { .. } => "throttled",
        AttemptOutcome::Unknown => "unknown",
        _ => "transient",
    };
    let cut = if reply.truncated {
        ", reply cut to 64 KiB"
    } else {
        ""
    };
    Judged {
        outcome,
        http_status: Some(reply.status),
        detail: format!("HTTP {}{cut}", reply.status),
        reply: Some(kept),
        kind,
    }
}

fn judge_silence(error: &SendError) -> Judged {
    let (outcome, kind) = match error {
        SendError::NotSent(_) => (AttemptOutcome::Transient, "transient"),
        SendError::TimedOut(_) => (AttemptOutcome::Unknown, "timeout"),
        SendError::Broken(_) => (AttemptOutcome::Unknown, "unknown"),
    };
    Judged {
        outcome,
        http_status: None,
        detail: error.to_string(),
        reply: None,
        kind,
    }
}
