//! What a processor of SCXML will not do as the chart says.

use crate::losses::Words;

pub(super) const GUARD: Words = Words(
    "condition",
    "conditions",
    "in CEL: a processor needs that data model to evaluate it",
);
pub(super) const ASSIGN: Words = Words(
    "value",
    "values",
    "in CEL: a processor needs that data model to compute it",
);
pub(super) const AT_ONCE: Words = Words(
    "assignment of several fields",
    "assignments of several fields",
    "done one after the other there, not at once",
);
pub(super) const EFFECT: Words = Words(
    "use of an effect",
    "uses of effects",
    "named there; what is called, how often and what then is not said",
);
pub(super) const AT: Words = Words(
    "computed instant",
    "computed instants",
    "written as a delay that a processor cannot compute",
);
pub(super) const SELF: Words = Words(
    "transition to its own source",
    "transitions to their own source",
    "leaves the source and enters it again there",
);
pub(super) const WILDCARD: Words = Words(
    "wildcard",
    "wildcards",
    "also takes events that the machine raises itself there",
);
pub(super) const FAMILY: Words = Words(
    "event name",
    "event names",
    "there also takes events that begin with it and a dot, which this chart has",
);
pub(super) const MEMORY: Words = Words(
    "memory",
    "memories",
    "without a target of its own: where the parent begins is written out",
);
pub(super) const OTHER: Words = Words("action", "actions", "that SCXML has no counterpart for");
