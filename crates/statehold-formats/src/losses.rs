//! [`Losses`]: what another tool will not do as the chart says, counted and said in one sentence each.

use serde_json::Value;

use crate::draft::Draft;

/// One of something, several of it, and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words(
    pub(crate) &'static str,
    pub(crate) &'static str,
    pub(crate) &'static str,
);

/// How often each kind of loss was met.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    counts: Vec<(Words, usize)>,
    sentences: Vec<String>,
}

impl Losses {
    /// Counts one more.
    pub(crate) fn add(&mut self, words: Words) {
        match self.counts.iter_mut().find(|(known, _)| *known == words) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((words, 1)),
        }
    }

    /// Says something once.
    pub(crate) fn say(&mut self, sentence: &str) {
        if !self.sentences.iter().any(|known| known == sentence) {
            self.sentences.push(sentence.to_owned());
        }
    }

    /// Says what becomes of what stands above the states; no other format has words for it.
    pub(crate) fn head(&mut self, draft: &Draft) {
        let unhandled = draft.head.get("unhandled").and_then(Value::as_str);
        if unhandled != Some("ignore") {
            self.say("events that no transition takes are dropped there instead of refused");
        }
        let events = || draft.events.values();
        if draft.head.contains_key("authorize")
            || events().any(|event| event.value.get("authorize").is_some())
        {
            self.say("who may fire an event is not asked there");
        }
        if events().any(|event| event.value.get("input").is_some()) {
            self.say("the inputs of events are not checked there");
        }
        if !draft.context.is_empty() {
            self.say("the types of context fields are not checked there");
        }
    }

    /// Everything that was counted or said.
    pub(crate) fn into_sentences(self) -> Vec<String> {
        let counted = self.counts.into_iter().map(|(words, count)| {
            let Words(one, several, rest) = words;
            match count {
                1 => format!("one {one} {rest}"),
                count => format!("{count} {several} {rest}"),
            }
        });
        self.sentences.into_iter().chain(counted).collect()
    }
}
