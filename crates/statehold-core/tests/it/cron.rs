//! Recurring times: patterns, zones, changed clocks, and timers that follow them.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use statehold_core::cron::{Cron, CronError};
use statehold_core::{Event, InvokeRef, Machine, Outcome, Step, zone};

use crate::interpreter_support::{World, check, machine};

fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

/// The first times after an instant, without what they have in common with RFC 3339.
fn times(pattern: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let cron = Cron::new(pattern, zone).expect(pattern);
    let mut now = at(after);
    (0..count)
        .map(|_| {
            now = cron.next_after(now).expect("there is a next time");
            now.to_string()
        })
        .collect()
}

#[test]
fn fields_take_numbers_ranges_steps_lists_and_names() {
    for (pattern, expected) in [
        ("30 8 * * *", "2026-01-01T08:30:00Z"),
        ("*/20 * * * *", "2026-01-01T00:20:00Z"),
        ("10-20/5,59 3 * * *", "2026-01-01T03:10:00Z"),
        ("0 0 1 mar *", "2026-03-01T00:00:00Z"),
        ("0 0 * * Sun", "2026-01-04T00:00:00Z"),
        ("0 0 * * 7", "2026-01-04T00:00:00Z"),
        ("0 0 * * fri-7", "2026-01-02T00:00:00Z"),
        ("  0   12  *  FEB-apr  mon ", "2026-02-02T12:00:00Z"),
    ] {
        let found = times(pattern, "UTC", "2026-01-01T00:00:00Z", 1);
        assert_eq!(found, [expected], "{pattern}");
    }
}

#[test]
fn a_time_is_never_the_instant_it_is_asked_for() {
    let found = times("0 9 * * *", "UTC", "2026-01-01T09:00:00Z", 1);
    assert_eq!(found, ["2026-01-02T09:00:00Z"]);
    let found = times("0 9 * * *", "UTC", "2026-01-01T08:59:59.999999Z", 1);
    assert_eq!(found, ["2026-01-01T09:00:00Z"]);
}

/// Of two restricted kinds of days one is enough; a field that begins with `*` restricts nothing by itself.
#[test]
fn days_of_the_month_and_of_the_week_are_alternatives_if_both_are_restricted() {
    let found = times("0 0 13 * fri", "UTC", "2026-02-12T00:00:00Z", 3);
    assert_eq!(
        found,
        [
            "2026-02-13T00:00:00Z",
            "2026-02-20T00:00:00Z",
            "2026-02-27T00:00:00Z"
        ]
    );
    let found = times("0 0 */2 * mon", "UTC", "2026-02-01T00:00:00Z", 2);
    assert_eq!(found, ["2026-02-09T00:00:00Z", "2026-02-23T00:00:00Z"]);
}

#[test]
fn the_29th_of_february_is_waited_for() {
    let found = times("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", 2);
    assert_eq!(found, ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]);
    let found = times("0 0 29 2 *", "UTC", "2097-01-01T00:00:00Z", 1);
    assert_eq!(found, ["2104-02-29T00:00:00Z"]);
}

#[test]
fn what_is_no_pattern_is_refused_with_its_field() {
    for (pattern, expected) in [
        (
            "* * * *",
            "five fields (minute, hour, day, month, weekday), not 4",
        ),
        ("0 0 0 * * *", "seconds are not part of it"),
        ("", "not 0"),
        ("@daily", "write its five fields"),
        ("60 * * * *", "the minute `60`"),
        ("* 24 * * *", "the hour `24`"),
        ("* * 0 * *", "the day `0`"),
        ("* * * 13 *", "1 to 12 or jan to dec"),
        ("* * * * 8", "0 to 7 or sun to sat"),
        ("5/10 * * * *", "steps go over a range: `5-59/...`"),
        ("*/0 * * * *", "a step is from 1 to 59"),
        ("*/60 * * * *", "a step is from 1 to 59"),
        ("30-10 * * * *", "from the smaller to the greater"),
        ("1,,2 * * * *", "the minute `1,,2`"),
        ("+5 * * * *", "the minute `+5`"),
        ("* * L * *", "the day `L`"),
        ("* * * * mon#1", "the weekday `mon#1`"),
        ("* * ? * *", "the day `?`"),
    ] {
        let error = Cron::new(pattern, "UTC").expect_err(pattern);
        assert!(error.to_string().contains(expected), "{pattern}: {error}");
    }
    let long = "0,".repeat(200) + "0 * * * *";
    assert!(matches!(
        Cron::new(&long, "UTC"),
        Err(CronError::Unreadable(_))
    ));
}

#[test]
fn a_day_that_no_month_has_never_comes() {
    for pattern in ["0 0 30 2 *", "0 0 31 feb,apr,jun,sep,nov *"] {
        let error = Cron::new(pattern, "UTC").expect_err(pattern);
        assert_eq!(error, CronError::Never(pattern.to_owned()));
    }
    // Mondays come in any month.
    assert!(Cron::new("0 0 30 2 mon", "UTC").is_ok());
}

