//! Timers of states, and the events they fire.

use std::time::Duration;

use crate::cron::Cron;
use crate::expr::Expr;

/// A timer of a state. Fires as the event `timer.<state path>.<name>`.
#[derive(Debug)]
pub struct TimerDef {
    /// Its name within the state, e.g. `48h`.
    pub name: String,
    /// The event it fires, e.g. `timer.pending.48h`: [`timer_event`] of its state and name, kept for matching.
    pub event: String,
    /// When it is due.
    pub when: TimerWhen,
}

impl TimerDef {
    /// A timer of the state with this path.
    #[must_use]
    pub fn new(state: &str, name: impl Into<String>, when: TimerWhen) -> Self {
        let name = name.into();
        Self {
            event: timer_event(state, &name),
            name,
            when,
        }
    }
}

/// Type of the event that a timer fires: `timer.STATE.NAME`, and `timer.NAME` for a timer of the root.
#[must_use]
pub fn timer_event(state: &str, name: &str) -> String {
    match state {
        "" => format!("timer.{name}"),
        path => format!("timer.{path}.{name}"),
    }
}

/// When a timer is due.
#[derive(Debug)]
pub enum TimerWhen {
    /// This long after the entry.
    After(Duration),
    /// At an instant computed at the entry, after the entry actions.
    At(Expr),
    /// Again and again at these times, for as long as the entry lasts.
    Cron(Cron),
}
