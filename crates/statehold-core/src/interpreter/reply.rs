//! What a reply from outside means by the chart's own rules.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::view::View;
use crate::configuration::StateSet;
use crate::event::Event;
use crate::expr::{EvalError, Expr};
use crate::machine::{EffectDef, Machine};
use crate::retry::AttemptOutcome;
use crate::snapshot::EntityInfo;

impl Machine {
    /// Judges a reply `{status, body}` by the effect's `ok` and `refused` rules, in this order. None if the effect has
    /// no rules or neither holds: then the default for HTTP statuses applies.
    ///
    /// # Errors
    /// A rule could not be evaluated: what the reply means is not known.
    pub fn judge_reply(
        &self,
        effect: &EffectDef,
        response: &Value,
    ) -> Result<Option<AttemptOutcome>, EvalError> {
        if holds(self, effect.ok.as_ref(), response)? {
            return Ok(Some(AttemptOutcome::Ok));
        }
        if holds(self, effect.refused.as_ref(), response)? {
            return Ok(Some(AttemptOutcome::Refused));
        }
        Ok(None)
    }
}

/// Rules see the reply and nothing else: the entity may have moved on since the request was made.
fn holds(machine: &Machine, rule: Option<&Expr>, response: &Value) -> Result<bool, EvalError> {
    let Some(rule) = rule else { return Ok(false) };
    let nothing = (
        Map::new(),
        Event::new(""),
        StateSet::empty(machine.states.len()),
    );
    let nobody = EntityInfo {
        id: "".into(),
        owner: None,
        revision: 0,
    };
    let view = View {
        machine,
        entity: &nobody,
        configuration: &nothing.2,
        context: &nothing.0,
        event: &nothing.1,
        input_record: None,
        now: Timestamp::UNIX_EPOCH,
        extra: &[("response", response)],
    };
    view.with(|scope| rule.eval_bool(scope))
}

/// The error that the chart sees in `event.error` when an effect fails: `{kind, status, body, message}`.
#[must_use]
pub fn effect_error(kind: &str, status: Option<u16>, body: &Value, message: &str) -> Value {
    json!({ "kind": kind, "status": status, "body": body, "message": message })
}
