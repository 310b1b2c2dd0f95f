//! What another tool will not do as the chart says, counted and said in one sentence each.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::draft::Draft;

/// Longest timer of JavaScript, 2^31 - 1 milliseconds. Longer ones fire at once.
const JAVASCRIPT_MAX: Duration = Duration::from_millis(2_147_483_647);

/// Kinds of losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Outline,
    Guard,
    Assign,
    Raise,
    Choice,
    Effect,
    At,
    Short,
    Long,
    SameDelay,
    DeepInitial,
    Wildcard,
    EngineEvent,
    Output,
}

/// How often each kind was met.
#[derive(Debug, Default)]
pub(super) struct Losses {
    counts: BTreeMap<Kind, usize>,
    sentences: Vec<String>,
}

impl Losses {
    pub(super) fn add(&mut self, kind: Kind) {
        *self.counts.entry(kind).or_default() += 1;
    }

    /// The machine did not come from a chart.
    pub(super) fn outline_only(&mut self) {
        self.add(Kind::Outline);
    }

    /// Checks how long a timer is.
    pub(super) fn delay(&mut self, length: Duration) {
        if length > JAVASCRIPT_MAX {
            self.add(Kind::Long);
        }
        if !length.as_micros().is_multiple_of(1_000) {
            self.add(Kind::Short);
        }
    }

    /// What stands above the states.
    pub(super) fn head(&mut self, draft: &Draft) {
        let unhandled = draft.head.get("unhandled").and_then(serde_json::Value::as_str);
        if unhandled != Some("ignore") {
            let words = "events that no transition takes are dropped there instead of refused";
            self.sentences.push(words.to_owned());
        }
        let authorizes = draft.head.contains_key("authorize")
            || draft.events.values().any(|event| event.value.get("authorize").is_some());
        if authorizes {
            let words = "who may fire an event is not asked there";
            self.sentences.push(words.to_owned());
        }
        let inputs = draft.events.values();
        if inputs.clone().any(|event| event.value.get("input").is_some()) {
            let words = "the inputs of events are not checked there";
            self.sentences.push(words.to_owned());
        }
        if !draft.context.is_empty() {
            let words = "the types of context fields are not checked there, and fields without a default are not there at first";
            self.sentences.push(words.to_owned());
        }
    }

    pub(super) fn into_sentences(self) -> Vec<String> {
        let counted = self.counts.into_iter().map(|(kind, count)| {
            let (one, several, rest) = words(kind);
            match count {
                1 => format!("one {one} {rest}"),
                count => format!("{count} {several} {rest}"),
            }
        });
        self.sentences.into_iter().chain(counted).collect()
    }
}

fn words(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Outline => ("machine", "machines", "was not read from a chart: only its states and targets are written"),
        Kind::Guard => ("condition", "conditions", "in CEL: shown there, but code has to be written for it"),
        Kind::Assign => ("assignment", "assignments", "in CEL: shown there, but code has to be written for it"),
        Kind::Raise => ("raised event", "raised events", "shown there as an action, which raises nothing by itself"),
        Kind::Choice => ("choice between actions", "choices between actions", "shown there as one action"),
        Kind::Effect => ("use of an effect", "uses of effects", "named there; what is called, how often and what then is not said"),
        Kind::At => ("computed instant", "computed instants", "named there as a delay, for which code has to be written"),
        Kind::Short => ("delay", "delays", "rounded up to a whole millisecond there"),
        Kind::Long => ("delay", "delays", "longer than timers of JavaScript run (24.8 days): its runtime fires it at once"),
        Kind::SameDelay => ("timer", "timers", "as long as another one of the same state: named there, so that both stay"),
        Kind::DeepInitial => ("initial", "initials", "deeper than one level: the nearest state is named there"),
        Kind::Wildcard => ("wildcard", "wildcards", "also takes events that the machine raises itself there"),
        Kind::EngineEvent => ("event of the engine", "events of the engine", "waited for by the name it has here; it is called differently there"),
        Kind::Output => ("output", "outputs", "in CEL: code has to be written for it there"),
    }
}
