//! What the engine asks before it offers an event: permission, input schema, which events there are at all.

use jiff::Timestamp;
use serde_json::Value;

use super::view::View;
use crate::codes;
use crate::event::{Event, Origin};
use crate::machine::Machine;
use crate::outcome::{Blocker, Outcome, Refusal};
use crate::snapshot::{Snapshot, Status};

impl Machine {
    /// Whether the actor of the event may fire it on this snapshot: the machine's rule and the event's rule both hold.
    ///
    /// # Errors
    /// `forbidden`, or `guard_error` if a rule could not be evaluated (which never counts as a yes).
    pub fn authorize(
        &self,
        snapshot: &Snapshot,
        event: &Event,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if event.origin != Origin::External {
            return Ok(());
        }
        let own = self
            .event(&event.kind)
            .and_then(|def| def.authorize.as_ref());
        for rule in self.authorize.iter().chain(own) {
            match View::of(self, snapshot, event, now).with(|scope| rule.eval_bool(scope)) {
                Ok(true) => {}
                Ok(false) => return Err(forbidden(event)),
                Err(error) => {
                    return Err(Refusal::step_error(
                        codes::GUARD_ERROR,
                        format!(
                            "the permission of `{}` could not be evaluated: {error}",
                            event.kind
                        ),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Checks the input of an event against its schema and fills in defaults.
    ///
    /// # Errors
    /// `invalid_input` with every violation.
    pub fn check_input(&self, event: &mut Event) -> Result<(), Refusal> {
        let Some(def) = self.event(&event.kind) else {
            return Ok(());
        };
        let refuse = |blockers| {
            Refusal::new(
                Outcome::InvalidInput,
                codes::INVALID_INPUT,
                format!("the input of `{}` does not fit its schema", event.kind),
            )
            .blockers(blockers)
        };
        let Value::Object(input) = &mut event.input else {
            let blocker = Blocker::new(codes::INVALID_INPUT, "expected an object", "");
            return Err(refuse(vec![blocker]));
        };
        let violations: Vec<Blocker> = match &def.input {
            Some(record) => {
                record.fill_defaults(input);
                record
                    .validate(input)
                    .into_iter()
                    .map(|v| Blocker::new(codes::INVALID_INPUT, v.message, v.pointer))
                    .collect()
            }
            None => input
                .keys()
                .map(|field| {
                    Blocker::new(
                        codes::INVALID_INPUT,
                        "unknown field: the event declares no input",
                        format!("/{field}"),
                    )
                })
                .collect(),
        };
        if violations.is_empty() {
            Ok(())
        } else {
            Err(refuse(violations))
        }
    }

    /// Events from outside that some transition of the current configuration waits for, whatever its guard says.
    #[must_use]
    pub fn accepted_events(&self, snapshot: &Snapshot) -> Vec<String> {
        if snapshot.status == Status::Done {
            return Vec::new();
        }
        let mut events = Vec::new();
        for id in snapshot.configuration.iter().rev() {
            for transition in &self.state(id).transitions {
                let Some(on) = &transition.on else { continue };
                let text = on.text();
                if transition.invoke.is_none() && !is_reserved(&text) && !events.contains(&text) {
                    events.push(text);
                }
            }
        }
        events
    }

    /// Whether the event is declared or some transition of the chart waits for it.
    #[must_use]
    pub fn knows_event(&self, kind: &str) -> bool {
        self.event(kind).is_some()
            || self
                .states
                .iter()
                .flat_map(|state| &state.transitions)
                .any(|transition| {
                    transition
                        .on
                        .as_ref()
                        .is_some_and(|on| on.takes(kind, false))
                })
    }
}

/// Event types that only the engine fires.
#[must_use]
pub fn is_reserved(kind: &str) -> bool {
    ["done.", "error.", "timer.", "effect."]
        .iter()
        .any(|prefix| kind.starts_with(prefix))
}

fn forbidden(event: &Event) -> Refusal {
    let message = format!("actor `{}` may not fire `{}`", event.actor.id, event.kind);
    Refusal::new(Outcome::Forbidden, codes::FORBIDDEN, message.clone()).blockers(vec![
        Blocker::new(codes::FORBIDDEN, message, event.kind.clone()),
    ])
}
