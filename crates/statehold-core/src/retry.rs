//! When a failed attempt is tried again, and what a reply means: arithmetic only.
//!
//! The time comes in, the instant of the next attempt goes out; the same arguments give the same answer, because the
//! jitter is drawn from a seed the caller keeps. Nothing here waits, reads a clock or counts attempts.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

/// Most attempts an author may ask for. At a day apart that is a quarter of a year.
pub const MAX_ATTEMPTS: u32 = 100;

/// Longest `Retry-After` that is obeyed; a peer must not be able to park an effect for ever.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// What is tried again, when and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included; at least 1.
    pub attempts: u32,
    /// Shortest pause between two attempts.
    pub backoff_min: Duration,
    /// Longest pause that the backoff grows to.
    pub backoff_max: Duration,
    /// Which failures are tried again.
    pub on: RetryOn,
    /// No attempt begins later than this after the first; none means no such bound.
    pub total: Option<Duration>,
}

impl Default for RetryPolicy {
    /// Five attempts, 1 s to 1 min apart, on everything that may pass: about a minute in all.
    fn default() -> Self {
        Self {
            attempts: 5,
            backoff_min: Duration::from_secs(1),
            backoff_max: Duration::from_secs(60),
            on: RetryOn::default(),
            total: None,
        }
    }
}

/// Which failures are tried again. A request that could not be sent at all always is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryOn {
    /// No answer in time (also status 408).
    pub timeout: bool,
    /// The peer asks to come back later (429, 425, and 503 with `Retry-After`).
    pub throttled: bool,
    /// Status 500 to 599.
    pub server_errors: bool,
    /// These statuses too, even those that would mean a refusal.
    pub statuses: Vec<u16>,
}

impl Default for RetryOn {
    fn default() -> Self {
        Self {
            timeout: true,
            throttled: true,
            server_errors: true,
            statuses: Vec::new(),
        }
    }
}

impl RetryOn {
    /// What is tried again where the chart does not say.
    ///
    /// Everything that may pass, where HTTP itself says that repeating the method is harmless. For any other method only
    /// failures that were answered by the service: an attempt whose outcome is unknown is left to a person, because only
    /// the author knows whether the service honours the key that every attempt carries.
    #[must_use]
    pub fn for_method(method: &str) -> Self {
        match method {
            "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE" => Self::default(),
            _ => Self {
                throttled: true,
                statuses: vec![500, 501, 503],
                ..Self::nothing()
            },
        }
    }

    /// Nothing but what [`RetryOn`] says is always tried again.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            timeout: false,
            throttled: false,
            server_errors: false,
            statuses: Vec::new(),
        }
    }

    /// Whether an attempt with this outcome is tried again; `status` is that of the reply, if there was one.
    #[must_use]
    pub fn covers(&self, outcome: AttemptOutcome, status: Option<u16>) -> bool {
        match outcome {
            AttemptOutcome::Ok | AttemptOutcome::Refused | AttemptOutcome::Abandoned => false,
            AttemptOutcome::Throttled { .. } => self.throttled || self.lists(status),
            AttemptOutcome::Unknown | AttemptOutcome::Transient => match status {
                None => outcome == AttemptOutcome::Transient || self.timeout,
                Some(408) => self.timeout || self.lists(status),
                Some(425) => self.throttled || self.lists(status),
                Some(500..=599) => self.server_errors || self.lists(status),
                Some(_) => self.lists(status),
            },
        }
    }

    fn lists(&self, status: Option<u16>) -> bool {
        status.is_some_and(|status| self.statuses.contains(&status))
    }
}

/// When to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Not before this instant.
    At(Timestamp),
    /// No more.
    Exhausted(Exhausted),
}

/// Why there is no further attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exhausted {
    /// All attempts were made.
    Attempts,
    /// The next attempt would begin after the total time.
    TotalTime,
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attempts => "all attempts were made",
            Self::TotalTime => "the total time for retries is over",
        })
    }
}

/// When to try again after `made` attempts of this generation, the first of which began at `first_at`.
///
/// The pause is drawn evenly between the shortest one and a cap that doubles with every attempt, up to the longest
/// one: never shorter than the author wrote, and spread from the first retry on. A `Retry-After` that is longer wins.
/// The same `seed` gives the same pause.
#[must_use]
pub fn next(
    policy: &RetryPolicy,
    made: u32,
    first_at: Timestamp,
    now: Timestamp,
    retry_after: Option<Duration>,
    seed: u64,
) -> Next {
    if made >= policy.attempts {
        return Next::Exhausted(Exhausted::Attempts);
    }
    let asked = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
    let at = later(now, backoff(policy, made, seed).max(asked));
    match policy.total {
        Some(total) if at > later(first_at, total) => Next::Exhausted(Exhausted::TotalTime),
        _ => Next::At(at),
    }
}

