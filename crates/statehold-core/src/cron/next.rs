//! The next time a pattern comes.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::Fields;

/// How far a fitting day is looked for, in days: more than the twelve years that can lie between two first days of a
/// month that fall on the same weekday. Two 29ths of February are at most eight years apart.
const DAYS_MAX: u32 = 14 * 366;

/// Changes of the clock that are passed in one search, at most: some ten a year over all those years.
const CHANGES_MAX: u32 = 200;

/// All hours of a day.
const EVERY_HOUR: u64 = 0xff_ffff;

pub(super) fn after(fields: &Fields, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
    if fields.hours == EVERY_HOUR {
        by_the_clock(fields, zone, after)
    } else {
        once_a_day(fields, zone, after)
    }
}

/// For a pattern that names hours: each fitting time of the calendar is exactly one instant, and these keep the order of
/// the calendar. So the first one that lies later is it.
fn once_a_day(fields: &Fields, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
    let mut from = minute_of(zone.to_datetime(after))?;
    // Times that lie earlier all the same are those that the clock shows for the second time.
    loop {
        let time = fields.first_from(from)?;
        let instant = instant_of(zone, time)?;
        if instant > after {
            return Some(instant);
        }
        from = time.checked_add(1.minute()).ok()?;
    }
}

/// The one instant for a time of the calendar: the first of two, and for a time that is skipped the end of the gap.
fn instant_of(zone: &TimeZone, time: DateTime) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(time).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(time).ok(),
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(time).ok(),
        AmbiguousOffset::Gap { after, .. } => {
            // Read with the offset after the gap, the time lies shortly before it.
            let before_gap = after.to_timestamp(time).ok()?;
            let mut changes = zone.following(before_gap);
            changes
                .find(|change| change.offset() == after)
                .map(|change| change.timestamp())
        }
    }
}

/// For a pattern of every hour: whatever the clock shows counts, from one change of the clock to the next.
fn by_the_clock(fields: &Fields, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
    let (mut start, mut offset) = (after, zone.to_offset(after));
    let this_minute = minute_of(offset.to_datetime(after))?;
    let mut from = this_minute.checked_add(1.minute()).ok()?;
    for _ in 0..CHANGES_MAX {
        let time = fields.first_from(from)?;
        let instant = offset.to_timestamp(time).ok()?;
        match zone.following(start).next() {
            Some(change) if change.timestamp() <= instant => {
                (start, offset) = (change.timestamp(), change.offset());
                from = offset.to_datetime(start);
            }
            _ => return Some(instant),
        }
    }
    None
}

/// The time without seconds.
fn minute_of(time: DateTime) -> Option<DateTime> {
    time.with().second(0).subsec_nanosecond(0).build().ok()
}

impl Fields {
    /// Whether any day fits.
    pub(super) fn ever_come(&self) -> bool {
        self.first_from(date(2000, 1, 1).at(0, 0, 0, 0)).is_some()
    }

    /// The first fitting time of the calendar that is not earlier than this one.
    fn first_from(&self, from: DateTime) -> Option<DateTime> {
        let mut day = from.date();
        let is_whole = from.second() == 0 && from.subsec_nanosecond() == 0;
        let mut earliest = u32::from(from.hour().unsigned_abs()) * 60
            + u32::from(from.minute().unsigned_abs())
            + u32::from(!is_whole);
        for _ in 0..DAYS_MAX {
            if self.has_day(day)
                && let Some(minute) = self.first_minute_from(earliest)
            {
                let (hour, minute) = (i8::try_from(minute / 60), i8::try_from(minute % 60));
                return Some(day.at(hour.ok()?, minute.ok()?, 0, 0));
            }
            earliest = 0;
            day = day.tomorrow().ok()?;
        }
        None
    }

    fn has_day(&self, day: Date) -> bool {
        let has = |bits: u64, value: i8| bits >> value.unsigned_abs() & 1 == 1;
        let weekday = day.weekday().to_sunday_zero_offset();
        let (by_day, by_weekday) = (has(self.days, day.day()), has(self.weekdays, weekday));
        has(self.months, day.month())
            && match self.either_day {
                true => by_day || by_weekday,
                false => by_day && by_weekday,
            }
    }

    /// The first fitting minute of a day from this one on, counted from midnight.
    fn first_minute_from(&self, earliest: u32) -> Option<u32> {
        let minutes_from = |minute: u32| {
            let bits = self.minutes >> minute << minute;
            (bits != 0).then(|| bits.trailing_zeros())
        };
        (earliest / 60..24)
            .filter(|hour| self.hours >> hour & 1 == 1)
            .find_map(|hour| {
                let from = if hour == earliest / 60 {
                    earliest % 60
                } else {
                    0
                };
                Some(hour * 60 + minutes_from(from)?)
            })
    }
}
