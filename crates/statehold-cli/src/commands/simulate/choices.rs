//! What can be chosen now, and what each event would come to.

use statehold_core::machine::Transition;
use statehold_core::schema::Record;
use statehold_core::{Event, Outcome, Refusal};

use super::Walk;
use super::words::nothing;
use crate::commands::dev::sample;

/// Something a number in the list stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// An event, which may turn out to be refused.
    Event(String),
    /// A call that waits for its answer, by the name of the effect.
    Call(String),
    /// The next timer.
    Timer,
}

/// Everything that can be chosen, in the order of the list: what is possible, what is not, calls, the next timer.
pub(super) fn choices(walk: &Walk<'_>) -> Vec<Choice> {
    let prospects = prospects(walk);
    let (open, closed): (Vec<_>, Vec<_>) = prospects.into_iter().partition(Prospect::is_open);
    let events = open
        .into_iter()
        .chain(closed)
        .map(|prospect| prospect.event);
    let calls = walk.world.effects().iter().map(|open| &open.request.name);
    let mut choices: Vec<Choice> = events.map(Choice::Event).collect();
    for name in calls {
        let call = Choice::Call(name.clone());
        if !choices.contains(&call) {
            choices.push(call);
        }
    }
    if !walk.world.timers().is_empty() {
        choices.push(Choice::Timer);
    }
    choices
}

/// What an event would come to if it were fired now, as far as that is known without its input.
#[derive(Debug, Clone)]
pub(super) struct Prospect {
    pub(super) event: String,
    pub(super) verdict: Verdict,
    /// The fields of its input, as the author declared them.
    pub(super) fields: Vec<String>,
    /// Input to try, as JSON.
    pub(super) sample: Option<String>,
    /// The conditions of the transitions that wait for it: name, if there is one, and text.
    pub(super) guards: Vec<(Option<String>, String)>,
    /// The rule about who may fire it, if there is one.
    pub(super) authorize: Option<String>,
    /// The sentence that says that it is deprecated.
    pub(super) deprecated: Option<String>,
}

/// What is known about an event.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    /// It would lead here.
    Leads(String),
    /// It would be taken, and the state stays as it is.
    Stays,
    /// It depends on its input.
    Asks,
    /// It would be kept and offered again later.
    Waits,
    /// It would be refused.
    Refused {
        outcome: Outcome,
        reasons: Vec<String>,
    },
}

impl Prospect {
    /// Whether it is not known to be refused.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.verdict, Verdict::Refused { .. })
    }
}

/// Each event that some transition waits for. Of a pattern such as `payment.*` the pattern.
pub(super) fn prospects(walk: &Walk<'_>) -> Vec<Prospect> {
    let events = (walk.world.snapshot())
        .map(|snapshot| walk.world.machine().accepted_events(snapshot))
        .unwrap_or_default();
    events
        .into_iter()
        .map(|event| prospect(walk, event))
        .collect()
}

fn prospect(walk: &Walk<'_>, event: String) -> Prospect {
    let machine = walk.world.machine();
    let record = machine.input_record(&event);
    let fields = record.into_iter().flat_map(Record::fields);
    let fields = fields.map(|field| {
        let mark = if field.optional || field.default.is_some() {
            "?"
        } else {
            ""
        };
        format!("{}{mark}: {}", field.name, field.ty.name())
    });
    let deprecated = machine
        .event(&event)
        .and_then(|def| def.deprecated.as_ref());
    Prospect {
        verdict: verdict(walk, &event),
        fields: fields.collect(),
        sample: record
            .map(sample::input)
            .filter(|input| *input != nothing())
            .map(|input| input.to_string()),
        guards: guards(walk, &event),
        authorize: machine
            .event(&event)
            .and_then(|def| def.authorize.as_ref())
            .map(|rule| rule.source().to_owned()),
        deprecated: deprecated.map(|deprecated| deprecated.describe("event", &event)),
        event,
    }
}

fn verdict(walk: &Walk<'_>, event: &str) -> Verdict {
    if event.contains('*') {
        return Verdict::Asks;
    }
    let fired = Event::new(event).input(nothing()).actor(walk.actor.clone());
    match walk.world.clone().fire(fired) {
        Ok(step) if step.from == step.to => Verdict::Stays,
        Ok(step) => Verdict::Leads(step.to),
        Err(refusal) if refusal.outcome == Outcome::InvalidInput => Verdict::Asks,
        Err(refusal) if refusal.outcome == Outcome::Accepted => Verdict::Waits,
        Err(refusal) if misses_input(&refusal) => Verdict::Asks,
        Err(refusal) => Verdict::Refused {
            outcome: refusal.outcome,
            reasons: if refusal.blockers.is_empty() {
                vec![refusal.message]
            } else {
                (refusal.blockers.into_iter())
                    .map(|blocker| blocker.message)
                    .collect()
            },
        },
    }
}

/// Whether an expression failed only because it reads input, of which there is none yet.
fn misses_input(refusal: &Refusal) -> bool {
    let failed = matches!(refusal.outcome, Outcome::GuardError | Outcome::StepError);
    let reads_input = |text: &str| text.contains("event.input");
    failed
        && (reads_input(&refusal.message)
            || (refusal.blockers.iter()).any(|blocker| reads_input(&blocker.message)))
}

/// The conditions of the transitions that wait for an event here.
fn guards(walk: &Walk<'_>, event: &str) -> Vec<(Option<String>, String)> {
    let machine = walk.world.machine();
    let takes = |transition: &&Transition| {
        let on = transition.on.as_ref();
        on.is_some_and(|on| on.takes(event, false) || on.text() == event)
    };
    let active = (walk.world.snapshot().into_iter()).flat_map(|entity| entity.configuration.iter());
    let candidates = active.flat_map(|id| machine.state(id).transitions.iter().filter(takes));
    let mut guards: Vec<(Option<String>, String)> = candidates
        .filter_map(|transition| transition.guard.as_ref())
        .map(|guard| (guard.name.clone(), guard.expr.source().to_owned()))
        .collect();
    guards.dedup();
    guards
}
