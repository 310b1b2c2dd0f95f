//! The text formats, by the structure of what they wrote.

use statehold_core::Machine;
use statehold_diagram::picture::{EdgeKind, NodeKind, Picture};
use statehold_diagram::{dot, mermaid, picture, plantuml};

use crate::charts;

/// Arrows a text must have: one per arrow of the picture, one more per final state where the format shows ends so.
fn arrows(picture: &Picture, with_ends: bool) -> usize {
    let ends = picture
        .nodes
        .iter()
        .filter(|node| node.kind == NodeKind::Final)
        .count();
    picture.edges.len() + if with_ends { ends } else { 0 }
}

fn lines_with(text: &str, arrow: &str) -> usize {
    let is_id = |word: &str| {
        word == "[*]"
            || word
                .strip_prefix('s')
                .is_some_and(|number| number.parse::<usize>().is_ok())
    };
    text.lines()
        .filter(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            matches!(words[..], [from, is, to, ..] if is == arrow && is_id(from) && is_id(to.trim_end_matches(';')))
        })
        .count()
}

fn check(name: &str, machine: &Machine) {
    let picture = picture(machine);
    let loops = picture.edges.iter().filter(|edge| edge.from == edge.to);
    let mut owners: Vec<_> = loops.clone().map(|edge| edge.from).collect();
    owners.dedup();
    // Mermaid gets one arrow for all loops of a box.
    let merged = loops.count() - owners.len();
    assert_eq!(
        lines_with(&mermaid(machine).text, "-->"),
        arrows(&picture, true) - merged,
        "mermaid, {name}"
    );
    assert_eq!(
        lines_with(&plantuml(machine).text, "-->"),
        arrows(&picture, true),
        "plantuml, {name}"
    );
    assert_eq!(
        lines_with(&dot(machine).text, "->"),
        arrows(&picture, false),
        "dot, {name}"
    );
}

#[test]
fn every_arrow_is_written_once() {
    for (name, machine) in charts::all() {
        check(name, &machine);
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
