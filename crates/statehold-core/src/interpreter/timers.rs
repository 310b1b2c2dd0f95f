//! Timers: when they are due, and when one that recurs is due again.

use jiff::Timestamp;

use super::run::{Fail, Run};
use crate::event::{Event, Origin};
use crate::machine::{Definition, Machine, TimerDef, TimerWhen};
use crate::snapshot::{Snapshot, Status};
use crate::step::{InvokeRef, TimerSet};

impl Run<'_> {
    /// Sets a timer of the entry that begins.
    pub(super) fn set_timer(&mut self, timer: &TimerDef, owner: &InvokeRef) -> Result<(), Fail> {
        let due = match &timer.when {
            TimerWhen::After(delay) => self.now.checked_add(*delay).ok(),
            TimerWhen::At(expr) => Some(self.eval_instant(expr, &owner.state)?),
            TimerWhen::Cron(cron) => cron.next_after(self.now),
        };
        // A delay beyond the end of time never comes due.
        if let Some(due) = due {
            self.timers.push(TimerSet {
                owner: owner.clone(),
                name: timer.name.clone(),
                due,
            });
        }
        Ok(())
    }

    /// A recurring timer that has just fired is set again, for the same entry, unless that is over. Times that passed
    /// while nobody looked count as this one firing.
    pub(super) fn set_again(&mut self, event: &Event) {
        let Origin::Timer(owner) = &event.origin else {
            return;
        };
        let Some(timer) = timer_of(self.machine, owner, &event.kind) else {
            return;
        };
        let is_current = !self.done
            && self.memory.entries.get(&owner.state) == Some(&owner.entry)
            && (self.machine.state_at(&owner.state))
                .is_some_and(|state| self.configuration.contains(state.id));
        if let TimerWhen::Cron(cron) = &timer.when
            && is_current
            && let Some(due) = cron.next_after(self.now)
        {
            self.timers.push(TimerSet {
                owner: owner.clone(),
                name: timer.name.clone(),
                due,
            });
        }
    }
}

impl Machine {
    /// When a recurring timer is due again although its event was refused: a no to one firing is not the end of all.
    /// None if the timer does not recur, or if the entry that owns it is over.
    #[must_use]
    pub fn next_firing(
        &self,
        snapshot: &Snapshot,
        event: &Event,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let Origin::Timer(owner) = &event.origin else {
            return None;
        };
        if snapshot.status == Status::Done || !self.is_current(snapshot, owner) {
            return None;
        }
        match &timer_of(self, owner, &event.kind)?.when {
            TimerWhen::Cron(cron) => cron.next_after(now),
            TimerWhen::After(_) | TimerWhen::At(_) => None,
        }
    }
}

fn timer_of<'m>(machine: &'m Definition, owner: &InvokeRef, event: &str) -> Option<&'m TimerDef> {
    let state = machine.state_at(&owner.state)?;
    state.timers.iter().find(|timer| timer.event == event)
}
