//! What holds for every chart and every sequence of events.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use statehold_core::machine::{StateId, StateKind};
use statehold_core::{Event, Machine, Origin, Outcome, Snapshot, StateSet, Status, Step, json};

use crate::interpreter_charts::{EVENTS, build};

/// The machine and what was done to it, for the message of a failure.
fn describe(machine: &Machine, from: &str, step: &Step) -> String {
    let mut text = format!(
        "from {from} to {}, taking {:?}\n",
        step.to, step.transitions
    );
    for state in &machine.states {
        text.push_str(&format!("{:?} {:?}", state.path, state.kind));
        if let Some(initial) = &state.initial {
            text.push_str(&format!(" initial {:?}", initial.targets));
        }
        for transition in state.transitions.iter().chain(&state.always) {
            let on = transition
                .on
                .as_ref()
                .map(statehold_core::machine::Descriptor::text)
                .unwrap_or_default();
            text.push_str(&format!(
                "; {on} -> {:?} {}",
                transition.targets, transition.reenter
            ));
        }
        text.push('\n');
    }
    text.push_str(&format!("memory {:?}\n", step.snapshot.memory));
    text
}

/// A configuration is whole: no state without its parent, one child of a compound state, all of a parallel one.
fn check_legal(machine: &Machine, active: &StateSet, story: &dyn Fn() -> String) {
    assert!(active.contains(StateId::ROOT));
    for state in &machine.states {
        let is_active = active.contains(state.id);
        if let Some(parent) = state.parent.filter(|_| is_active) {
            assert!(active.contains(parent), "{} without its parent", state.path);
        }
        let children = state
            .children
            .iter()
            .filter(|child| active.contains(**child))
            .count();
        let expected = match state.kind {
            _ if !is_active => 0,
            StateKind::Compound => 1,
            StateKind::Parallel => machine.regions(state.id).len(),
            StateKind::Atomic | StateKind::Final => 0,
            StateKind::History { .. } => panic!("{} is active", state.path),
        };
        assert_eq!(
            children,
            expected,
            "children of {:?}: {}",
            state.path,
            story()
        );
    }
}

/// The column names exactly this configuration, and a range of it means "in this state or below".
fn check_column(machine: &Machine, active: &StateSet) {
    let column = machine.encode(active);
    assert_eq!(machine.decode(&column).as_ref(), Ok(active), "{column}");
    for state in &machine.states {
        let mut outer = state.parent;
        let mut is_below_parallel = false;
        while let Some(id) = outer {
            is_below_parallel |= machine.state(id).kind == StateKind::Parallel;
            outer = machine.state(id).parent;
        }
        let is_real = !matches!(state.kind, StateKind::History { .. }) && state.parent.is_some();
        if is_real && !is_below_parallel {
            let upper = format!("{}/", state.path);
            let in_range = column.as_str() >= state.path.as_str() && column < upper;
            assert_eq!(
                in_range,
                active.contains(state.id),
                "{} in {column}",
                state.path
            );
        }
    }
}

/// Entries and exits, as they were logged, lead from the one configuration to the other, parents around children.
fn check_moves(machine: &Machine, before: &StateSet, step: &Step) {
    let mut active: BTreeSet<StateId> = before.iter().collect();
    let is_done = step.snapshot.status == Status::Done;
    for line in &step.logged {
        let Some((sign, path)) = line
            .label
            .split_at_checked(1)
            .filter(|(sign, _)| "+-".contains(sign))
        else {
            continue;
        };
        let state = machine.state_at(path).expect(path);
        if sign == "+" {
            assert!(active.insert(state.id), "{path} is entered twice");
            assert!(
                state.parent.is_none_or(|parent| active.contains(&parent)),
                "{path} before its parent"
            );
        } else {
            assert!(
                active.remove(&state.id),
                "{path} is left without being active"
            );
            assert!(
                !state.children.iter().any(|child| active.contains(child)),
                "{path} before its children"
            );
        }
    }
    let left: Vec<StateId> = active.into_iter().collect();
    let expected: Vec<StateId> = if is_done {
        Vec::new()
    } else {
        step.snapshot.configuration.iter().collect()
    };
    assert_eq!(left, expected);
}

/// Timers belong to entries that are current; entries that were reported as left are not.
fn check_entries(machine: &Machine, before: &Snapshot, step: &Step) {
    for timer in &step.timers {
        assert!(
            machine.is_current(&step.snapshot, &timer.owner),
            "{timer:?}"
        );
    }
    for entry in &step.left {
        assert!(
            machine.is_current(before, entry),
            "{entry:?} was not current"
        );
        assert!(
            !machine.is_current(&step.snapshot, entry),
            "{entry:?} still is"
        );
    }
}

