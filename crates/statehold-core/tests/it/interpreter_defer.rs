//! Deferred events: which are kept, in which order they are taken, and what becomes of the rest.

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use statehold_core::{
    Actor, DEFERRED_BYTES_MAX, DEFERRED_MAX, Event, InvokeRef, Machine, Memory, Outcome, Refusal,
    Snapshot, Step, codes,
};

use crate::interpreter_charts::{EVENTS, build};
use crate::interpreter_support::machine;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

const CHART: &str = "
unhandled: defer
context: { seen: { type: list, default: [] } }
events:
  pay: { input: { amount: integer } }
  ping: { unhandled: reject }
  pong: { unhandled: ignore }
  close: {}
initial: draft
states:
  draft: { on: { submit: open, note: {} } }
  open:
    on:
      pay: { assign: { seen: \"ctx.seen + ['pay ' + string(event.input.amount)]\" } }
      check: { target: checked, guard: size(ctx.seen) > 1 }
      hold: held
      ping: {}
      pong: {}
  held: { on: { free: open } }
  checked: { on: { close: closed } }
  closed: { type: final }
";

fn start(machine: &Machine) -> Snapshot {
    machine.start(json!({}), NOW).expect("created").snapshot
}

fn pay(amount: i64) -> Event {
    Event::new("pay").input(json!({ "amount": amount }))
}

fn refusal(machine: &Machine, snapshot: &Snapshot, event: &Event) -> Refusal {
    machine.step(snapshot, event, NOW).expect_err("not taken")
}

/// Offers an event and keeps it if the machine says so, as whoever makes steps durable does.
fn fire(machine: &Machine, snapshot: &Snapshot, event: &Event, id: &str) -> Step {
    match machine.step(snapshot, event, NOW) {
        Ok(step) => step,
        Err(refusal) if refusal.outcome == Outcome::Accepted => {
            machine.defer(snapshot, event, id).expect("there is room")
        }
        Err(refusal) => panic!("{refusal}"),
    }
}

/// Takes what is taken, oldest first, again from the oldest after each.
fn recall_all(machine: &Machine, snapshot: Snapshot) -> (Snapshot, Vec<String>) {
    let mut now = snapshot;
    let mut taken = Vec::new();
    'again: loop {
        for at in 0..now.memory.deferred.len() {
            if let Some(Ok(step)) = machine.recall(&now, at, NOW) {
                taken.push(now.memory.deferred[at].id.clone());
                now = step.snapshot;
                continue 'again;
            }
        }
        return (now, taken);
    }
}

fn waiting(snapshot: &Snapshot) -> Vec<&str> {
    let waiting = snapshot.memory.deferred.iter();
    waiting.map(|event| event.id.as_str()).collect()
}

#[test]
fn an_event_that_no_transition_takes_is_kept_and_changes_nothing_else() {
    let machine = machine(CHART);
    let before = start(&machine);
    let refusal = refusal(&machine, &before, &pay(1));
    assert_eq!(refusal.outcome, Outcome::Accepted);
    assert_eq!(refusal.code, codes::NO_TRANSITION);
    let step = machine.defer(&before, &pay(1), "p-1").unwrap();
    assert_eq!((step.from.as_str(), step.to.as_str()), ("draft", "draft"));
    assert!(step.transitions.is_empty() && step.patch.is_empty() && step.timers.is_empty());
    assert_eq!(step.snapshot.entity.revision, before.entity.revision + 1);
    assert_eq!(step.snapshot.configuration, before.configuration);
    assert_eq!(step.snapshot.context, before.context);
    assert_eq!(waiting(&step.snapshot), ["p-1"]);
    let accepted = machine.accepted_events(&step.snapshot);
    assert_eq!(accepted, machine.accepted_events(&before));
}

#[test]
fn deferred_events_are_taken_oldest_first_and_the_rest_stays_in_order() {
    let machine = machine(CHART);
    let mut now = start(&machine);
    for (id, event) in [
        ("c-1", Event::new("close")),
        ("p-1", pay(1)),
        ("c-2", Event::new("close")),
        ("p-2", pay(2)),
    ] {
        now = fire(&machine, &now, &event, id).snapshot;
    }
    // Taken in the state where they were fired, other events pass them by.
    now = fire(&machine, &now, &Event::new("note"), "n").snapshot;
    now = fire(&machine, &now, &Event::new("submit"), "s").snapshot;
    assert_eq!(waiting(&now), ["c-1", "p-1", "c-2", "p-2"]);
    let (now, taken) = recall_all(&machine, now);
    assert_eq!(taken, ["p-1", "p-2"]);
    assert_eq!(waiting(&now), ["c-1", "c-2"]);
    assert_eq!(now.context["seen"], json!(["pay 1", "pay 2"]));
}

#[test]
fn a_recalled_event_is_a_step_of_its_own_with_its_own_actor_and_instant() {
    let machine = machine(
        "
unhandled: defer
context: { who?: string, at?: timestamp }
events: { sign: { authorize: actor.id == 'ada' } }
initial: a
states: { a: { on: { go: b } }, b: { on: { sign: { target: c, assign: { who: actor.id, at: now } } } }, c: {} }
",
    );
    let ada = Actor {
        id: "ada".to_owned(),
        ..Actor::anonymous()
    };
    let sign = Event::new("sign").actor(ada);
    let now = fire(&machine, &start(&machine), &sign, "s-1").snapshot;
    let now = fire(&machine, &now, &Event::new("go"), "g").snapshot;
    let later: Timestamp = "2026-05-01T00:00:00Z".parse().unwrap();
    let step = machine.recall(&now, 0, later).unwrap().unwrap();
    assert_eq!((step.from.as_str(), step.to.as_str()), ("b", "c"));
    assert_eq!(step.patch["who"], "ada");
    assert_eq!(step.patch["at"], "2026-05-01T00:00:00Z");
    assert!(waiting(&step.snapshot).is_empty());
    assert!(machine.recall(&now, 1, later).is_none());
}

/// Who may do something is asked where the entity stands when it is done.
#[test]
fn permission_is_asked_again_when_an_event_is_recalled() {
    let machine = machine(
        "
unhandled: defer
context: { open: { type: boolean, default: true } }
events: { enter: { authorize: ctx.open } }
initial: a
states: { a: { on: { go: { target: b, assign: { open: false } } } }, b: { on: { enter: c } }, c: {} }
",
    );
    let now = fire(&machine, &start(&machine), &Event::new("enter"), "e").snapshot;
    let now = fire(&machine, &now, &Event::new("go"), "g").snapshot;
    let refused = machine.recall(&now, 0, NOW).unwrap().unwrap_err();
    assert_eq!(refused.outcome, Outcome::Forbidden);
}

#[test]
fn only_events_from_outside_that_nothing_waits_for_are_deferred() {
    let machine = machine(CHART);
    let draft = start(&machine);
    let outcome = |snapshot: &Snapshot, event: &Event| refusal(&machine, snapshot, event).outcome;
    // The event's own rule comes before the machine's.
    assert_eq!(outcome(&draft, &Event::new("ping")), Outcome::NoTransition);
    assert_eq!(outcome(&draft, &Event::new("pong")), Outcome::Ignored);
    assert_eq!(outcome(&draft, &Event::new("typo")), Outcome::UnknownEvent);
    let open = fire(&machine, &draft, &Event::new("submit"), "s").snapshot;
    // A transition waits for it and says why not now.
    assert_eq!(outcome(&open, &Event::new("check")), Outcome::GuardFailed);
    let owner = InvokeRef {
        state: "open".to_owned(),
        entry: 1,
    };
    let stale = Event::timer("timer.open.1h", owner);
    assert_eq!(outcome(&open, &stale), Outcome::Ignored);
    let result = Event::effect_done("e", None, Value::Null, 1);
    assert_eq!(outcome(&open, &result), Outcome::NoTransition);
}

#[test]
fn a_guard_that_refuses_a_recalled_event_leaves_it_where_it_is() {
    let machine = machine(CHART);
    let now = fire(&machine, &start(&machine), &Event::new("check"), "k").snapshot;
    let now = fire(&machine, &now, &pay(1), "p-1").snapshot;
    let now = fire(&machine, &now, &Event::new("submit"), "s").snapshot;
    let (now, taken) = recall_all(&machine, now);
    assert_eq!(taken, ["p-1"]);
    assert_eq!(waiting(&now), ["k"]);
    // The guard holds once more was paid; the event is the oldest then and taken first.
    let now = fire(&machine, &now, &pay(2), "p-2").snapshot;
    let now = fire(&machine, &now, &Event::new("hold"), "h").snapshot;
    let (now, taken) = recall_all(&machine, now);
    assert!(taken.is_empty());
    let now = fire(&machine, &now, &Event::new("free"), "f").snapshot;
    let (now, taken) = recall_all(&machine, now);
    assert_eq!(taken, ["k"]);
    assert_eq!(machine.encode(&now.configuration), "checked");
}

#[test]
fn as_many_events_as_fit_are_kept_and_the_next_is_refused() {
    let machine = machine(CHART);
    let mut now = start(&machine);
    for n in 0..DEFERRED_MAX {
        now = fire(&machine, &now, &pay(1), &format!("p-{n}")).snapshot;
    }
    let refused = refusal(&machine, &now, &pay(1));
    assert_eq!(
        (refused.outcome, refused.code),
        (Outcome::NoTransition, codes::DEFERRED_FULL)
    );
    assert_eq!(refused.accepted_events, ["submit", "note"]);
    let kept = machine.defer(&now, &pay(1), "more").unwrap_err();
    assert_eq!(kept.code, codes::DEFERRED_FULL);
}

#[test]
fn the_size_of_what_is_kept_is_bounded_too() {
    let machine = machine(
        "
unhandled: defer
events: { say: { input: { text: string } } }
initial: a
states: { a: { on: { go: b } }, b: { on: { say: {} } } }
",
    );
    let say = |bytes: usize| Event::new("say").input(json!({ "text": "x".repeat(bytes) }));
    let mut now = start(&machine);
    for n in 0..3 {
        now = fire(&machine, &now, &say(DEFERRED_BYTES_MAX / 4), &n.to_string()).snapshot;
    }
    let refused = refusal(&machine, &now, &say(DEFERRED_BYTES_MAX / 4));
    assert_eq!(refused.code, codes::DEFERRED_FULL);
    assert_eq!(refusal(&machine, &now, &say(9)).outcome, Outcome::Accepted);
}

#[test]
fn what_still_waits_when_the_entity_is_done_is_named() {
    let machine = machine(CHART);
    let mut now = start(&machine);
    for (id, kind) in [("f", "free"), ("x", "hold")] {
        now = fire(&machine, &now, &Event::new(kind), id).snapshot;
    }
    now = machine
        .step(&now, &Event::new("submit"), NOW)
        .unwrap()
        .snapshot;
    for amount in [1, 2] {
        now = fire(&machine, &now, &pay(amount), "").snapshot;
    }
    now = machine
        .step(&now, &Event::new("check"), NOW)
        .unwrap()
        .snapshot;
    let end = machine.step(&now, &Event::new("close"), NOW).unwrap();
    let dropped: Vec<&str> = end.dropped.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(dropped, ["f", "x"]);
    assert!(waiting(&end.snapshot).is_empty());
    let late = refusal(&machine, &end.snapshot, &pay(3));
    assert_eq!(late.outcome, Outcome::NoTransition);
}

#[test]
fn what_waits_is_stored_and_read_back_without_loss() {
    let machine = machine(CHART);
    let now = fire(&machine, &start(&machine), &pay(7), "p-1").snapshot;
    let stored = serde_json::to_string(&*now.memory).unwrap();
    let read: Memory = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, *now.memory);
    // Entities without deferred events are stored as before there were any.
    let plain = serde_json::to_string(&*start(&machine).memory).unwrap();
    assert!(!plain.contains("deferred"), "{plain}");
}

