//! Mermaid state diagrams: what each construct becomes.

use statehold_formats::ImportFormat;

use crate::sketches::{imported, losses, machine, refused, states_of};
use crate::support::{fire_plain, start};

fn read(lines: &str) -> statehold_formats::Imported {
    imported(ImportFormat::Mermaid, &format!("stateDiagram-v2\n{lines}"))
}

#[track_caller]
fn becomes(lines: &str, states: &str) {
    let imported = read(lines);
    machine(&imported);
    assert_eq!(
        states_of(&imported).trim_end(),
        states.trim_start().trim_end(),
        "{lines}"
    );
}

#[track_caller]
fn is_refused(lines: &str, words: &str) {
    let problem = refused(ImportFormat::Mermaid, &format!("stateDiagram-v2\n{lines}"));
    assert!(problem.contains(words), "{problem}");
}

#[test]
fn labels_are_events_guards_and_actions() {
    becomes(
        "[*] --> a\na --> b : pay [rich] / charge, raise paid\na --> c : pay\nb --> a : after 5 minutes\nc --> [*]",
        "
initial: a
states:
  a:
    on:
      pay: [ { target: b, guard: rich, actions: { raise: paid }, effects: [charge] }, c ]
  b: { after: { 5m: a } }
  c: { type: final }
effects:
  charge: { handler: charge }"
            .replace(
                "actions: { raise: paid }, effects: [charge]",
                "actions: [ { effect: charge }, { raise: paid } ]",
            )
            .as_str(),
    );
}

#[test]
fn recurring_times_are_timers() {
    let imported = read(
        "[*] --> a\na --> b : cron 0 9 1 * * Europe/Berlin\na --> c : cron 0 9 * * 1 [x]\na --> b : cron 0 9 * * 1",
    );
    let machine = machine(&imported);
    assert_eq!(machine.states[1].timers.len(), 2, "{}", imported.chart);
    assert!(
        imported
            .chart
            .contains("{ cron: 0 9 1 * *, tz: Europe/Berlin, target: b }"),
        "{}",
        imported.chart
    );
    assert_eq!(losses(&imported), ["4:guard"]);
}

#[test]
fn a_candidate_without_a_condition_stands_last_wherever_it_is_drawn() {
    becomes(
        "[*] --> a\na --> b : go\na --> c : go [x]",
        "initial: a\nstates:\n  a: { on: { go: [ { target: c, guard: x }, b ] } }\n  b: {}\n  c: {}",
    );
}

#[test]
fn free_words_become_names_and_stay_as_labels() {
    let imported = read("[*] --> a\na --> b : Worker polls task");
    assert!(
        imported
            .chart
            .contains("worker_polls_task: { label: Worker polls task }"),
        "{}",
        imported.chart
    );
    assert_eq!(losses(&imported), ["3:event name"]);
}

#[test]
fn the_first_words_of_a_box_are_its_label() {
    becomes(
        "state \"Half Open\" as HalfOpen\n[*] --> HalfOpen\nHalfOpen : tries again\nWide : Wide open\nWide : and more\nnote right of Wide : a note",
        "
initial: HalfOpen
states:
  HalfOpen:
    label: Half Open
    description: tries again
  Wide:
    label: Wide open
    description: and more a note",
    );
}

#[test]
fn entry_exit_and_do_are_actions() {
    becomes(
        "[*] --> a\na : entry / open\na : exit / shut\na : do / work\na --> b : done#58; work",
        "
initial: a
states:
  a:
    entry: { effect: open }
    exit: { effect: shut }
    invoke: { effect: work, onDone: b }
  b: {}
effects:
  open: { handler: open }
  shut: { handler: shut }
  work: { handler: work }",
    );
}

#[test]
fn an_arrow_without_words_waits_for_an_event_called_like_its_target() {
    let imported = read("[*] --> a\na --> b\nb --> a : back\nb --> [*]");
    assert_eq!(
        states_of(&imported).trim_end(),
        "initial: a\nstates:\n  a: { on: { b: b } }\n  b: { on: { back: a, end: end } }\n  end: { type: final }"
    );
    assert_eq!(
        losses(&imported),
        ["3:arrow without words", "5:arrow without words"]
    );
}

