//! History: what is remembered, where it leads without memory, and what a changed machine makes of it.

use std::sync::Arc;

use serde_json::json;
use statehold_core::Event;

use crate::interpreter_support::{World, check, machine};

#[test]
fn deep_history_remembers_leaves_and_shallow_history_children() {
    let chart = |kind: &str| {
        format!(
            "
initial: on
states:
  on:
    initial: a
    on: {{ leave: off }}
    states:
      a: {{ on: {{ next: b }} }}
      b: {{ initial: x, states: {{ x: {{ on: {{ deeper: y }} }}, y: {{}} }} }}
      h: {{ type: history, history: {kind}, target: a }}
  off: {{ on: {{ back: on.h }} }}
"
        )
    };
    let script = "next
                  deeper
                  leave
                  back";
    let expected = |end: &str| {
        format!(
            "
            create -> on.a
            next -> on.b.x
              on.a on next -> on.b
            deeper -> on.b.y
              on.b.x on deeper -> on.b.y
            leave -> off
              on on leave -> off
            back -> {end}
              off on back -> on.h
            "
        )
    };
    check(&chart("deep"), script, &expected("on.b.y"));
    check(&chart("shallow"), script, &expected("on.b.x"));
}

#[test]
fn without_memory_a_history_state_leads_to_its_target_or_to_the_initial_state() {
    let chart = |target: &str| {
        format!(
            "
initial: off
states:
  off: {{ on: {{ back: on.h }} }}
  on: {{ initial: a, states: {{ a: {{}}, b: {{}}, h: {{ type: history{target} }} }} }}
"
        )
    };
    let expected = |end: &str| format!("create -> off\nback -> {end}\n  off on back -> on.h\n");
    check(&chart(", target: b"), "back", &expected("on.b"));
    check(&chart(""), "back", &expected("on.a"));
}

/// A history state that nothing was remembered for must lead somewhere, and be no silent nothing.
#[test]
fn an_unvisited_history_of_a_parallel_state_enters_all_regions() {
    check(
        "
initial: off
states:
  off: { on: { go: on.h } }
  on:
    type: parallel
    states:
      h: { type: history, history: deep }
      l: { initial: a, states: { a: {}, b: {} } }
      r: { initial: c, states: { c: {}, d: {} } }
",
        "go",
        "
        create -> off
        go -> on(l.a|r.c)
          off on go -> on.h
        ",
    );
}

#[test]
fn a_parallel_state_is_restored_region_by_region() {
    check(
        "
initial: on
states:
  off: { on: { back: on.h } }
  on:
    type: parallel
    on: { leave: off }
    states:
      h: { type: history, history: deep }
      l: { initial: a, states: { a: { on: { x: b } }, b: {} } }
      r: { initial: c, states: { c: {}, d: {} } }
",
        "x
         leave
         back",
        "
        create -> on(l.a|r.c)
        x -> on(l.b|r.c)
          on.l.a on x -> on.l.b
        leave -> off
          on on leave -> off
        back -> on(l.b|r.c)
          off on back -> on.h
        ",
    );
}

#[test]
fn a_transition_out_and_back_remembers_what_it_left() {
    check(
        "
initial: on
states:
  on:
    initial: a
    on: { again: { target: on.h, reenter: true } }
    states: { a: { on: { next: b } }, b: { after: { 1s: a } }, h: { type: history } }
",
        "next
         again",
        "
        create -> on.a
        next -> on.b
          on.a on next -> on.b
          timer on.b#1 1s at 1s
        again -> on.b
          on on again -> on.h
          timer on.b#2 1s at 1s
          left on.b#1
        ",
    );
}

#[test]
fn a_memory_that_no_longer_fits_gives_way_to_the_default_and_says_so() {
    let old = machine(
        "
initial: on
states:
  off: { on: { back: on.h } }
  on: { initial: a, on: { leave: off }, states: { a: { on: { next: b } }, b: {}, h: { type: history } } }
",
    );
    let mut world = World::create(&old, json!({})).unwrap();
    for event in ["next", "leave"] {
        world.offer(event, &Event::new(event));
    }
    let new = machine(
        "
initial: on
states:
  off: { on: { back: on.h } }
  on: { initial: a, states: { a: {}, c: {}, h: { type: history } } }
",
    );
    let mut snapshot = world.snapshot.clone();
    snapshot.configuration = new.decode("off").unwrap();
    let step = new.step(&snapshot, &Event::new("back"), world.now).unwrap();
    assert_eq!(step.to, "on.a");
    let logged: Vec<_> = step
        .logged
        .iter()
        .map(|line| (line.label.as_str(), &line.value))
        .collect();
    assert_eq!(logged, [("history_reset", &json!("on.h"))]);
    // Two children of what is now a compound state cannot both be restored.
    Arc::make_mut(&mut snapshot.memory).history.insert(
        "on.h".to_owned(),
        vec!["on.a".to_owned(), "on.c".to_owned()],
    );
    assert_eq!(
        new.step(&snapshot, &Event::new("back"), world.now)
            .unwrap()
            .to,
        "on.a"
    );
    Arc::make_mut(&mut snapshot.memory)
        .history
        .insert("on.h".to_owned(), vec!["on.h".to_owned()]);
    assert_eq!(
        new.step(&snapshot, &Event::new("back"), world.now)
            .unwrap()
            .to,
        "on.a"
    );
    Arc::make_mut(&mut snapshot.memory)
        .history
        .insert("on.h".to_owned(), Vec::new());
    assert_eq!(
        new.step(&snapshot, &Event::new("back"), world.now)
            .unwrap()
            .to,
        "on.a"
    );
}
