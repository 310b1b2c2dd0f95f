//! Symfony workflows: what each construct becomes.

use statehold_formats::{ImportFormat, ImportOptions, Imported, import};

use crate::sketches::{imported, losses, machine, refused, states_of};
use crate::support::{fire, fire_plain, start};

fn document(definition: &str) -> String {
    let lines: Vec<String> = definition
        .lines()
        .map(|line| format!("      {line}\n"))
        .collect();
    format!("framework:\n  workflows:\n    order:\n{}", lines.concat())
}

fn read(definition: &str) -> Imported {
    imported(ImportFormat::Symfony, &document(definition))
}

#[track_caller]
fn becomes(definition: &str, states: &str) {
    let imported = read(definition);
    machine(&imported);
    assert_eq!(
        states_of(&imported).trim_end(),
        states.trim(),
        "{definition}"
    );
}

#[track_caller]
fn is_refused(definition: &str, words: &str) {
    let problem = refused(ImportFormat::Symfony, &document(definition));
    assert!(problem.contains(words), "{problem}");
}

#[test]
fn any_of_the_places_will_do_in_a_machine() {
    becomes(
        "type: state_machine\nplaces: [new, paid, sent, lost]\ntransitions:\n  pay: { from: new, to: paid }\n  fail: { from: [new, paid, lost], to: lost }",
        "
initial: new
states:
  new: { on: { pay: paid, fail: lost } }
  paid: { on: { fail: lost } }
  sent: { type: final }
  lost: { on: { fail: { target: lost, reenter: true } } }",
    );
}

#[test]
fn all_forms_of_places_and_transitions_are_read() {
    becomes(
        "places:\n  new: { metadata: { title: New one, description: Just here, color: red } }\n  done: ~\ninitial_marking: [new]\ntransitions:\n  - { name: go, from: [new], to: [done], metadata: { label: Go on } }\n  - { name: back, from: [{ place: done }], to: new }",
        "
initial: new
states:
  new:
    label: New one
    description: Just here
    meta: { color: red }
    on: { go: { target: done, label: Go on } }
  done: { on: { back: new } }",
    );
    becomes(
        "places: [{ name: a }, { name: b }]\ninitial_place: b\ntransitions: { go: { from: b, to: a } }",
        "initial: b\nstates:\n  a: { type: final }\n  b: { on: { go: a } }",
    );
    becomes(
        "transitions: { go: { from: a, to: b } }",
        "initial: a\nstates:\n  a: { on: { go: b } }\n  b: { type: final }",
    );
}

#[test]
fn constants_are_called_by_their_last_word() {
    let text = "framework:\n  workflows:\n    !php/const App\\OrderTransitions::GRAPH:\n      places:\n        - !php/const App\\States::STATE_NEW\n        - !php/const App\\States::STATE_DONE\n      transitions:\n        !php/const App\\OrderTransitions::TRANSITION_GO:\n          from: !php/const App\\States::STATE_NEW\n          to: !php/const App\\States::STATE_DONE\n";
    let imported = imported(ImportFormat::Symfony, text);
    assert_eq!(imported.name, "order");
    let machine = machine(&imported);
    assert_eq!(machine.states[1].name, "state_new");
    assert_eq!(
        machine.states[1].label.as_deref(),
        Some("App\\States::STATE_NEW")
    );
    assert_eq!(
        losses(&imported),
        ["3:constant", "5:constant", "6:constant", "8:constant"]
    );
}

#[test]
fn guards_are_rewritten_or_left_to_do() {
    let imported = read(
        "places: [a, b]\ntransitions:\n  x: { from: a, to: b, guard: \"is_granted('ROLE_ADMIN') and subject.total > 5\" }\n  w: { from: a, to: b, guard: \"user.isNice()\" }",
    );
    let expected = "
context:
  total?: { default: null }
guards:
  # TODO: user.isNice()
  user_isnice: true
initial: a
states:
  a:
    on:
      x: { target: b, guard: has_role('ROLE_ADMIN') && ctx.total > 5 }
      w: { target: b, guard: user_isnice }
  b: { type: final }
";
    assert!(imported.chart.ends_with(expected), "{}", imported.chart);
    assert_eq!(
        losses(&imported),
        ["6:is_granted", "6:field of the subject", "7:guard"]
    );
}

#[test]
fn a_net_with_one_token_is_a_machine() {
    becomes(
        "type: workflow\nplaces: [a, b]\ntransitions: { go: { from: [a], to: [b] }, back: { from: b, to: a } }",
        "initial: a\nstates:\n  a: { on: { go: b } }\n  b: { on: { back: a } }",
    );
}

const REVIEW: &str = "type: workflow\nplaces: [draft, wait_a, ok_a, wait_b, ok_b, out]\ninitial_marking: draft\ntransitions:\n  review: { from: draft, to: [wait_a, wait_b] }\n  a: { from: wait_a, to: ok_a }\n  b: { from: wait_b, to: ok_b }\n";