#[test]
fn an_arrow_without_words_out_of_a_state_with_an_end_is_its_completion() {
    becomes(
        "[*] --> a\nstate a {\n [*] --> x\n x --> [*]\n}\na --> b",
        "initial: a\nstates:\n  a:\n    onDone: b\n    initial: x\n    states:\n      x: { type: final }\n  b: {}"
            .replace("    onDone: b\n    initial: x\n", "    initial: x\n    onDone: b\n")
            .as_str(),
    );
}

#[test]
fn a_self_arrow_leaves_the_state() {
    becomes(
        "[*] --> a\na --> a : again",
        "initial: a\nstates:\n  a: { on: { again: { target: a, reenter: true } } }",
    );
}

#[test]
fn words_that_lead_to_several_states_are_told_apart() {
    let imported = read("[*] --> a\na --> b : go\na --> c : go\na --> b : go");
    assert!(
        imported.chart.contains("a: { on: { go_b: b, go_c: c } }"),
        "{}",
        imported.chart
    );
    assert_eq!(
        losses(&imported),
        [
            "3:words used twice",
            "4:words used twice",
            "5:words used twice",
            "5:arrow drawn twice"
        ]
    );
}

#[test]
fn a_choice_is_left_at_once() {
    becomes(
        "state c <<choice>>\n[*] --> a\na --> c : go\nc --> x : if n > 1\nc --> w : [n == 1]\nc --> z : else",
        "
initial: a
states:
  c: { always: [ { target: x, guard: n_1 }, { target: w, guard: n_1_2 }, z ] }
  a: { on: { go: c } }
  x: {}
  w: {}
  z: {}",
    );
}

#[test]
fn a_fork_and_its_join_are_a_parallel_state() {
    becomes(
        "state f <<fork>>\nstate j <<join>>\n[*] --> a\na --> f : go\nf --> b\nf --> c\nb --> j : ready\nc --> d : step\nd --> j\nj --> e",
        "
initial: a
states:
  f:
    type: parallel
    onDone: e
    states:
      region_1:
        initial: b
        states:
          b: { on: { ready: end } }
          end: { type: final }
      region_2:
        initial: c
        states:
          c: { on: { step: d } }
          d: { on: { d_done: end } }
          end: { type: final }
  a: { on: { go: f } }
  e: {}",
    );
}

#[test]
fn a_join_waits_for_all_ways() {
    let machine = machine(&read(
        "state f <<fork>>\nstate j <<join>>\n[*] --> f\nf --> b\nf --> c\nb --> j : ready\nc --> j\nj --> e\ne --> x : on",
    ));
    let mut snapshot = start(&machine).snapshot;
    assert_eq!(
        machine.encode(&snapshot.configuration),
        "f(region_1.b|region_2.c)"
    );
    snapshot = fire_plain(&machine, &snapshot, "ready").snapshot;
    assert_eq!(
        machine.encode(&snapshot.configuration),
        "f(region_1.end|region_2.c)"
    );
    snapshot = fire_plain(&machine, &snapshot, "c_done").snapshot;
    assert_eq!(machine.encode(&snapshot.configuration), "e");
}

#[test]
fn forks_nest() {
    let imported = read(
        "state f <<fork>>\nstate g <<fork>>\nstate j <<join>>\nstate k <<join>>\n[*] --> f\nf --> a\nf --> g\n\
         g --> b\ng --> c\nb --> k\nc --> k\nk --> d\nd --> j\na --> j\nj --> e",
    );
    let machine = machine(&imported);
    assert!(
        machine.by_path.contains_key("f.region_2.g.region_1.b"),
        "{}",
        imported.chart
    );
}

#[test]
fn forks_that_do_not_nest_well_are_refused() {
    let start = "state f <<fork>>\nstate j <<join>>\n[*] --> f\nf --> a\nf --> b\n";
    is_refused(
        &format!("{start}a --> j\nb --> x : go\nj --> c"),
        "2:7: the ways out of fork `f` do not meet in one join",
    );
    is_refused(
        &format!("{start}a --> j\nb --> j\na --> b : go\nj --> c"),
        "share",
    );
    is_refused(
        &format!("{start}a --> j\nb --> j\nz --> b : go\nj --> c"),
        "an arrow leads past fork `f`",
    );
    is_refused(
        &format!("{start}a --> j\nb --> j\na --> [*] : stop\nj --> c"),
        "leads elsewhere",
    );
    is_refused(
        &format!("{start}a --> j\nb --> j\nj --> c\nj --> d"),
        "needs one way out",
    );
    is_refused(
        &format!("{start}a --> j\nb --> j\nj --> c : later"),
        "cannot wait for an event",
    );
    is_refused(
        "state j <<join>>\n[*] --> a\na --> j\nj --> b",
        "join `j` does not bring together",
    );
}

