//! A picture shows the arrows of its machine: all of them, and no others.

use std::collections::BTreeSet;

use statehold_core::Machine;
use statehold_diagram::picture::{
    EdgeKind, InsideKind, NodeId, NodeKind, Picture, TransitionNo, transitions,
};
use statehold_diagram::{Coverage, Options, picture, svg};

use crate::charts::{self, Shape};

/// Number, path of the source, paths of the targets; forks taken together.
type Shown = BTreeSet<(usize, String, Vec<String>)>;

fn of_machine(machine: &Machine) -> Shown {
    transitions(machine)
        .map(|(TransitionNo(number), transition)| {
            let mut targets: Vec<String> = transition
                .targets
                .iter()
                .map(|target| machine.state(*target).path.clone())
                .collect();
            targets.sort();
            (
                number,
                machine.state(transition.source).path.clone(),
                targets,
            )
        })
        .collect()
}

fn of_picture(picture: &Picture) -> Shown {
    let mut shown = Shown::new();
    let path = |id: NodeId| picture.node(id).path.clone();
    for edge in picture
        .edges
        .iter()
        .filter(|edge| edge.kind != EdgeKind::Branch)
    {
        let Some(TransitionNo(number)) = edge.transition else {
            continue;
        };
        let mut targets = match picture.node(edge.to).kind {
            NodeKind::Fork => picture
                .edges
                .iter()
                .filter(|branch| branch.from == edge.to)
                .map(|branch| path(branch.to))
                .collect(),
            _ => vec![path(edge.to)],
        };
        targets.sort();
        shown.insert((number, path(edge.from), targets));
    }
    let inside = picture
        .nodes
        .iter()
        .flat_map(|node| node.inside.iter().map(|item| (node.path.clone(), item)));
    let at_top = picture.inside.iter().map(|item| (String::new(), item));
    for (path, item) in inside.chain(at_top) {
        if item.kind == InsideKind::Transition {
            shown.insert((item.transition.unwrap().0, path, Vec::new()));
        }
    }
    shown
}

#[test]
fn a_picture_has_exactly_the_transitions_of_its_machine() {
    for (_, machine) in charts::all() {
        assert_eq!(of_picture(&picture(&machine)), of_machine(&machine));
    }
    for seed in 0..100 {
        let machine = charts::by_chance(
            seed,
            Shape {
                states: 12,
                transitions: 20,
                nesting: 3,
            },
        );
        assert_eq!(
            of_picture(&picture(&machine)),
            of_machine(&machine),
            "seed {seed}"
        );
    }
}

#[test]
fn candidates_for_one_event_are_arrows_of_their_own() {
    let machine = charts::load(include_str!("../charts/checkout.chart.yaml"));
    let picture = picture(&machine);
    let labels: Vec<String> = picture.edges.iter().map(|edge| edge.label.text()).collect();
    let guarded =
        "error: authorize (re-enters) [event.error.kind == 'timeout' && ctx.tries < 3] / set tries";
    assert!(labels.iter().any(|label| label == guarded), "{labels:#?}");
    assert!(
        labels
            .iter()
            .any(|label| label == "error: authorize [else]")
    );
}

#[test]
fn what_triggers_a_transition_is_said_in_words() {
    let machine = charts::load(include_str!("../charts/subscription.chart.yaml"));
    let picture = picture(&machine);
    let labels: BTreeSet<String> = picture.edges.iter().map(|edge| edge.label.text()).collect();
    for expected in [
        "after 14d",
        "at ctx.period_end",
        "done: renew / set period_end, failures",
        "error: renew",
        "[ctx.failures >= 4]",
        "payment.updated",
    ] {
        assert!(
            labels.contains(expected),
            "`{expected}` is not among {labels:#?}"
        );
    }
    let inside: Vec<String> = picture
        .nodes
        .iter()
        .flat_map(|node| &node.inside)
        .map(|item| item.label.text())
        .collect();
    for expected in [
        "after 11d / remind",
        "change_plan / set plan",
        "do / renew",
        "entry / set failures, dunning",
    ] {
        assert!(
            inside.iter().any(|label| label == expected),
            "`{expected}` is not among {inside:#?}"
        );
    }
}

#[test]
fn a_fork_stands_inside_the_state_whose_regions_it_enters() {
    let machine = charts::load(include_str!("../charts/claims.chart.yaml"));
    let picture = picture(&machine);
    let fork = picture
        .nodes
        .iter()
        .find(|node| node.kind == NodeKind::Fork)
        .unwrap();
    assert_eq!(picture.node(fork.parent.unwrap()).path, "assessment");
}

#[test]
fn covered_and_missed_transitions_are_told_apart() {
    let machine = charts::load(include_str!("../../../../examples/order/order.chart.yaml"));
    let options = Options {
        coverage: Some(Coverage {
            taken: [TransitionNo(0)].into(),
        }),
        ..Options::default()
    };
    let text = svg(&machine, &options);
    assert!(text.contains("class=\"edge event t0 covered\" data-transition=\"0\""));
    assert!(text.contains("class=\"edge event t1 missed\" data-transition=\"1\""));
    assert!(!svg(&machine, &Options::default()).contains(" missed\""));
}

#[test]
fn active_states_are_marked_with_those_above_them() {
    let machine = charts::load(include_str!("../charts/checkout.chart.yaml"));
    let active = machine
        .decode("processing(payment.declined|fulfilment.picking)")
        .unwrap();
    let options = Options {
        highlight: statehold_diagram::Highlight::of(&machine, &active),
        ..Options::default()
    };
    let text = svg(&machine, &options);
    for path in [
        "processing",
        "processing.payment",
        "processing.payment.declined",
        "processing.fulfilment.picking",
    ] {
        let mark = format!(" active\" data-state=\"{path}\"");
        assert!(text.contains(&mark), "{path}");
    }
    assert!(!text.contains("active\" data-state=\"cart\""));
    assert_eq!(
        statehold_diagram::Highlight::state("a.b.c").active,
        ["a", "a.b", "a.b.c"].map(str::to_owned).into()
    );
}