/// Whether `part` is what remains of `whole` when some are taken out.
fn is_rest(part: &[String], whole: &[String]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|id| whole.any(|other| other == id))
}

fn ids(snapshot: &Snapshot) -> Vec<String> {
    waiting(snapshot).into_iter().map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever the chart: no event is taken twice, none is lost before the entity is done, and none changes its place.
    #[test]
    fn every_deferred_event_is_taken_once_or_waits_in_its_place(
        tape in proptest::collection::vec(any::<u16>(), 0..400),
        events in proptest::collection::vec(0..EVENTS.len(), 1..24),
    ) {
        let machine = build(&tape);
        let Ok(first) = machine.start(json!({}), NOW) else {
            return Ok(());
        };
        let mut now = first.snapshot;
        let (mut kept, mut gone) = (BTreeSet::new(), BTreeSet::new());
        for (number, event) in events.into_iter().enumerate() {
            let event = Event::new(EVENTS[event]);
            let id = number.to_string();
            match machine.step(&now, &event, NOW) {
                Ok(step) => {
                    gone.extend(step.dropped.iter().map(|event| event.id.clone()));
                    now = step.snapshot;
                }
                Err(refusal) if refusal.outcome == Outcome::Accepted => {
                    now = machine.defer(&now, &event, &id).unwrap().snapshot;
                    kept.insert(id);
                }
                Err(_) => continue,
            }
            for _ in 0..kept.len() {
                let before = ids(&now);
                let offers = (0..before.len()).find_map(|at| {
                    let step = machine.recall(&now, at, NOW)?.ok()?;
                    Some((before[at].clone(), step))
                });
                let Some((taken, step)) = offers else { break };
                prop_assert!(gone.insert(taken), "taken twice");
                gone.extend(step.dropped.iter().map(|event| event.id.clone()));
                prop_assert!(is_rest(&ids(&step.snapshot), &before));
                now = step.snapshot;
            }
        }
        let waits: BTreeSet<String> = ids(&now).into_iter().collect();
        prop_assert!(gone.is_disjoint(&waits));
        prop_assert_eq!(gone.union(&waits).cloned().collect::<BTreeSet<_>>(), kept);
    }
}
