//! The order of things in a step: exits, actions, entries; internal events; what an action sees.

use crate::interpreter_support::check;

/// A chart whose states note their entries and exits.
fn noting(states: &str) -> String {
    format!("context: {{ at: {{ type: list, default: [] }} }}\ninitial: a\n{states}")
}

fn note(what: &str) -> String {
    format!("[ {{ assign: {{ at: \"ctx.at + ['{what}']\" }} }} ]")
}

#[test]
fn exits_run_from_inside_out_then_the_transition_then_entries_from_outside_in() {
    let chart = noting(&format!(
        "
states:
  a:
    entry: {ea}
    exit: {xa}
    initial: {{ target: b, assign: {{ at: \"ctx.at + ['initial of a']\" }} }}
    states: {{ b: {{ entry: {eb}, exit: {xb}, on: {{ go: {{ target: c.d, assign: {{ at: \"ctx.at + ['go']\" }} }} }} }} }}
  c:
    entry: {ec}
    initial: {{ target: f, assign: {{ at: \"ctx.at + ['initial of c']\" }} }}
    states: {{ d: {{ entry: {ed} }}, f: {{}} }}
",
        ea = note("+a"),
        xa = note("-a"),
        eb = note("+b"),
        xb = note("-b"),
        ec = note("+c"),
        ed = note("+d"),
    ));
    check(
        &chart,
        "go",
        r#"
        create -> a.b
          ctx.at = ["+a","initial of a","+b"]
        go -> c.d
          a.b on go -> c.d
          ctx.at = ["+a","initial of a","+b","-b","-a","go","+c","+d"]
        "#,
    );
}

/// An internal transition that runs entry actions again would charge twice.
#[test]
fn a_transition_without_target_leaves_and_enters_nothing() {
    let chart = noting(&format!(
        "
states:
  a:
    entry: {}
    exit: {}
    after: {{ 5s: end }}
    on: {{ hb: {{ assign: {{ at: \"ctx.at + ['hb']\" }} }}, re: {{ target: a, reenter: true }}, own: a, nothing: {{}} }}
  end: {{}}
",
        note("+a"),
        note("-a")
    ));
    check(
        &chart,
        "hb
         own
         nothing
         +1s
         re",
        r#"
        create -> a
          ctx.at = ["+a"]
          timer a#1 5s at 5s
        hb -> a
          a on hb -> (stays)
          ctx.at = ["+a","hb"]
        own -> a
          a on own -> a
        nothing -> a
          a on nothing -> (stays)
        re -> a
          a on re -> a
          ctx.at = ["+a","hb","-a","+a"]
          timer a#2 5s at 6s
          left a#1
        "#,
    );
}

/// There is one interpreter: a flat machine is not a case of its own.
#[test]
fn a_self_transition_means_the_same_flat_and_nested() {
    let own = |indent: &str| {
        format!(
            "{indent}a:\n{indent}  entry: {}\n{indent}  exit: {}\n{indent}  on: {{ own: a, re: {{ target: a, reenter: true }} }}\n",
            note("+"),
            note("-")
        )
    };
    let flat = format!(
        "context: {{ at: {{ type: list, default: [] }} }}\ninitial: a\nstates:\n{}",
        own("  ")
    );
    let nested = format!(
        "context: {{ at: {{ type: list, default: [] }} }}\ninitial: o\nstates:\n  o:\n    initial: a\n    states:\n{}",
        own("      ")
    );
    for (chart, path) in [(flat, "a"), (nested, "o.a")] {
        check(
            &chart,
            "own
             re",
            &format!(
                r#"
                create -> {path}
                  ctx.at = ["+"]
                own -> {path}
                  {path} on own -> {path}
                re -> {path}
                  {path} on re -> {path}
                  ctx.at = ["+","-","+"]
                "#
            ),
        );
    }
}

#[test]
fn a_transition_to_an_own_child_changes_only_what_is_inside() {
    let chart = noting(&format!(
        "
states:
  a:
    entry: {}
    exit: {}
    initial: b
    on: {{ next: .c, anew: {{ target: .c, reenter: true }}, restart: a }}
    states: {{ b: {{ exit: {} }}, c: {{}} }}
",
        note("+a"),
        note("-a"),
        note("-b")
    ));
    check(
        &chart,
        "next
         restart
         anew",
        r#"
        create -> a.b
          ctx.at = ["+a"]
        next -> a.c
          a on next -> a.c
          ctx.at = ["+a","-b"]
        restart -> a.b
          a on restart -> a
        anew -> a.c
          a on anew -> a.c
          ctx.at = ["+a","-b","-b","-a","+a"]
        "#,
    );
}

#[test]
fn right_sides_of_one_assign_see_the_context_before_it() {
    check(
        "
initial: a
context: { x: { type: integer, default: 1 }, y: { type: integer, default: 2 }, z?: integer }
states:
  a:
    on:
      swap: { assign: { x: ctx.y, y: ctx.x } }
      chain: { actions: [ { assign: { x: ctx.x + 10 } }, { assign: { y: ctx.x } } ] }
      set: { assign: { z: 5 } }
      clear: { assign: { z: null } }
",
        "swap
         chain
         set
         clear",
        "
        create -> a
          ctx.x = 1
          ctx.y = 2
        swap -> a
          a on swap -> (stays)
          ctx.x = 2
          ctx.y = 1
        chain -> a
          a on chain -> (stays)
          ctx.x = 12
          ctx.y = 12
        set -> a
          a on set -> (stays)
          ctx.z = 5
        clear -> a
          a on clear -> (stays)
          ctx.z = null
        ",
    );
}

#[test]
fn eventless_transitions_come_before_raised_events_and_those_in_order() {
    check(
        "
initial: a
context: { at: { type: list, default: [] } }
on:
  one: { assign: { at: \"ctx.at + ['one']\" }, actions: [ { raise: three } ] }
  two: { assign: { at: \"ctx.at + ['two']\" } }
  three: { assign: { at: \"ctx.at + ['three']\" } }
states:
  a: { on: { go: { target: b, actions: [ { raise: one }, { raise: two } ] } } }
  b: { always: { target: c, assign: { at: \"ctx.at + ['always']\" } } }
  c: {}
",
        "go",
        r#"
        create -> a
          ctx.at = []
        go -> c
          a on go -> b
          b on always -> c
          (root) on one -> (stays)
          (root) on two -> (stays)
          (root) on three -> (stays)
          ctx.at = ["always","one","two","three"]
        "#,
    );
}

#[test]
fn an_exit_action_still_sees_its_own_state() {
    check(
        "
initial: a
context: { saw: { type: list, default: [] } }
states:
  a:
    initial: b
    exit: [ { assign: { saw: \"ctx.saw + [in_state('a'), in_state('a.b')]\" } } ]
    states: { b: { exit: [ { assign: { saw: \"ctx.saw + [in_state('a'), in_state('a.b')]\" } } ] } }
    on: { go: c }
  c: { entry: [ { assign: { saw: \"ctx.saw + [in_state('a'), in_state('c')]\" } } ] }
",
        "go",
        "
        create -> a.b
          ctx.saw = []
        go -> c
          a on go -> c
          ctx.saw = [true,true,true,false,false,true]
        ",
    );
}

#[test]
fn when_the_root_is_final_exit_actions_run_from_inside_out_and_nothing_follows() {
    check(
        "
initial: a
context: { at: { type: list, default: [] } }
exit: [ { assign: { at: \"ctx.at + ['-root']\" } } ]
after: { 9s: { actions: [ { raise: never } ] } }
on: { never: { assign: { at: \"ctx.at + ['never']\" } } }
states:
  a: { on: { go: { target: f, actions: [ { raise: never } ] } } }
  f:
    type: final
    entry: [ { assign: { at: \"ctx.at + ['+f']\" } } ]
    exit: [ { assign: { at: \"ctx.at + ['-f']\" } }, { raise: never } ]
    output: { at: size(ctx.at) }
",
        "go
         +9s
         go",
        r#"
        create -> a
          ctx.at = []
          timer (root)#1 9s at 9s
        go -> f
          a on go -> f
          ctx.at = ["+f","-f","-root"]
          left (root)#1
          done {"at":1}
        go: no_transition the entity is done (in `f`) and takes no events
        "#,
    );
}

#[test]
fn a_creation_runs_to_the_first_stable_configuration_with_its_own_event() {
    check(
        "
initial: a
context: { total: integer, kind: { type: string, default: none } }
states:
  a:
    entry: [ { assign: { kind: event.type } } ]
    always: [ { target: big, guard: event.input.total > 100 }, { target: small } ]
  big: {}
  small: {}
",
        "create {\"total\": 500}",
        "
        create -> big
          a on always -> big
          ctx.total = 500
          ctx.kind = \"create\"
        ",
    );
}

#[test]
fn a_final_child_reports_its_output_to_the_parent() {
    check(
        "
initial: a
context: { got?: object }
states:
  a:
    initial: b
    onDone: { target: c, assign: { got: event.output } }
    states: { b: { on: { e: f } }, f: { type: final, output: { n: 7 } } }
  c: {}
",
        "e",
        r#"
        create -> a.b
        e -> c
          a.b on e -> a.f
          a on done.state.a -> c
          ctx.got = {"n":7}
        "#,
    );
}