/// The pause after `made` attempts.
fn backoff(policy: &RetryPolicy, made: u32, seed: u64) -> Duration {
    let floor = micros(policy.backoff_min);
    let doubled = 1u64
        .checked_shl(made)
        .map_or(u64::MAX, |factor| floor.saturating_mul(factor));
    let cap = doubled.min(micros(policy.backoff_max)).max(floor);
    let drawn = splitmix64(seed ^ u64::from(made).wrapping_mul(GOLDEN));
    // Scales a 64-bit draw to the width of the window without a modulo's bias.
    let width = u128::from(cap - floor) + 1;
    let offset = u64::try_from((u128::from(drawn) * width) >> 64).unwrap_or(0);
    Duration::from_micros(floor + offset)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn later(at: Timestamp, duration: Duration) -> Timestamp {
    at.checked_add(duration).unwrap_or(Timestamp::MAX)
}

/// 2^64 divided by the golden ratio: neighbouring counts become unrelated seeds.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// One step of the SplitMix64 generator: small, well distributed, the same on every machine. Not for secrets.
fn splitmix64(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(GOLDEN);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// What became of one attempt at an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptOutcome {
    /// The world said yes.
    Ok,
    /// The world said no, and would say so again.
    Refused,
    /// It did not happen this time; it may the next.
    Transient,
    /// The peer asks to come back later.
    Throttled {
        /// How much later, if it said so.
        retry_after: Option<Duration>,
    },
    /// It was sent, and no answer tells whether it happened. Never the same as failed.
    Unknown,
    /// Given up before an answer came: the state was left, or an operator said so.
    Abandoned,
}

impl AttemptOutcome {
    /// The name used in JSON and in rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Transient => "transient",
            Self::Throttled { .. } => "throttled",
            Self::Unknown => "unknown",
            Self::Abandoned => "abandoned",
        }
    }
}

