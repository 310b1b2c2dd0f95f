//! The state column by example; properties of it are in `interpreter_random`.

use std::collections::BTreeSet;

use proptest::prelude::*;
use statehold_core::machine::StateId;
use statehold_core::{Machine, StateSet};

use crate::interpreter_support::machine;

fn checkout() -> Machine {
    machine(
        "
initial: pending
states:
  pending: { on: { go: processing } }
  processing:
    type: parallel
    states:
      payment: { initial: authorizing, states: { authorizing: {}, captured: {} } }
      fulfilment:
        initial: picking
        states:
          picking: {}
          packing: { type: parallel, states: { box: {}, label: { initial: a, states: { a: {} } } } }
      h: { type: history }
  end: { initial: last, states: { last: {} } }
",
    )
}

#[test]
fn configurations_read_like_paths_with_regions_in_parentheses() {
    let machine = checkout();
    for column in [
        "pending",
        "end.last",
        "processing(payment.authorizing|fulfilment.picking)",
        "processing(payment.captured|fulfilment.packing(box|label.a))",
    ] {
        let active = machine.decode(column).expect(column);
        assert_eq!(machine.encode(&active), column);
    }
}

#[test]
fn a_column_that_is_no_configuration_says_why() {
    let machine = checkout();
    for (column, problem) in [
        ("", "there is no state `` here"),
        ("gone", "there is no state `gone` here"),
        ("pending.x", "`.x` is left over"),
        ("pending ", "there is no state `pending ` here"),
        ("end", "state `end` has children, one of them must be named"),
        ("end.last.x", "`.x` is left over"),
        (
            "processing",
            "the regions of parallel state `processing` must follow in parentheses",
        ),
        ("processing(payment.captured)", "a region is missing"),
        (
            "processing(fulfilment.picking|payment.captured)",
            "there is no state `fulfilment` here in `processing`",
        ),
        (
            "processing(payment.captured|fulfilment.picking",
            "a `)` is missing",
        ),
        (
            "processing(payment.captured|fulfilment.picking|h)",
            "a `)` is missing",
        ),
        (
            "processing(payment.captured|fulfilment.picking))",
            "`)` is left over",
        ),
    ] {
        let error = machine.decode(column).expect_err(column);
        assert_eq!(error.problem, problem, "{column}");
        assert_eq!(
            error.to_string(),
            format!("`{column}` is not a configuration of machine `m`: {problem}")
        );
    }
}

#[test]
fn a_set_of_states_is_walked_in_order_from_both_ends() {
    let ids = [0, 1, 63, 64, 65, 127, 128, 199].map(StateId);
    let mut set = StateSet::empty(200);
    assert!(set.is_empty());
    for id in ids.iter().rev() {
        assert!(set.insert(*id));
        assert!(!set.insert(*id));
    }
    assert_eq!(set.iter().collect::<Vec<_>>(), ids);
    let backwards: Vec<StateId> = set.iter().rev().collect();
    assert_eq!(backwards, ids.iter().rev().copied().collect::<Vec<_>>());
    let range = |first: u16, last: u16| {
        let forwards: Vec<u16> = set
            .range(StateId(first), StateId(last))
            .map(|id| id.0)
            .collect();
        let mut backwards: Vec<u16> = set
            .range(StateId(first), StateId(last))
            .rev()
            .map(|id| id.0)
            .collect();
        backwards.reverse();
        assert_eq!(forwards, backwards);
        forwards
    };
    assert_eq!(range(1, 64), [1, 63, 64]);
    assert_eq!(range(2, 62), [0_u16; 0]);
    assert_eq!(range(128, 1_000), [128, 199]);
    assert_eq!(range(5, 2), [0_u16; 0]);
    assert_eq!(set.first_in(StateId(66), StateId(300)), Some(StateId(127)));
    let ends = {
        let mut both = set.iter();
        (both.next(), both.next_back())
    };
    assert_eq!(ends, (Some(StateId(0)), Some(StateId(199))));
    set.remove(StateId(64));
    assert!(!set.contains(StateId(64)) && !set.contains(StateId(5_000)));
    assert_eq!(set.iter().count(), 7);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The first 64 states are kept apart from the rest: nobody may notice.
    #[test]
    fn a_set_of_states_is_a_set(
        size in prop::sample::select(vec![1u16, 2, 63, 64, 65, 128, 129, 1_000]),
        changes in prop::collection::vec((any::<u16>(), any::<bool>()), 0..60),
        ends in (any::<u16>(), any::<u16>()),
    ) {
        let mut set = StateSet::empty(size.into());
        let mut model = BTreeSet::new();
        for (id, is_added) in changes {
            let id = StateId(id % size);
            if is_added {
                prop_assert_eq!(set.insert(id), model.insert(id));
            } else {
                set.remove(id);
                model.remove(&id);
            }
        }
        let (first, last) = (StateId(ends.0 % size), StateId(ends.1 % size));
        let inside: Vec<StateId> = model.iter().copied().filter(|id| (first..=last).contains(id)).collect();
        let backwards: Vec<StateId> = inside.iter().rev().copied().collect();
        prop_assert_eq!(set.range(first, last).collect::<Vec<_>>(), inside.clone());
        prop_assert_eq!(set.range(first, last).rev().collect::<Vec<_>>(), backwards);
        prop_assert_eq!(set.first_in(first, last), inside.first().copied());
        prop_assert_eq!(set.iter().collect::<Vec<_>>(), model.iter().copied().collect::<Vec<_>>());
        prop_assert_eq!(set.is_empty(), model.is_empty());
        prop_assert!((0..size).map(StateId).all(|id| set.contains(id) == model.contains(&id)));
        prop_assert!(!set.contains(StateId(u16::MAX)));
        prop_assert_eq!(set.clone(), set);
    }
}
