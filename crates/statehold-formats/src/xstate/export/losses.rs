//! What the tools of XState will not do as the chart says.

use std::time::Duration;

use crate::losses::{Losses, Words};

/// Longest timer of JavaScript, 2^31 - 1 milliseconds. Longer ones fire at once.
const JAVASCRIPT_MAX: Duration = Duration::from_millis(2_147_483_647);

pub(super) const GUARD: Words = Words(
    "condition",
    "conditions",
    "in CEL: shown there, but code has to be written for it",
);
pub(super) const ASSIGN: Words = Words(
    "assignment",
    "assignments",
    "in CEL: shown there, but code has to be written for it",
);
pub(super) const RAISE: Words = Words(
    "raised event",
    "raised events",
    "shown there as an action, which raises nothing by itself",
);
pub(super) const CHOICE: Words = Words(
    "choice between actions",
    "choices between actions",
    "shown there as one action",
);
pub(super) const EFFECT: Words = Words(
    "use of an effect",
    "uses of effects",
    "named there; what is called, how often and what then is not said",
);
pub(super) const AT: Words = Words(
    "computed instant",
    "computed instants",
    "named there as a delay, for which code has to be written",
);
pub(super) const SHORT: Words = Words("delay", "delays", "rounded up to a whole millisecond there");
pub(super) const LONG: Words = Words(
    "delay",
    "delays",
    "longer than timers of JavaScript run (24.8 days): its runtime fires it at once",
);
pub(super) const SAME_DELAY: Words = Words(
    "timer",
    "timers",
    "as long as another one of the same state: named there, so that both stay",
);
pub(super) const DEEP_INITIAL: Words = Words(
    "initial",
    "initials",
    "deeper than one level: the nearest state is named there",
);
pub(super) const WILDCARD: Words = Words(
    "wildcard",
    "wildcards",
    "also takes events that the machine raises itself there",
);
pub(super) const ENGINE_EVENT: Words = Words(
    "event of the engine",
    "events of the engine",
    "waited for by the name it has here; it is called differently there",
);
pub(super) const OUTPUT: Words = Words(
    "output",
    "outputs",
    "in CEL: code has to be written for it there",
);

/// Notes what JavaScript makes of a length of time.
pub(super) fn delay(losses: &mut Losses, length: Duration) {
    if length > JAVASCRIPT_MAX {
        losses.add(LONG);
    }
    if !length.as_micros().is_multiple_of(1_000) {
        losses.add(SHORT);
    }
}
