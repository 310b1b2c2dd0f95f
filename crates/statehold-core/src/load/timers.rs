//! Timers: `after: { 48h: target }`, or a list of `{ delay: 14d, ... }`, `{ at: CEL, ... }` and `{ cron: ..., tz: ... }`.

use super::MAX_PER_STATE;
use super::chart::Loader;
use super::exprs::View;
use super::keys::TIMER;
use super::names::{at_key, check_identifier};
use super::transitions::Trigger;
use crate::codes;
use crate::cron::{Cron, CronError};
use crate::delay;
use crate::expr::Purpose;
use crate::machine::{Descriptor, StateId, TimerDef, TimerWhen, Transition};
use crate::source::{Item, MapReader, NodeValue};

/// Timers of a state and the transitions they cause.
#[derive(Default)]
pub(super) struct Timers {
    pub(super) timers: Vec<TimerDef>,
    pub(super) transitions: Vec<Transition>,
}

impl Timers {
    /// Whether there is one more than a state may have: nothing further is read then.
    fn is_full(&self) -> bool {
        self.timers.len() > MAX_PER_STATE
    }
}

impl<'n> Loader<'n> {
    /// Reads `after`.
    pub(super) fn after(&self, item: &Item<'n>, owner: StateId) -> Timers {
        let mut timers = Timers::default();
        match &item.node.value {
            NodeValue::Map(_) => {
                for (key, item) in item.entries().unwrap_or_default() {
                    if timers.is_full() {
                        break;
                    }
                    self.after_delay(&item, &key.text, owner, &mut timers);
                }
            }
            NodeValue::Seq(_) => {
                for item in item.list().unwrap_or_default() {
                    if timers.is_full() {
                        break;
                    }
                    if let Some(map) = item.map(TIMER) {
                        self.after_item(&map.checked(), owner, &mut timers);
                    }
                }
            }
            _ => item.expected("a mapping of delays, or a list of timers"),
        }
        if timers.is_full() {
            let message = format!("a state has at most {MAX_PER_STATE} timers");
            self.reader.report(item.error(codes::LIMIT, message));
        }
        timers
    }

    fn after_delay(&self, item: &Item<'n>, text: &str, owner: StateId, timers: &mut Timers) {
        match delay::parse(text) {
            Ok(duration) => {
                let event = self.add(timers, owner, text, TimerWhen::After(duration));
                self.fire(timers, &event, |trigger| {
                    self.candidates(item, owner, trigger)
                });
            }
            Err(problem) => {
                let span = item.key.map_or_else(|| item.head(), |key| key.span.clone());
                let problem =
                    crate::diagnostic::Diagnostic::error(codes::BAD_DURATION, span, problem);
                self.reader.report(problem.at(item.pointer.clone()).help(
                    "an instant that is computed is written as a list: `after: [ { at: ctx.due, target: ... } ]`",
                ));
            }
        }
    }

    fn after_item(&self, map: &MapReader<'n>, owner: StateId, timers: &mut Timers) {
        let delay = map.optional("delay");
        let when = self.timer_when(map, delay.as_ref());
        let name = self.timer_name(map, delay.as_ref());
        // The transition is read in any case, so that its own mistakes show.
        let event = self.add(
            timers,
            owner,
            &name,
            when.unwrap_or(TimerWhen::After(delay::MAX)),
        );
        self.fire(timers, &event, |trigger| {
            self.transition_of(map, owner, trigger)
                .into_iter()
                .collect()
        });
    }

