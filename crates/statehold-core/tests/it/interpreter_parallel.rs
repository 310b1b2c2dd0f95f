//! Parallel states: who is asked, who wins, and when they are complete.

use crate::interpreter_support::check;

/// An event that several regions wait for must not stop at the first one.
#[test]
fn an_event_moves_every_region_that_takes_it() {
    check(
        "
type: parallel
states:
  r1: { initial: s10, states: { s10: { on: { e2: s11 } }, s11: {} } }
  r2: { initial: s20, states: { s20: { on: { e2: s21 } }, s21: {} } }
",
        "e2",
        "
        create -> (r1.s10|r2.s20)
        e2 -> (r1.s11|r2.s21)
          r1.s10 on e2 -> r1.s11
          r2.s20 on e2 -> r2.s21
        ",
    );
}

#[test]
fn the_parallel_state_is_asked_only_if_no_region_takes_the_event() {
    let chart = "
initial: p
states:
  p:
    type: parallel
    on: { e: out, g: { actions: [ { raise: e } ] } }
    states:
      r1: { initial: a, states: { a: { on: { e: b, g: {} } }, b: {} } }
      r2: { initial: c, states: { c: {} } }
  out: {}
";
    check(
        chart,
        "g
         e
         e",
        "
        create -> p(r1.a|r2.c)
        g -> p(r1.a|r2.c)
          p.r1.a on g -> (stays)
        e -> p(r1.b|r2.c)
          p.r1.a on e -> p.r1.b
        e -> out
          p on e -> out
        ",
    );
}

#[test]
fn of_conflicting_transitions_the_earlier_one_wins() {
    check(
        "
initial: p
states:
  p:
    type: parallel
    states:
      r1: { initial: a, states: { a: { on: { e: b } }, b: {} } }
      r2: { initial: c, states: { c: { on: { e: /out } } } }
      r3: { initial: d, states: { d: { on: { e: f } }, f: {} } }
  out: {}
",
        "e",
        "
        create -> p(r1.a|r2.c|r3.d)
        e -> p(r1.b|r2.c|r3.f)
          p.r1.a on e -> p.r1.b
          p.r3.d on e -> p.r3.f
        ",
    );
    check(
        "
initial: p
states:
  p:
    type: parallel
    states:
      r1: { initial: a, states: { a: { on: { e: /out } } } }
      r2: { initial: c, states: { c: { on: { e: d } }, d: {} } }
  out: {}
",
        "e",
        "
        create -> p(r1.a|r2.c)
        e -> out
          p.r1.a on e -> out
        ",
    );
}

#[test]
fn a_targetless_transition_conflicts_with_nothing() {
    check(
        "
initial: p
context: { n: { type: integer, default: 0 } }
states:
  p:
    type: parallel
    states:
      r1: { initial: a, states: { a: { on: { e: /out } } } }
      r2: { initial: c, states: { c: { on: { e: { assign: { n: ctx.n + 1 } } } } } }
  out: {}
",
        "e",
        "
        create -> p(r1.a|r2.c)
          ctx.n = 0
        e -> out
          p.r1.a on e -> out
          p.r2.c on e -> (stays)
          ctx.n = 1
        ",
    );
}