/// Clocks in Berlin go from 02:00 to 03:00 on 29 March 2026, at 01:00 UTC.
#[test]
fn a_skipped_time_of_day_comes_at_the_end_of_the_gap() {
    assert_eq!(
        times("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z", 3),
        [
            "2026-03-28T01:30:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-30T00:30:00Z"
        ]
    );
}

#[test]
fn several_skipped_times_come_as_one() {
    assert_eq!(
        times("*/15 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
        ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"]
    );
    // So does one that stands at the end of the gap by itself.
    assert_eq!(
        times("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
        ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"]
    );
}

/// Clocks in Berlin go from 03:00 to 02:00 on 25 October 2026, at 01:00 UTC.
#[test]
fn a_repeated_time_of_day_counts_the_first_time() {
    let expected = ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"];
    let found = times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
    assert_eq!(found, expected);
    // Asked while the clock shows that hour for the second time.
    let found = times("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", 1);
    assert_eq!(found, expected[1..]);
}

#[test]
fn a_rhythm_follows_the_clock_through_gap_and_fold() {
    assert_eq!(
        times("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 3),
        [
            "2026-03-29T00:30:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-29T01:30:00Z"
        ]
    );
    assert_eq!(
        times("15 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", 3),
        [
            "2026-10-25T00:15:00Z",
            "2026-10-25T01:15:00Z",
            "2026-10-25T02:15:00Z"
        ]
    );
}

/// Lord Howe moves its clocks by half an hour: 02:00 to 02:30 on 4 October 2026, and 02:00 to 01:30 on 5 April 2026.
#[test]
fn changes_of_half_an_hour_follow_the_same_rules() {
    let zone = "Australia/Lord_Howe";
    assert_eq!(
        times("15 2 * * *", zone, "2026-10-03T00:00:00Z", 2),
        ["2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"]
    );
    assert_eq!(
        times("45 1 * * *", zone, "2026-04-04T00:00:00Z", 2),
        ["2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"]
    );
    assert_eq!(
        times("45 * * * *", zone, "2026-04-04T14:00:00Z", 3),
        [
            "2026-04-04T14:45:00Z",
            "2026-04-04T15:15:00Z",
            "2026-04-04T16:15:00Z"
        ]
    );
}

#[test]
fn every_minute_is_every_minute_whatever_the_clock_does() {
    for (zone, midnight, minutes) in [
        ("Europe/Berlin", "2026-03-28T23:00:00Z", 23 * 60),
        ("Europe/Berlin", "2026-10-24T22:00:00Z", 25 * 60),
        ("Australia/Lord_Howe", "2026-10-03T13:30:00Z", 23 * 60 + 30),
        ("Australia/Lord_Howe", "2026-04-04T13:00:00Z", 24 * 60 + 30),
    ] {
        let cron = Cron::new("* * * * *", zone).unwrap();
        let mut now = at(midnight);
        for _ in 0..minutes {
            let next = cron.next_after(now).unwrap();
            assert_eq!(next, now + SignedDuration::from_mins(1), "{zone}");
            now = next;
        }
        let local = zone::named(zone).unwrap().to_datetime(now);
        assert_eq!((local.hour(), local.minute()), (0, 0), "{zone}");
    }
}

/// Samoa left out the whole of 30 December 2011.
#[test]
fn a_skipped_day_comes_when_the_next_one_begins() {
    assert_eq!(
        times("0 9 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z", 3),
        [
            "2011-12-29T19:00:00Z",
            "2011-12-30T10:00:00Z",
            "2011-12-30T19:00:00Z"
        ]
    );
}

#[test]
fn the_end_of_the_calendar_is_the_end_of_all_recurring() {
    let cron = Cron::new("0 0 1 1 *", "UTC").unwrap();
    assert_eq!(cron.next_after(at("9999-06-01T00:00:00Z")), None);
    assert_eq!(cron.next_after(Timestamp::MAX), None);
}

proptest! {
    /// Nothing lies between an instant and the next time, and the next time is one that the pattern names: on the clock
    /// of the zone, or at the end of a gap.
    #[test]
    fn the_next_time_is_later_and_nothing_lies_between(
        minute in prop_oneof![Just("*"), Just("0"), Just("*/7"), Just("30")],
        hour in prop_oneof![Just("*"), Just("2"), Just("1-3"), Just("*/5")],
        zone_name in prop_oneof![Just("Europe/Berlin"), Just("Australia/Lord_Howe"), Just("America/New_York"), Just("Africa/Casablanca")],
        second in 1_700_000_000i64..1_900_000_000,
        part in 0.0f64..1.0,
    ) {
        let cron = Cron::new(&format!("{minute} {hour} * * *"), zone_name).unwrap();
        let now = Timestamp::from_second(second).unwrap();
        let next = cron.next_after(now).unwrap();
        prop_assert!(next > now);
        let length = next.duration_since(now).as_secs();
        let between = now + SignedDuration::from_secs((length as f64 * part) as i64);
        if between < next {
            prop_assert_eq!(cron.next_after(between), Some(next));
        }
        let zone = zone::named(zone_name).unwrap();
        let just_before = zone.to_offset(next - SignedDuration::from_secs(1));
        let is_after_gap = zone.to_offset(next).seconds() > just_before.seconds();
        let clock = zone.to_datetime(next);
        let fits = |field: &str, value: i8| match field {
            "*" => true,
            "1-3" => (1..=3).contains(&value),
            step if step.starts_with("*/") => value % step[2..].parse::<i8>().unwrap() == 0,
            number => value == number.parse::<i8>().unwrap(),
        };
        prop_assert!(is_after_gap || fits(minute, clock.minute()) && fits(hour, clock.hour()));
    }
}

const DAILY: &str = "
initial: a
context: { n: { type: integer, default: 0 } }
states:
  a:
    after: [ { cron: \"0 9 * * *\", assign: { n: ctx.n + 1 } } ]
    on: { again: { target: a, reenter: true }, go: b }
  b: { on: { back: a } }
";

#[test]
fn a_recurring_timer_is_set_again_for_the_same_entry_until_that_ends() {
    check(
        DAILY,
        "+2d
         again
         +12h
         go
         +2d",
        "
        create -> a
          ctx.n = 0
          timer a#1 cron at 9h
        timer.a.cron at 9h -> a
          a on timer.a.cron -> (stays)
          ctx.n = 1
          timer a#1 cron at 1d9h
        timer.a.cron at 1d9h -> a
          a on timer.a.cron -> (stays)
          ctx.n = 2
          timer a#1 cron at 2d9h
        again -> a
          a on again -> a
          timer a#2 cron at 2d9h
          left a#1
        timer.a.cron at 2d9h -> a
          a on timer.a.cron -> (stays)
          ctx.n = 3
          timer a#2 cron at 3d9h
        go -> b
          a on go -> b
          left a#2
        ",
    );
}

#[test]
fn a_recurring_timer_that_leaves_its_state_is_not_set_again() {
    check(
        "
initial: a
states:
  a: { after: [ { cron: \"*/10 * * * *\", target: b } ] }
  b: { after: [ { cron: \"*/10 * * * *\", target: b, reenter: true } ] }
",
        "+20m",
        "
        create -> a
          timer a#1 cron at 10m
        timer.a.cron at 10m -> b
          a on timer.a.cron -> b
          timer b#1 cron at 20m
          left a#1
        timer.b.cron at 20m -> b
          b on timer.b.cron -> b
          timer b#2 cron at 30m
          left b#1
        ",
    );
}

fn firing(machine: &Machine, world: &World<'_>, now: Timestamp) -> Result<Step, Outcome> {
    let owner = InvokeRef {
        state: "a".to_owned(),
        entry: 1,
    };
    let event = Event::timer("timer.a.cron", owner);
    let step = machine.step(&world.snapshot, &event, now);
    step.map_err(|refusal| refusal.outcome)
}

#[test]
fn times_that_passed_unseen_count_as_one_firing() {
    let machine = machine(DAILY);
    let world = World::create(&machine, json!({})).unwrap();
    let late = at("1970-01-20T15:00:00Z");
    let step = firing(&machine, &world, late).unwrap();
    assert_eq!(step.patch["n"], 1);
    assert_eq!(step.timers.len(), 1);
    assert_eq!(step.timers[0].due, at("1970-01-21T09:00:00Z"));
}

/// A guard that refuses one firing must not end the recurrence.
#[test]
fn a_refused_firing_says_when_the_next_one_is() {
    let machine = machine(
        "
initial: a
context: { on: { type: boolean, default: false } }
states:
  a:
    after: [ { cron: \"0 9 * * *\", guard: ctx.on, target: b }, { delay: 1h, name: once, guard: ctx.on, target: b } ]
    on: { go: b }
  b: {}
",
    );
    let mut world = World::create(&machine, json!({})).unwrap();
    let now = at("1970-01-01T09:00:00Z");
    assert_eq!(firing(&machine, &world, now), Err(Outcome::GuardFailed));
    let owner = |entry| InvokeRef {
        state: "a".to_owned(),
        entry,
    };
    let recurring = |entry| Event::timer("timer.a.cron", owner(entry));
    let next = |world: &World<'_>, event: &Event| machine.next_firing(&world.snapshot, event, now);
    assert_eq!(
        next(&world, &recurring(1)),
        Some(at("1970-01-02T09:00:00Z"))
    );
    assert_eq!(next(&world, &recurring(2)), None);
    assert_eq!(next(&world, &Event::timer("timer.a.once", owner(1))), None);
    assert_eq!(next(&world, &Event::new("go")), None);
    world.offer("go", &Event::new("go"));
    assert_eq!(next(&world, &recurring(1)), None);
}