    /// When a timer is due. None if that could not be read, which has been noted.
    fn timer_when(&self, map: &MapReader<'n>, delay: Option<&Item<'n>>) -> Option<TimerWhen> {
        let (at, cron) = (map.optional("at"), map.optional("cron"));
        let zone = map.optional("tz");
        if let Some(zone) = zone.as_ref().filter(|_| cron.is_none()) {
            self.reader.report(at_key(
                zone,
                codes::BAD_STRUCTURE,
                "`tz` is the time zone of `cron`, which is not here",
            ));
        }
        match (delay, &at, &cron) {
            (Some(delay), None, None) => self.duration(delay).map(TimerWhen::After),
            (None, Some(at), None) => self
                .expression(at, View::default(), Purpose::Instant)
                .map(TimerWhen::At),
            (None, None, Some(cron)) => self.cron(cron, zone.as_ref()).map(TimerWhen::Cron),
            (None, None, None) => {
                let problem = map.item.error(
                    codes::MISSING_KEY,
                    "a timer needs the key `delay`, `at` or `cron`",
                );
                self.reader.report(problem.help(
                    "`delay`: a length of time like 48h; `at`: an instant like `ctx.due`; `cron`: recurring times like `0 9 * * *`",
                ));
                None
            }
            _ => {
                let last = cron.as_ref().or(at.as_ref()).unwrap_or(&map.item);
                self.reader.report(last.error(
                    codes::BAD_STRUCTURE,
                    "a timer has one of `delay`, `at` and `cron`",
                ));
                None
            }
        }
    }

    fn cron(&self, item: &Item<'n>, zone: Option<&Item<'n>>) -> Option<Cron> {
        let pattern = item.text()?;
        let zone_name = match zone {
            None => "UTC",
            Some(zone) => zone.text()?,
        };
        match Cron::new(pattern, zone_name) {
            Ok(cron) => Some(cron),
            Err(CronError::UnknownZone(name)) => {
                let place = zone.unwrap_or(item);
                let problem = place.error(
                    codes::UNKNOWN_ZONE,
                    format!("there is no time zone `{name}`"),
                );
                let known = crate::zone::names();
                let otherwise = "a name such as Europe/Berlin or UTC".to_owned();
                let names = known.iter().map(String::as_str);
                self.reader
                    .report(problem.help(self.did_you_mean(&name, names, otherwise)));
                None
            }
            Err(problem) => {
                let problem = item.error(codes::BAD_CRON, problem.to_string());
                self.reader.report(problem.help(
                    "minute, hour, day, month, weekday: `0 9 * * mon-fri` is every working day at nine",
                ));
                None
            }
        }
    }

    /// A length of time; anything else is noted.
    pub(super) fn duration(&self, item: &Item<'n>) -> Option<std::time::Duration> {
        let text = match &item.node.value {
            NodeValue::Int(number) => number.to_string(),
            NodeValue::Float(number) => number.to_string(),
            _ => item.text()?.to_owned(),
        };
        match delay::parse(&text) {
            Ok(duration) => Some(duration),
            Err(problem) => {
                self.reader.report(item.error(codes::BAD_DURATION, problem));
                None
            }
        }
    }

    fn timer_name(&self, map: &MapReader<'n>, delay: Option<&Item<'n>>) -> String {
        if let Some(item) = map.optional("name")
            && let Some(name) = item.text()
        {
            check_identifier(&item.without_key(), name, "a timer");
            return name.to_owned();
        }
        match delay.and_then(|delay| delay.node.as_str()) {
            Some(text) => text.to_owned(),
            None if map.optional("cron").is_some() => "cron".to_owned(),
            None => "at".to_owned(),
        }
    }

    /// Adds a timer under a name of its own and returns the event it fires.
    fn add(&self, timers: &mut Timers, owner: StateId, name: &str, when: TimerWhen) -> String {
        // A dot would read as part of the state's path.
        let name = name.replace('.', "_");
        let is_taken = |name: &str| timers.timers.iter().any(|timer| timer.name == name);
        let mut free = name.clone();
        let mut number = 2;
        while is_taken(&free) {
            free = format!("{name}_{number}");
            number += 1;
        }
        let timer = TimerDef::new(&self.outline.draft(owner).path, free, when);
        let event = timer.event.clone();
        timers.timers.push(timer);
        event
    }

    fn fire(
        &self,
        timers: &mut Timers,
        event: &str,
        read: impl FnOnce(Trigger<'_>) -> Vec<Transition>,
    ) {
        let descriptor = Descriptor::Exact(event.to_owned());
        let trigger = Trigger {
            on: Some(&descriptor),
            invoke: None,
            view: self.view_of(event),
        };
        timers.transitions.extend(read(trigger));
    }
}