#[test]
fn guards_see_everything_as_it_was_before_the_microstep() {
    check(
        "
type: parallel
context: { n: { type: integer, default: 0 } }
states:
  r1: { initial: a, states: { a: { on: { e: { target: b, assign: { n: 1 } } } }, b: {} } }
  r2: { initial: c, states: { c: { on: { e: [ { target: d, guard: \"ctx.n == 0 && in_state('r1.a')\" }, { target: f } ] } }, d: {}, f: {} } }
",
        "e",
        "
        create -> (r1.a|r2.c)
          ctx.n = 0
        e -> (r1.b|r2.d)
          r1.a on e -> r1.b
          r2.c on e -> r2.d
          ctx.n = 1
        ",
    );
}

#[test]
fn eventless_transitions_see_what_other_regions_did() {
    check(
        "
type: parallel
states:
  r1: { initial: a, states: { a: { on: { e: b } }, b: {} } }
  r2: { initial: c, states: { c: { always: { target: d, guard: \"in_state('r1.b')\" } }, d: {} } }
",
        "e",
        "
        create -> (r1.a|r2.c)
        e -> (r1.b|r2.d)
          r1.a on e -> r1.b
          r2.c on always -> r2.d
        ",
    );
}

#[test]
fn done_waits_for_every_region_and_climbs_through_nested_parallel_states() {
    check(
        "
initial: p
states:
  p:
    type: parallel
    onDone: end
    states:
      r1:
        type: parallel
        onDone: { actions: [ { raise: inner } ] }
        states:
          x: { initial: a, onDone: { actions: [ { raise: x_done } ] }, states: { a: { on: { e1: f } }, f: { type: final } } }
          y: { initial: a, states: { a: { on: { e2: f } }, f: { type: final } } }
      r2: { initial: a, states: { a: { on: { e3: f } }, f: { type: final } } }
    on: { inner: { actions: [ { raise: seen } ] } }
  end: {}
",
        "e1
         e3
         e2",
        "
        create -> p(r1(x.a|y.a)|r2.a)
        e1 -> p(r1(x.f|y.a)|r2.a)
          p.r1.x.a on e1 -> p.r1.x.f
          p.r1.x on done.state.p.r1.x -> (stays)
        e3 -> p(r1(x.f|y.a)|r2.f)
          p.r2.a on e3 -> p.r2.f
        e2 -> end
          p.r1.y.a on e2 -> p.r1.y.f
          p.r1 on done.state.p.r1 -> (stays)
          p on done.state.p -> end
        ",
    );
}

#[test]
fn a_final_region_counts_as_complete_from_the_start() {
    check(
        "
initial: p
states:
  p:
    type: parallel
    onDone: end
    states:
      r1: { type: final }
      r2: { initial: a, states: { a: { on: { e: f } }, f: { type: final } } }
  end: {}
",
        "e",
        "
        create -> p(r1|r2.a)
        e -> end
          p.r2.a on e -> p.r2.f
          p on done.state.p -> end
        ",
    );
}

#[test]
fn a_parallel_root_is_done_when_all_its_regions_are() {
    check(
        "
type: parallel
context: { sum: { type: integer, default: 0 } }
output: { sum: ctx.sum }
states:
  l: { initial: a, states: { a: { on: { e: { target: f, assign: { sum: ctx.sum + 1 } } } }, f: { type: final } } }
  r: { initial: a, states: { a: { on: { g: f } }, f: { type: final } } }
",
        "e
         g
         e",
        "
        create -> (l.a|r.a)
          ctx.sum = 0
        e -> (l.f|r.a)
          l.a on e -> l.f
          ctx.sum = 1
        g -> (l.f|r.f)
          r.a on g -> r.f
          done {\"sum\":1}
        e: no_transition the entity is done (in `(l.f|r.f)`) and takes no events
        ",
    );
}

#[test]
fn a_region_that_enters_itself_again_resets_its_siblings_but_not_the_parallel_state() {
    check(
        "
initial: p
context: { at: { type: list, default: [] } }
states:
  p:
    type: parallel
    entry: [ { assign: { at: \"ctx.at + ['+p']\" } } ]
    states:
      r1: { initial: a, on: { again: { target: r1, reenter: true } }, states: { a: {} } }
      r2: { initial: b, states: { b: { on: { next: c } }, c: {} } }
",
        "next
         again",
        r#"
        create -> p(r1.a|r2.b)
          ctx.at = ["+p"]
        next -> p(r1.a|r2.c)
          p.r2.b on next -> p.r2.c
        again -> p(r1.a|r2.b)
          p.r1 on again -> p.r1
        "#,
    );
}

/// A history state is never active, so it must not be waited for.
#[test]
fn a_history_state_does_not_keep_its_parent_from_being_complete() {
    check(
        "
initial: p
states:
  p:
    type: parallel
    onDone: end
    states:
      r: { initial: a, states: { a: { on: { e: f } }, f: { type: final } } }
      h: { type: history }
    on: { leave: away }
  away: { on: { back: p.h } }
  end: {}
",
        "leave
         back
         e",
        "
        create -> p(r.a)
        leave -> away
          p on leave -> away
        back -> p(r.a)
          away on back -> p.h
        e -> end
          p.r.a on e -> p.r.f
          p on done.state.p -> end
        ",
    );
}

/// A region that moves must not leave the ancestors of a state that waits in another one.
#[test]
fn what_one_region_does_leaves_the_timers_of_the_other_alone() {
    check(
        "
type: parallel
states:
  op: { initial: wait, states: { wait: { after: { 1s: fetch } }, fetch: {} } }
  mode: { initial: normal, states: { normal: { on: { toggle: demo } }, demo: { on: { toggle: normal } } } }
",
        "+500ms
         toggle
         +1s",
        "
        create -> (op.wait|mode.normal)
          timer op.wait#1 1s at 1s
        toggle -> (op.wait|mode.demo)
          mode.normal on toggle -> mode.demo
        timer.op.wait.1s at 1s -> (op.fetch|mode.demo)
          op.wait on timer.op.wait.1s -> op.fetch
          left op.wait#1
        ",
    );
}

#[test]
fn a_leaf_that_goes_to_itself_enters_nothing_once_another_region_has_left_it() {
    // The history state led back to the leaf when it was asked, and leads to its parent once that was remembered.
    check(
        "
initial: p
states:
  p:
    type: parallel
    states:
      r1: { initial: q, states: { q: { initial: a, states: { a: { initial: x, states: { x: { on: { e: h } } } }, h: { type: history, target: a.x } } } } }
      r2: { initial: c, states: { c: { on: { e: /out } } } }
  out: {}
",
        "e",
        "
        create -> p(r1.q.a.x|r2.c)
        e -> out
          p.r1.q.a.x on e -> p.r1.q.h
          p.r2.c on e -> out
        ",
    );
}