#[test]
fn tokens_that_meet_again_are_regions() {
    let text = format!(
        "{REVIEW}  publish: {{ from: [ok_a, ok_b], to: out }}\n  reject: {{ from: [wait_a, wait_b], to: draft }}"
    );
    becomes(
        &text,
        "
initial: draft
states:
  draft: { on: { review: review } }
  review:
    type: parallel
    on:
      publish:
        target: out
        guard: in_state('review.region_1.ok_a') && in_state('review.region_2.ok_b')
      reject:
        target: draft
        guard: in_state('review.region_1.wait_a') && in_state('review.region_2.wait_b')
    states:
      region_1:
        initial: wait_a
        states:
          wait_a: { on: { a: ok_a } }
          ok_a: {}
      region_2:
        initial: wait_b
        states:
          wait_b: { on: { b: ok_b } }
          ok_b: {}
  out: { type: final }",
    );
}

#[test]
fn a_transition_of_all_tokens_waits_for_all_of_them() {
    let machine = machine(&read(&format!(
        "{REVIEW}  publish: {{ from: [ok_a, ok_b], to: out }}"
    )));
    let mut snapshot = start(&machine).snapshot;
    for event in ["review", "a"] {
        snapshot = fire_plain(&machine, &snapshot, event).snapshot;
    }
    assert!(fire(&machine, &snapshot, "publish").is_err());
    for event in ["b", "publish"] {
        snapshot = fire_plain(&machine, &snapshot, event).snapshot;
    }
    assert_eq!(machine.encode(&snapshot.configuration), "out");
}

#[test]
fn nets_in_bad_order_are_refused_with_the_transition() {
    is_refused(REVIEW, "the tokens that `review` makes never meet again");
    is_refused(
        &format!(
            "{REVIEW}  publish: {{ from: [ok_a, ok_b], to: out }}\n  quit: {{ from: wait_a, to: out }}"
        ),
        "only fork and join that nest well",
    );
    is_refused(
        &format!("{REVIEW}  publish: {{ from: [ok_a], to: out }}"),
        "never meet again",
    );
    is_refused(
        &format!(
            "{REVIEW}  publish: {{ from: [ok_a, ok_b], to: out }}\n  mix: {{ from: wait_a, to: wait_b }}"
        ),
        "can both come to `wait_b`",
    );
    is_refused(
        &format!(
            "{REVIEW}  publish: {{ from: [ok_a, ok_b], to: out }}\n  odd: {{ from: [draft, ok_a], to: out }}"
        ),
        "`odd`",
    );
    is_refused(
        &format!("{REVIEW}  a2: {{ name: a, from: [ok_a, ok_b], to: out }}"),
        "give one of the two another name",
    );
}

#[test]
fn what_cannot_be_expressed_is_refused_with_its_line() {
    is_refused("type: cycle\nplaces: [a]", "4:13: a type is");
    is_refused(
        "places: [a, b]\ntransitions: { go: { from: a, to: [a, b] } }",
        "leads to several places",
    );
    is_refused(
        "places: [a, b]\ntransitions: { go: { from: a, to: c } }",
        "`c` is not among the places",
    );
    is_refused(
        "places: [a, b]\ntransitions: { go: { to: a } }",
        "a transition needs `from`",
    );
    is_refused(
        "places: 'App\\S::X_*'\ntransitions: { go: { from: a, to: b } }",
        "write them as a list",
    );
    is_refused(
        "places: [a, b]\ntransitions: { go: { from: [{ place: a, weight: 2 }], to: b } }",
        "weights",
    );
    is_refused(
        "places: [a, b]\ntransitions: [{ name: x, from: a, to: b }, { name: x, from: a, to: a }]",
        "leaves `a` twice",
    );
    is_refused(
        "places: [a, b]\ninitial_marking: [a, b]\ntransitions: {}",
        "begins in one place",
    );
    let problem = refused(ImportFormat::Symfony, "framework: { router: {} }");
    assert!(problem.contains("no `framework.workflows`"), "{problem}");
}

#[test]
fn what_is_around_a_workflow_is_lost_with_its_line() {
    let text = "framework:\n  workflows:\n    enabled: true\n    workflows:\n      one: &x\n        audit_trail: { enabled: true }\n        marking_store: { type: method }\n        supports: [X]\n        events_to_dispatch: []\n        odd: 1\n        metadata: { title: One, team: x }\n        transitions: { go: { from: a, to: b, odd: 1 } }\nother: {}\n";
    let imported = imported(ImportFormat::Symfony, text);
    assert_eq!(
        losses(&imported),
        [
            "3:key",
            "5:anchor",
            "6:audit_trail",
            "7:marking_store",
            "8:supports",
            "9:events_to_dispatch",
            "10:key `odd`",
            "12:key `odd`",
            "13:key"
        ]
    );
    assert!(
        imported.chart.contains("label: One\nmeta: { team: x }"),
        "{}",
        imported.chart
    );
}

#[test]
fn several_workflows_are_several_charts() {
    let text = "framework:\n  workflows:\n    one: { transitions: { go: { from: a, to: b } } }\n    two: { transitions: { go: { from: a, to: b } } }\n";
    let options = ImportOptions {
        name: Some("x".to_owned()),
    };
    let all = import(ImportFormat::Symfony, text, &options).unwrap();
    let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["one", "two"]);
}
