//! Recurring times: patterns of five fields, read in a time zone.
//!
//! `MINUTE HOUR DAY MONTH WEEKDAY`, each `*`, a number, a range `1-5`, steps `*/15` or `1-5/2`, or a list of these; months
//! and weekdays also by their English names. If both days are restricted (neither begins with `*`), one of them is
//! enough, as everywhere since the first cron.
//!
//! # When clocks are changed
//!
//! A pattern that runs in every hour (`*/15 * * * *`) is a rhythm: it follows the clock on the wall, so a skipped time
//! does not come, and a repeated one comes twice. A pattern that names hours (`30 2 * * *`) means once a day at that
//! time: a skipped time comes at the first instant after the gap, several skipped ones as one, and of a repeated time
//! the first counts.
//!
//! Zones come from the release ([`crate::zone`]), never from the system: the same pattern and instant give the same
//! next instant everywhere.

mod next;
mod parse;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::zone;

/// A pattern with its zone.
#[derive(Debug, Clone)]
pub struct Cron {
    pattern: String,
    zone_name: String,
    zone: TimeZone,
    fields: Fields,
}

/// The values that each field allows, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fields {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    /// Sunday is bit 0.
    weekdays: u64,
    /// Both kinds of days are restricted, so one of them is enough.
    either_day: bool,
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// The pattern is not readable.
    #[error("{0}")]
    Unreadable(String),
    /// It is, and no day fits it.
    #[error("`{0}` never comes: no month it names has such a day")]
    Never(String),
    /// There is no zone of this name.
    #[error("there is no time zone `{0}`")]
    UnknownZone(String),
}

impl Cron {
    /// Reads a pattern in the zone of this name.
    ///
    /// ```
    /// use statehold_core::cron::Cron;
    ///
    /// let monthly = Cron::new("0 9 1 * *", "Europe/Berlin").unwrap();
    /// let next = monthly.next_after("2026-03-01T12:00:00Z".parse().unwrap());
    /// assert_eq!(next.unwrap().to_string(), "2026-04-01T07:00:00Z");
    /// ```
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn new(pattern: &str, zone_name: &str) -> Result<Self, CronError> {
        let fields = parse::fields(pattern).map_err(CronError::Unreadable)?;
        let zone =
            zone::named(zone_name).ok_or_else(|| CronError::UnknownZone(zone_name.to_owned()))?;
        if !fields.ever_come() {
            return Err(CronError::Never(pattern.to_owned()));
        }
        Ok(Self {
            pattern: pattern.to_owned(),
            zone_name: zone_name.to_owned(),
            zone,
            fields,
        })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// The name of its zone.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        &self.zone_name
    }

    /// The first time after this instant; none only at the end of the calendar.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        next::after(&self.fields, &self.zone, after)
    }
}
