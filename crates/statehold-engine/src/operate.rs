//! What operators do to dead letters. Every verb needs a reason and leaves an audit row.

use statehold_core::{Actor, codes};
use statehold_store::{EffectRow, EffectStatus, OperateOutcome, OperatorAct};

use crate::door;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::query::unknown_effect;
use crate::rows;
use crate::views::{self, EffectView};

impl Engine {
    /// Asks for a dead effect again: at once, with its attempts from zero and under its first key.
    ///
    /// # Errors
    /// No reason is given; there is no such effect; it is not dead; its invoking state was left; the store failed.
    pub async fn retry_dead_letter(
        &self,
        id: &str,
        actor: &Actor,
        reason: &str,
    ) -> Result<EffectView, EngineError> {
        let act = self.act(actor, reason)?;
        let store = &self.shared.store;
        let row = store.effect(&self.tenant, id).await;
        let row = row.map_err(EngineError::store(format!("read effect `{id}`")))?;
        let row = row.ok_or_else(|| unknown_effect(id))?;
        if row.status == EffectStatus::Dead {
            self.check_still_wanted(&row).await?;
        }
        let outcome = store.retry_dead(&self.tenant, id, act).await;
        let retried = done(
            id,
            outcome.map_err(EngineError::store(format!("retry `{id}`")))?,
        )?;
        self.note_change();
        Ok(retried)
    }

    /// Closes a dead effect for good.
    ///
    /// # Errors
    /// No reason is given; there is no such effect; it is not dead; the store failed.
    pub async fn discard_dead_letter(
        &self,
        id: &str,
        actor: &Actor,
        reason: &str,
    ) -> Result<EffectView, EngineError> {
        let act = self.act(actor, reason)?;
        let outcome = self.shared.store.discard_dead(&self.tenant, id, act).await;
        done(
            id,
            outcome.map_err(EngineError::store(format!("discard `{id}`")))?,
        )
    }

    fn act(&self, actor: &Actor, reason: &str) -> Result<OperatorAct, EngineError> {
        if reason.trim().is_empty() {
            return Err(EngineError::invalid(
                codes::REASON_MISSING,
                "a reason is required: it is what the next person on duty reads",
            ));
        }
        door::check_input_size(&serde_json::Value::String(reason.to_owned()))?;
        Ok(OperatorAct {
            at: self.now(),
            actor: rows::actor_json(actor),
            reason: reason.trim().to_owned(),
        })
    }

    /// An invoke whose state was left has nobody waiting for it: sending it again could only do harm.
    async fn check_still_wanted(&self, row: &EffectRow) -> Result<(), EngineError> {
        let Some(invoke) = &row.invoke else {
            return Ok(());
        };
        let (entity, _) = self.load(&row.entity, None).await?;
        let machine = self.machine(&entity.key.machine, Some(entity.chart_version))?;
        let snapshot = rows::snapshot(&machine, &entity)?;
        if machine.is_current(&snapshot, &rows::invoke_ref(invoke)) {
            return Ok(());
        }
        Err(EngineError::invalid(
            codes::INVOKE_LEFT,
            format!(
                "entity `{}` has left `{}`, which waited for this effect; it is in `{}` now. \
                 Discard the dead letter instead",
                row.entity.id, invoke.state, entity.state
            ),
        ))
    }
}

fn done(id: &str, outcome: OperateOutcome) -> Result<EffectView, EngineError> {
    match outcome {
        OperateOutcome::Done(row) => Ok(views::effect(*row)),
        OperateOutcome::Missing => Err(unknown_effect(id)),
        OperateOutcome::NotDead(status) => Err(EngineError::invalid(
            codes::NOT_DEAD,
            format!("effect `{id}` is not a dead letter but {}", status.as_str()),
        )),
    }
}
