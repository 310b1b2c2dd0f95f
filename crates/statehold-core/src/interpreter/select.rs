//! Which transitions an event (or its absence) enables: selectTransitions and removeConflictingTransitions.
//!
//! All guards of one selection see the context and configuration as they are before the microstep.

use super::refuse::{blocker, guard_name, place};
use super::run::{Fail, Run, Trigger};
use crate::codes;
use crate::event::{Event, Origin};
use crate::machine::{Definition, StateId, Transition};

/// An enabled transition with its domain: the innermost state it stays inside of; none if it is targetless. The
/// domain is found once, because what a history state remembers may change while states are left.
#[derive(Clone, Copy)]
pub(super) struct Selected<'a> {
    pub(super) transition: &'a Transition,
    pub(super) domain: Option<StateId>,
}

/// The transitions of one microstep, in order. Mostly there is one, and it needs no list.
#[derive(Default)]
pub(super) struct Enabled<'a> {
    first: Option<Selected<'a>>,
    others: Vec<Selected<'a>>,
}

impl<'a> Enabled<'a> {
    fn push(&mut self, selected: Selected<'a>) {
        match self.first {
            None => self.first = Some(selected),
            Some(_) => self.others.push(selected),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Selected<'a>> {
        self.first.iter().chain(&self.others)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }
}

impl<'a> Run<'a> {
    /// The optimal set of transitions for the current event, or of eventless ones, conflicts removed.
    pub(super) fn select_transitions(&mut self, trigger: Trigger) -> Result<Enabled<'a>, Fail> {
        let mut enabled = Enabled::default();
        if trigger == Trigger::Event || self.has_eventless() {
            self.select_below(StateId::ROOT, trigger, &mut enabled)?;
        }
        if !enabled.others.is_empty() {
            enabled = self.remove_conflicting_transitions(&enabled);
        }
        Ok(enabled)
    }

    /// Whether there is an eventless transition to ask at all: mostly not, and it is asked for after every microstep.
    fn has_eventless(&self) -> bool {
        let mut active = self.configuration.iter();
        active.any(|id| !self.machine.state(id).always.is_empty())
    }

    /// Asks the children first, and the state itself only if none of them has an enabled transition.
    fn select_below(
        &mut self,
        id: StateId,
        trigger: Trigger,
        enabled: &mut Enabled<'a>,
    ) -> Result<bool, Fail> {
        let mut is_found = false;
        let state = self.machine.state(id);
        let mut from = StateId(id.0 + 1);
        // The next active state below an active one is a child of it: see `Definition::active_children`.
        while let Some(child) = self.configuration.first_in(from, state.last) {
            is_found |= self.select_below(child, trigger, enabled)?;
            from = StateId(self.machine.state(child).last.0 + 1);
        }
        if is_found {
            return Ok(true);
        }
        let candidates = match trigger {
            Trigger::Event => &state.transitions,
            Trigger::Nothing => &state.always,
        };
        for transition in candidates {
            let is_asked =
                trigger == Trigger::Nothing || takes(self.machine, transition, &self.event);
            if is_asked && self.guard_holds(transition, trigger)? {
                let domain = self.transition_domain(transition);
                enabled.push(Selected { transition, domain });
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn guard_holds(&mut self, transition: &'a Transition, trigger: Trigger) -> Result<bool, Fail> {
        let Some(guard) = &transition.guard else {
            return Ok(true);
        };
        match self.view().with(|scope| guard.expr.eval_bool(scope)) {
            Ok(true) => {
                self.observe_condition(&guard.expr, Some(transition), true);
                Ok(true)
            }
            Ok(false) => {
                self.observe_condition(&guard.expr, Some(transition), false);
                if trigger == Trigger::Event && !self.event.is_internal() {
                    self.refused.push(blocker(self.machine, transition, guard));
                }
                Ok(false)
            }
            Err(error) => {
                let fail = Fail {
                    code: codes::GUARD_ERROR,
                    message: format!(
                        "guard `{}` could not be evaluated: {error}",
                        guard_name(guard)
                    ),
                    place: place(self.machine, transition),
                    event: None,
                };
                self.recover(fail)?;
                Ok(false)
            }
        }
    }

    /// Of two transitions whose exit sets meet, the earlier one wins. That one could stand further inside than the
    /// other never happens here: a state is asked only if nothing below it is enabled.
    fn remove_conflicting_transitions(&self, enabled: &Enabled<'a>) -> Enabled<'a> {
        let mut kept = Enabled::default();
        for candidate in enabled.iter() {
            if !kept.iter().any(|rival| self.exits_meet(*rival, *candidate)) {
                kept.push(*candidate);
            }
        }
        kept
    }

    /// Whether there is an active state that both transitions leave.
    fn exits_meet(&self, a: Selected<'a>, b: Selected<'a>) -> bool {
        let (Some(a), Some(b)) = (a.domain, b.domain) else {
            return false;
        };
        let first = StateId(a.max(b).0 + 1);
        let last = self.machine.state(a).last.min(self.machine.state(b).last);
        self.configuration.first_in(first, last).is_some()
    }
}

/// Whether the transition waits for this event; results of an invoke are taken by that invoke's own state only.
fn takes(machine: &Definition, transition: &Transition, event: &Event) -> bool {
    let is_inside = event.origin != Origin::External;
    let matches = (transition.on.as_ref()).is_some_and(|on| on.takes(&event.kind, is_inside));
    match (&event.origin, transition.invoke) {
        (_, None) => matches,
        (Origin::Effect(Some(owner)), Some(_)) => {
            matches && machine.state(transition.source).path == owner.state
        }
        (_, Some(_)) => false,
    }
}