impl fmt::Display for AttemptOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a reply means when the chart does not say so itself.
///
/// 2xx is yes. 4xx is no, except 408, 425 and 429, which ask for another try, and statuses the author listed under
/// `on`. 502 and 504 come from a gateway that passed the request on and heard nothing usable: it may have happened.
/// Everything else is transient.
#[must_use]
pub fn classify(status: u16, retry_after: Option<Duration>, on: &RetryOn) -> AttemptOutcome {
    match status {
        200..=299 => AttemptOutcome::Ok,
        429 => AttemptOutcome::Throttled { retry_after },
        503 if retry_after.is_some() => AttemptOutcome::Throttled { retry_after },
        502 | 504 => AttemptOutcome::Unknown,
        408 | 425 => AttemptOutcome::Transient,
        400..=499 if !on.statuses.contains(&status) => AttemptOutcome::Refused,
        _ => AttemptOutcome::Transient,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn policy(attempts: u32, min: u64, max: u64) -> RetryPolicy {
        RetryPolicy {
            attempts,
            backoff_min: Duration::from_secs(min),
            backoff_max: Duration::from_secs(max),
            ..RetryPolicy::default()
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a valid instant")
    }

    /// Pauses in milliseconds until the retries end.
    fn pauses(policy: &RetryPolicy, seed: u64) -> Vec<i64> {
        (1..)
            .map_while(|made| match next(policy, made, at(0), at(0), None, seed) {
                Next::At(instant) => Some(instant.as_millisecond()),
                Next::Exhausted(_) => None,
            })
            .collect()
    }

    #[test]
    fn golden_sequences() {
        assert_eq!(pauses(&policy(6, 2, 300), 0), GOLDEN_A);
        assert_eq!(pauses(&policy(6, 2, 300), 42), GOLDEN_B);
        assert_eq!(pauses(&RetryPolicy::default(), 7), GOLDEN_C);
        assert_eq!(pauses(&policy(4, 5, 5), 7), [5000, 5000, 5000]);
        assert_eq!(pauses(&policy(1, 1, 1), 7), [0i64; 0]);
    }

    const GOLDEN_A: [i64; 5] = [2863, 2158, 15592, 5190, 22294];
    const GOLDEN_B: [i64; 5] = [2319, 4245, 7538, 3140, 14246];
    const GOLDEN_C: [i64; 4] = [1923, 2838, 2115, 11583];

    #[test]
    fn retry_after_wins_over_backoff_when_longer() {
        let policy = policy(3, 1, 10);
        let ask = |seconds| {
            let asked = Some(Duration::from_secs(seconds));
            match next(&policy, 1, at(0), at(100), asked, 1) {
                Next::At(instant) => instant.as_second() - 100,
                Next::Exhausted(_) => -1,
            }
        };
        assert_eq!(ask(3600), 3600);
        assert!(ask(0) >= 1);
        assert_eq!(ask(u64::MAX), 86_400, "bounded by a day");
    }

    #[test]
    fn attempts_and_total_time_end_the_retries() {
        let mut policy = policy(3, 10, 10);
        assert_eq!(
            next(&policy, 3, at(0), at(0), None, 1),
            Next::Exhausted(Exhausted::Attempts)
        );
        policy.total = Some(Duration::from_secs(60));
        assert_eq!(next(&policy, 1, at(0), at(50), None, 1), Next::At(at(60)));
        assert_eq!(
            next(&policy, 1, at(0), at(51), None, 1),
            Next::Exhausted(Exhausted::TotalTime)
        );
    }

    #[test]
    fn replies_have_one_meaning() {
        let meaning = |status| classify(status, None, &RetryOn::default()).name();
        for (statuses, name) in [
            (&[200, 201, 204, 299][..], "ok"),
            (&[400, 401, 403, 404, 409, 410, 422, 451], "refused"),
            (
                &[100, 301, 302, 408, 425, 500, 501, 503, 599, 600],
                "transient",
            ),
            (&[429], "throttled"),
            (&[502, 504], "unknown"),
        ] {
            for status in statuses {
                assert_eq!(meaning(*status), name, "{status}");
            }
        }
    }

    #[test]
    fn a_listed_status_is_tried_again() {
        let on = RetryOn {
            statuses: vec![409],
            ..RetryOn::nothing()
        };
        let outcome = classify(409, None, &on);
        assert_eq!(outcome, AttemptOutcome::Transient);
        assert!(on.covers(outcome, Some(409)));
        assert!(!on.covers(classify(500, None, &on), Some(500)));
    }

    #[test]
    fn a_request_that_was_not_sent_is_always_tried_again() {
        assert!(RetryOn::nothing().covers(AttemptOutcome::Transient, None));
        assert!(!RetryOn::nothing().covers(AttemptOutcome::Unknown, None));
        assert!(RetryOn::default().covers(AttemptOutcome::Unknown, None));
        assert!(!RetryOn::default().covers(AttemptOutcome::Transient, Some(302)));
    }

    #[test]
    fn an_unknown_outcome_is_tried_again_unasked_only_where_repeating_is_harmless() {
        for (method, harmless) in [
            ("GET", true),
            ("PUT", true),
            ("DELETE", true),
            ("POST", false),
            ("PATCH", false),
        ] {
            let on = RetryOn::for_method(method);
            for status in [None, Some(502), Some(504)] {
                assert_eq!(
                    on.covers(AttemptOutcome::Unknown, status),
                    harmless,
                    "{method} {status:?}"
                );
            }
            assert!(on.covers(AttemptOutcome::Transient, Some(503)), "{method}");
            assert!(
                on.covers(AttemptOutcome::Throttled { retry_after: None }, Some(429)),
                "{method}"
            );
        }
    }

    #[test]
    fn an_overloaded_peer_that_says_when_is_throttled() {
        let wait = Some(Duration::from_secs(3));
        let outcome = classify(503, wait, &RetryOn::default());
        assert_eq!(outcome, AttemptOutcome::Throttled { retry_after: wait });
    }

    proptest! {
        #[test]
        fn pauses_stay_in_their_window(
            min in 1u64..10_000, more in 0u64..1_000_000, made in 1u32..200, seed: u64,
        ) {
            let policy = policy(1000, min, min + more);
            let pause = backoff(&policy, made, seed);
            prop_assert!(pause >= policy.backoff_min);
            let grown = policy.backoff_min.saturating_mul(1u32.checked_shl(made).unwrap_or(u32::MAX));
            prop_assert!(pause <= policy.backoff_max.min(grown));
        }

        #[test]
        fn nothing_overflows(made: u32, now: i32, asked: Option<u32>, seed: u64) {
            let policy = RetryPolicy {
                attempts: u32::MAX,
                backoff_max: Duration::MAX,
                total: Some(Duration::MAX),
                ..RetryPolicy::default()
            };
            let now = at(i64::from(now));
            let asked = asked.map(|s| Duration::from_secs(u64::from(s)));
            let next = next(&policy, made, at(0), now, asked, seed);
            prop_assert!(matches!(next, Next::At(_)) || made == u32::MAX);
        }
    }
}
