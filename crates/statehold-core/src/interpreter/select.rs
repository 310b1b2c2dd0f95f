//! Which transitions an event (or its absence) enables: selectTransitions and removeConflictingTransitions.
//!
//! All guards of one selection see the context and configuration as they are before the microstep.

use super::view::View;
use super::{Fail, Run};
use crate::codes;
use crate::event::{Event, Origin};
use crate::machine::{
    Definition, Guard, Machine, OnExpressionError, StateId, Transition,
};
use crate::outcome::{Blocker, Outcome, Refusal};
use crate::snapshot::Snapshot;
use jiff::Timestamp;

impl<'a> Run<'a> {
    /// The optimal set of transitions for an event, or of eventless ones, conflicts removed.
    pub(super) fn select_transitions(
        &mut self,
        event: Option<&Event>,
    ) -> Result<Vec<&'a Transition>, Fail> {
        let mut enabled = Vec::new();
        self.select_below(StateId::ROOT, event, &mut enabled)?;
        if enabled.len() > 1 {
            enabled = self.remove_conflicting_transitions(enabled);
        }
        Ok(enabled)
    }

    /// Asks the children first, and the state itself only if none of them has an enabled transition.
    fn select_below(
        &mut self,
        id: StateId,
        event: Option<&Event>,
        enabled: &mut Vec<&'a Transition>,
    ) -> Result<bool, Fail> {
        let state = self.machine.state(id);
        let mut found = false;
        for child in &state.children {
            if self.configuration.contains(*child) {
                found |= self.select_below(*child, event, enabled)?;
            }
        }
        if found {
            return Ok(true);
        }
        let candidates = match event {
            Some(_) => &state.transitions,
            None => &state.always,
        };
        for transition in candidates {
            if event.is_none_or(|event| takes(self.machine, transition, event))
                && self.guard_holds(transition, event)?
            {
                enabled.push(transition);
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn guard_holds(&mut self, transition: &'a Transition, event: Option<&Event>) -> Result<bool, Fail> {
        let Some(guard) = &transition.guard else {
            return Ok(true);
        };
        let verdict = self.view().with(|scope| guard.expr.eval_bool(scope));
        match verdict {
            Ok(true) => Ok(true),
            Ok(false) => {
                if event.is_some_and(|event| !event.is_internal()) {
                    let blocker = blocker(self.machine, transition, guard);
                    self.refused.push(blocker);
                }
                Ok(false)
            }
            Err(error) if self.machine.on_expression_error == OnExpressionError::Raise => {
                self.raise_execution_error(&error.to_string())?;
                Ok(false)
            }
            Err(error) => Err(Fail {
                code: codes::GUARD_ERROR,
                message: format!("guard `{}` could not be evaluated: {error}", guard_name(guard)),
                place: place(self.machine, transition),
            }),
        }
    }

    /// Of two transitions whose exit sets meet, the one from further inside wins, else the earlier one.
    fn remove_conflicting_transitions(&self, enabled: Vec<&'a Transition>) -> Vec<&'a Transition> {
        let mut kept: Vec<&'a Transition> = Vec::with_capacity(enabled.len());
        for candidate in enabled {
            let exits = self.exit_set(candidate);
            let rivals: Vec<usize> = (0..kept.len())
                .filter(|at| self.exit_set(kept[*at]).intersects(&exits))
                .collect();
            let wins = rivals
                .iter()
                .all(|at| self.machine.is_below(candidate.source, kept[*at].source));
            if wins {
                for at in rivals.into_iter().rev() {
                    kept.remove(at);
                }
                kept.push(candidate);
            }
        }
        kept
    }
}

/// Whether the transition waits for this event; results of an invoke are taken by that invoke's own state only.
fn takes(machine: &Definition, transition: &Transition, event: &Event) -> bool {
    let matches = transition
        .on
        .as_ref()
        .is_some_and(|on| on.takes(&event.kind, !is_from_outside(event)));
    match (&event.origin, transition.invoke) {
        (Origin::Effect(Some(owner)), Some(_)) => {
            matches && machine.state(transition.source).path == owner.state
        }
        (_, Some(_)) => false,
        (_, None) => matches,
    }
}

fn is_from_outside(event: &Event) -> bool {
    matches!(event.origin, Origin::External)
}

fn guard_name(guard: &Guard) -> &str {
    guard.name.as_deref().unwrap_or_else(|| guard.expr.source())
}

fn place(machine: &Definition, transition: &Transition) -> String {
    let event = transition.on.as_ref().map(|on| on.text()).unwrap_or_default();
    match (machine.state(transition.source).path.as_str(), event.as_str()) {
        ("", event) => event.to_owned(),
        (path, "") => format!("{path} (always)"),
        (path, event) => format!("{path} on {event}"),
    }
}

fn blocker(machine: &Definition, transition: &Transition, guard: &Guard) -> Blocker {
    Blocker {
        code: guard
            .code
            .clone()
            .unwrap_or_else(|| codes::GUARD_FAILED.id().to_owned()),
        message: guard
            .reason
            .clone()
            .unwrap_or_else(|| format!("guard `{}` is false", guard_name(guard))),
        place: place(machine, transition),
    }
}

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
        let own = self.event(&event.kind).and_then(|def| def.authorize.as_ref());
        for rule in self.authorize.iter().chain(own) {
            match View::of(self, snapshot, event, now).with(|scope| rule.eval_bool(scope)) {
                Ok(true) => {}
                Ok(false) => return Err(forbidden(event)),
                Err(error) => {
                    return Err(Refusal::step_error(
                        codes::GUARD_ERROR,
                        format!("the permission of `{}` could not be evaluated: {error}", event.kind),
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
        let serde_json::Value::Object(input) = &mut event.input else {
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
        if snapshot.status == crate::snapshot::Status::Done {
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
            || self.states.iter().flat_map(|state| &state.transitions).any(|transition| {
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
    Refusal::new(Outcome::Forbidden, codes::FORBIDDEN, message.clone())
        .blockers(vec![Blocker::new(codes::FORBIDDEN, message, event.kind.clone())])
}