/// Everything that a step decides, as canonical JSON.
fn bytes(machine: &Machine, step: &Step) -> String {
    let snapshot = &step.snapshot;
    let timers = step.timers.iter();
    let effects = step.effects.iter();
    json::canonical(&json!({
        "id": &*snapshot.entity.id,
        "revision": snapshot.entity.revision,
        "configuration": machine.encode(&snapshot.configuration),
        "context": *snapshot.context,
        "memory": *snapshot.memory,
        "status": snapshot.status,
        "from": step.from,
        "to": step.to,
        "transitions": step.transitions,
        "patch": step.patch,
        "effects": effects.map(|e| json!([e.path, e.name, e.request, e.invoke])).collect::<Vec<_>>(),
        "timers": timers.map(|t| json!([t.owner, t.name, t.due])).collect::<Vec<_>>(),
        "left": step.left,
        "logged": step.logged.iter().map(|l| json!([l.label, l.value])).collect::<Vec<_>>(),
        "microsteps": step.microsteps,
        "violated": step.violated,
        "dropped": step.dropped,
    }))
}

/// Every legal configuration below a state, itself included; as many as fit the bound.
fn configurations(machine: &Machine, id: StateId) -> Vec<Vec<StateId>> {
    const MOST: usize = 200;
    let children = machine.regions(id);
    let mut below: Vec<Vec<StateId>> = match machine.state(id).kind {
        StateKind::Compound => (children.iter())
            .flat_map(|child| configurations(machine, *child))
            .collect(),
        StateKind::Parallel => children.iter().fold(vec![Vec::new()], |whole, region| {
            let inner = configurations(machine, *region);
            let joined = whole.iter().flat_map(|a| {
                let join = move |b: &Vec<StateId>| [a.as_slice(), b.as_slice()].concat();
                inner.iter().map(join)
            });
            joined.take(MOST).collect()
        }),
        _ => vec![Vec::new()],
    };
    below.truncate(MOST);
    for configuration in &mut below {
        configuration.push(id);
    }
    below
}

fn walk(machine: &Machine, events: &[u8]) {
    let mut now = Timestamp::UNIX_EPOCH;
    let Ok(first) = machine.start(json!({}), now) else {
        return;
    };
    let nothing = StateSet::empty(machine.states.len());
    check_legal(machine, &first.snapshot.configuration, &|| {
        describe(machine, "nothing", &first)
    });
    check_moves(machine, &nothing, &first);
    let mut timers = first.timers;
    let mut snapshot = first.snapshot;
    for number in events {
        let number = usize::from(*number);
        let event = match timers.get(number % (timers.len() + EVENTS.len())) {
            // Any timer that was ever set, also one that should be gone.
            Some(timer) => Event::timer(
                format!("timer.{}.t", timer.owner.state),
                timer.owner.clone(),
            ),
            None => Event::new(EVENTS[number % EVENTS.len()]),
        };
        now += SignedDuration::from_secs(1);
        let before = snapshot.clone();
        let result = machine.step(&snapshot, &event, now);
        assert_eq!(snapshot, before);
        assert_eq!(
            result,
            machine.step(&snapshot, &event, now),
            "the same input gives the same step"
        );
        match result {
            Err(refusal) => {
                let is_stale = match &event.origin {
                    Origin::Timer(owner) => !machine.is_current(&snapshot, owner),
                    _ => false,
                };
                assert_eq!(refusal.outcome == Outcome::Ignored, is_stale, "{refusal}");
            }
            Ok(step) => {
                let again = machine.step(&snapshot, &event, now).unwrap();
                assert_eq!(bytes(machine, &step), bytes(machine, &again));
                // What is taken from outside was announced.
                let accepted = machine.accepted_events(&snapshot);
                let is_engines = event.origin != Origin::External;
                assert!(is_engines || accepted.contains(&event.kind));
                assert_eq!(step.from, machine.encode(&snapshot.configuration));
                assert_eq!(step.snapshot.entity.revision, snapshot.entity.revision + 1);
                let story = || describe(machine, &step.from, &step);
                check_legal(machine, &step.snapshot.configuration, &story);
                check_column(machine, &step.snapshot.configuration);
                check_moves(machine, &snapshot.configuration, &step);
                check_entries(machine, &snapshot, &step);
                timers.extend(step.timers);
                snapshot = step.snapshot;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_step_is_whole_ordered_and_repeatable(
        tape in proptest::collection::vec(any::<u16>(), 0..700),
        events in proptest::collection::vec(any::<u8>(), 1..16),
    ) {
        walk(&build(&tape), &events);
    }

    /// No two configurations are written alike, and each is read back.
    #[test]
    fn every_configuration_has_a_column_of_its_own(
        tape in proptest::collection::vec(any::<u16>(), 0..200),
    ) {
        let machine = build(&tape);
        let mut columns = BTreeSet::new();
        for states in configurations(&machine, StateId::ROOT) {
            let mut active = StateSet::empty(machine.states.len());
            for id in states {
                active.insert(id);
            }
            let column = machine.encode(&active);
            prop_assert_eq!(machine.decode(&column), Ok(active));
            prop_assert!(columns.insert(column));
        }
    }

    #[test]
    fn a_column_is_read_as_what_it_names_or_not_at_all(
        tape in proptest::collection::vec(any::<u16>(), 0..120),
        column in "(s[0-2]|h|[.|()]){0,12}",
    ) {
        let machine = build(&tape);
        if let Ok(active) = machine.decode(&column) {
            check_legal(&machine, &active, &|| column.clone());
            prop_assert_eq!(machine.encode(&active), column);
        }
    }
}