#[test]
fn a_fork_into_regions_is_a_transition_with_several_targets() {
    becomes(
        "state f <<fork>>\n[*] --> a\na --> f : go\nf --> x2\nf --> y1\nstate p {\n [*] --> x1\n state x2\n --\n [*] --> y1\n}",
        "
initial: a
states:
  a: { on: { go: { target: [p.region_1.x2, p.region_2.y1] } } }
  p:
    type: parallel
    states:
      region_1:
        initial: x1
        states:
          x2: {}
          x1: {}
      region_2:
        initial: y1
        states:
          y1: {}",
    );
}

#[test]
fn a_region_that_is_one_box_is_that_box() {
    becomes(
        "[*] --> p\nstate p {\n state a {\n  [*] --> x\n }\n --\n state b\n b --> [*]\n}",
        "initial: p\nstates:\n  p:\n    type: parallel\n    states:\n      a:\n        initial: x\n        states:\n          x: {}\n      b: { type: final }",
    );
}

#[test]
fn memories_are_history_states() {
    becomes(
        "[*] --> a\nstate a {\n [*] --> x\n x --> w : go\n}\nb --> a[H*] : back\na --> b : pause",
        "
initial: a
states:
  a:
    initial: x
    on: { pause: b }
    states:
      x: { on: { go: w } }
      w: {}
      deep_history: { type: history, history: deep }
  b: { on: { back: a.deep_history } }",
    );
}

#[test]
fn looks_are_losses() {
    let imported = read(
        "%% a comment\n%%{init: {}}%%\ndirection LR\nclassDef x fill:red\n[*] --> a:::x\nclass a x\nhide empty description\n\
         note \"floating\" as N\naccDescr: For all\na --> b : go\nscale 350 width",
    );
    assert_eq!(
        losses(&imported),
        [
            "3:directive",
            "4:direction",
            "5:classDef",
            "6:style",
            "7:class",
            "8:hide",
            "9:note",
            "12:scale"
        ]
    );
    assert!(imported.chart.contains("description: For all"));
}

#[test]
fn one_line_may_hold_a_whole_state() {
    becomes(
        "[*] --> a\nstate a { [*] --> x }\nstate b { w --> b }",
        "initial: a\nstates:\n  a:\n    initial: x\n    states:\n      x: {}\n  b:\n    initial: w\n    states:\n      w: { on: { b: b } }",
    );
}

#[test]
fn what_is_not_understood_is_refused_with_its_line() {
    is_refused(
        "[*] --> a\nwhat is this",
        "3:1: this is not read: `what is this`",
    );
    is_refused("[*] --> a\nstate b {", "3:7: `{` is never closed");
    is_refused("[*] --> a\n}", "3:1: `}` closes nothing");
    is_refused(
        "[*] --> a\nnote right of a\nx",
        "3:1: the note is never closed",
    );
    is_refused(
        "[*] --> a\n[*] --> b",
        "3:1: the scope begins in two states",
    );
    is_refused("", "there are no states");
    is_refused(
        "[*] --> a\nstate b {\n state x\n}\nstate c {\n state x\n}",
        "`x` is declared in two places",
    );
    is_refused(
        "[*] --> b\nstate b {\n [*] --> x\n}\nstate c {\n [*] --> x\n}",
        "`x` stands in several scopes",
    );
    let problem = refused(ImportFormat::Mermaid, "flowchart LR\na --> b");
    assert!(
        problem.starts_with("1:1: this is no state diagram"),
        "{problem}"
    );
}

#[test]
fn arrows_between_regions_are_refused_where_they_stand() {
    is_refused(
        "[*] --> p\nstate p {\n [*] --> x\n --\n [*] --> y\n}\nx --> y : jump",
        "8:1: SH",
    );
}

#[test]
fn names_of_all_kinds_become_usable() {
    let imported = read(
        "[*] --> état\nétat --> CON : select\nCON --> 2nd : class\n2nd --> type : null\ntype --> any : end",
    );
    let machine = machine(&imported);
    let names: Vec<&str> = machine
        .states
        .iter()
        .skip(1)
        .map(|state| state.name.as_str())
        .collect();
    assert_eq!(names, ["etat", "CON", "_2nd", "type", "anystate"]);
    assert_eq!(machine.states[1].label.as_deref(), Some("état"));
}
