//! The text formats, by the structure of what they wrote.

use std::collections::BTreeSet;

use statehold_core::Machine;
use statehold_diagram::picture::{EdgeKind, NodeId, NodeKind, Picture};
use statehold_diagram::{dot, mermaid, picture, plantuml};

use crate::charts::{self, Shape};
use crate::corpus;

/// Arrows of a text, as pairs of what stands at their ends.
fn arrows(text: &str, arrow: &str) -> Vec<(String, String)> {
    let is_id = |word: &str| {
        word == "[*]"
            || word
                .strip_prefix('s')
                .is_some_and(|number| number.parse::<usize>().is_ok())
    };
    let pair = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [from, is, to, ..] if is == arrow && is_id(from) => {
                let to = to.trim_end_matches(';');
                is_id(to).then(|| (from.to_owned(), to.to_owned()))
            }
            _ => None,
        }
    };
    let mut arrows: Vec<_> = text.lines().filter_map(pair).collect();
    arrows.sort();
    arrows
}

/// Arrows that a text must have. Formats of state diagrams have a word of their own for beginnings, and show ends by an
/// arrow; Mermaid has one arrow for all that lead from a box to itself.
fn expected(picture: &Picture, is_dot: bool, is_mermaid: bool) -> Vec<(String, String)> {
    let id = |at: NodeId| format!("s{}", at.0);
    let from = |at: NodeId| match picture.node(at).kind {
        NodeKind::Initial if !is_dot => "[*]".to_owned(),
        _ => id(at),
    };
    let mut loops = BTreeSet::new();
    let edges = picture.edges.iter();
    let edges = edges.filter(|edge| !is_mermaid || edge.from != edge.to || loops.insert(edge.from));
    let mut arrows: Vec<_> = edges.map(|edge| (from(edge.from), id(edge.to))).collect();
    let ends = (0..picture.nodes.len()).map(NodeId);
    let ends = ends.filter(|at| !is_dot && picture.node(*at).kind == NodeKind::Final);
    arrows.extend(ends.map(|at| (id(at), "[*]".to_owned())));
    arrows.sort();
    arrows
}

fn check(name: &str, machine: &Machine) {
    let picture = picture(machine);
    assert_eq!(
        arrows(&mermaid(machine).text, "-->"),
        expected(&picture, false, true),
        "mermaid, {name}"
    );
    assert_eq!(
        arrows(&plantuml(machine).text, "-->"),
        expected(&picture, false, false),
        "plantuml, {name}"
    );
    assert_eq!(
        arrows(&dot(machine).text, "->"),
        expected(&picture, true, false),
        "dot, {name}"
    );
}

#[test]
fn the_arrows_of_a_text_are_those_of_the_picture() {
    for (name, machine) in charts::all() {
        check(name, &machine);
    }
    for chart in corpus::charts() {
        check(&chart.file, &chart.machine);
    }
    for seed in 0..60 {
        let shape = Shape {
            states: 3 + seed as usize % 26,
            transitions: 4 + seed as usize % 41,
            nesting: seed as usize % 5,
        };
        check(&format!("seed {seed}"), &charts::by_chance(seed, shape));
    }
}

#[test]
fn blocks_are_closed() {
    for (name, machine) in charts::all() {
        for text in [
            mermaid(&machine).text,
            plantuml(&machine).text,
            dot(&machine).text,
        ] {
            let opened = text.lines().filter(|line| line.ends_with('{')).count();
            let closed = text.lines().filter(|line| line.trim() == "}").count();
            assert_eq!(opened, closed, "{name}:\n{text}");
        }
    }
}

#[test]
fn regions_are_kept_apart_where_the_format_can() {
    let text = "statehold: 1\nmachine: par\nversion: 1\ninitial: p\nstates:\n  p:\n    type: parallel\n    onDone: q\n    states:\n      a: { initial: x, states: { x: { on: { go: y } }, y: { type: final } } }\n      b: { initial: x, states: { x: { on: { go: y } }, y: { type: final } } }\n  q: { type: final }\n";
    let closed = charts::load(text);
    let has_regions = |text: &str| text.lines().any(|line| line.trim() == "--");
    assert!(has_regions(&mermaid(&closed).text) && has_regions(&plantuml(&closed).text));
    assert_eq!(plantuml(&closed).losses, Vec::<String>::new());
    // An arrow out of a region: PlantUML refuses it between real regions.
    let open = charts::load(
        &text
            .replacen("{ go: y }", "{ go: /q }", 1)
            .replacen("y: { type: final }", "y: {}", 1)
            .replace("onDone: q", "on: { end: q }"),
    );
    assert!(has_regions(&mermaid(&open).text) && !has_regions(&plantuml(&open).text));
    assert_eq!(
        plantuml(&open).losses.len(),
        1,
        "{:?}",
        plantuml(&open).losses
    );
}

#[test]
fn what_a_format_cannot_show_is_said() {
    let claims = charts::load(include_str!("../charts/claims.chart.yaml"));
    let losses = mermaid(&claims).losses;
    for part in ["history states", "`any state`", "the machine itself"] {
        assert!(
            losses.iter().any(|loss| loss.contains(part)),
            "{part}: {losses:#?}"
        );
    }
    let odd = charts::load(include_str!("../charts/odd.chart.yaml"));
    assert!(
        dot(&odd)
            .losses
            .iter()
            .any(|loss| loss.contains("cut off (left.end)"))
    );
}

#[test]
fn initial_and_history_arrows_are_there() {
    let machine = charts::load(include_str!("../charts/checkout.chart.yaml"));
    let picture = picture(&machine);
    let count = |kind| {
        picture
            .edges
            .iter()
            .filter(|edge| edge.kind == kind)
            .count()
    };
    assert_eq!(count(EdgeKind::Initial), 4);
    assert_eq!(count(EdgeKind::HistoryDefault), 1);
    assert_eq!(mermaid(&machine).text.matches("[*] --> s").count(), 4);
}
