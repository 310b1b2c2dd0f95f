//! What our own export writes for Mermaid reads back as the same graph, and then stays the same.

use std::collections::BTreeSet;

use proptest::prelude::*;
use statehold_core::Machine;
use statehold_diagram::picture::{EdgeKind, NodeId, NodeKind, Picture};
use statehold_diagram::{mermaid, picture};
use statehold_formats::{ImportFormat, ImportOptions, import};

use crate::random_chart::chart;
use crate::same::difference;

fn read(text: &str) -> Result<(Machine, String), String> {
    let imported = import(ImportFormat::Mermaid, text, &ImportOptions::default())
        .map_err(|error| format!("{error}\n{text}"))?;
    let chart = imported[0].chart.clone();
    let loaded = Machine::load("chart.yaml", &chart).map_err(|error| format!("{error}\n{chart}"))?;
    Ok((loaded.machine, chart))
}

/// A state's path; memories have no name in Mermaid.
fn path(picture: &Picture, id: NodeId) -> String {
    let node = picture.node(id);
    match (node.kind, node.parent) {
        (NodeKind::History { deep }, parent) => {
            let outer = parent.map(|parent| path(picture, parent)).unwrap_or_default();
            format!("{outer} memory {deep}")
        }
        (NodeKind::Initial, parent) => {
            format!("{} begins", parent.map(|parent| path(picture, parent)).unwrap_or_default())
        }
        (NodeKind::Fork, _) => "fork".to_owned(),
        _ => node.path.clone(),
    }
}

/// A parallel state of one region is drawn like a state with one inside.
fn is_single(picture: &Picture, id: NodeId) -> bool {
    picture.nodes.iter().filter(|node| node.parent == Some(id) && node.kind.is_state()).count() == 1
}

fn states(picture: &Picture) -> BTreeSet<(String, String)> {
    let ids = (0..picture.nodes.len()).map(NodeId);
    let states = ids.filter(|id| picture.node(*id).kind.is_state());
    states
        .map(|id| {
            let kind = match picture.node(id).kind {
                NodeKind::Parallel if is_single(picture, id) => NodeKind::Compound,
                kind => kind,
            };
            (path(picture, id), format!("{kind:?}"))
        })
        .collect()
}

fn edges(picture: &Picture) -> BTreeSet<(String, String)> {
    let outer = |id: NodeId| picture.node(id).parent;
    let is_shown = |edge: &&statehold_diagram::picture::Edge| {
        let in_single = outer(edge.from).is_some_and(|outer| is_single(picture, outer));
        edge.kind != EdgeKind::Initial || !in_single
    };
    (picture.edges.iter())
        .filter(is_shown)
        .map(|edge| (path(picture, edge.from), path(picture, edge.to)))
        .collect()
}

/// Whether some state takes an event and does nothing: in a box that looks like any other word.
fn has_silent_event(machine: &Machine) -> bool {
    let transitions = |state: &statehold_core::machine::State| {
        let all = state.transitions.iter().chain(&state.always);
        all.into_iter().any(|one| one.targets.is_empty() && one.actions.is_empty())
    };
    machine.states.iter().any(transitions)
}

fn check(machine: &Machine) -> Result<(), String> {
    let exported = mermaid(machine);
    let (first, chart) = read(&exported.text)?;
    let context = || format!("{}\n{chart}", exported.text);
    let (before, after) = (picture(machine), picture(&first));
    let compare = |what: &str, before: BTreeSet<_>, after: BTreeSet<_>| {
        let missing: Vec<&(String, String)> = before.difference(&after).collect();
        let new: Vec<&(String, String)> = after.difference(&before).collect();
        match missing.is_empty() && new.is_empty() {
            true => Ok(()),
            false => Err(format!("{what}: missing {missing:?}, new {new:?}\n{}", context())),
        }
    };
    compare("states", states(&before), states(&after))?;
    compare("edges", edges(&before), edges(&after))?;
    if has_silent_event(&first) {
        return Ok(());
    }
    let again = mermaid(&first);
    let (second, chart_again) = read(&again.text)?;
    match difference(&first, &second) {
        Some(difference) if !again.losses.iter().any(|loss| loss.contains("cut off")) => {
            Err(format!("{difference}\n{}\n----\n{}\n{chart_again}", context(), again.text))
        }
        _ => Ok(()),
    }
}

#[test]
fn the_example_comes_back() {
    let text = include_str!("../../../../examples/order/order.chart.yaml");
    let machine = Machine::from_yaml(text).unwrap();
    if crate::handlers::are_read() {
        check(&machine).unwrap_or_else(|problem| panic!("{problem}"));
    }
}

/// Names, labels and event words that would break out of a diagram if they were not escaped.
#[test]
fn hostile_words_come_back() {
    let words = [
        "a#quot;]-->EVIL[x", "<script>alert(1)</script>", "end", "state x {", "}", "--", "%% x", "%%{init: {}}%%",
        "a --> b : c", "[*]", "note right of a : b", ";", "a;b", "\"quoted\"", "it's", "\\n \\", "#35;", "&lt;&#35;",
        "<br/>", "classDef x", "stateDiagram-v2", "---", ":::x", "ü 漢 \u{1f600}", "1. one", "  blanks  ", "H", "H*",
        "any state", "<<fork>>", "[[choice]]", "{{x}}", "**bold** __x__", "`code`", "$$x$$", "entry",
    ];
    for word in words {
        let word_json = serde_json::Value::from(word);
        let text = format!(
            r#"{{"statehold":1,"machine":"m","version":3,"label":{word_json},"initial":"a","states":{{
            "a":{{"label":{word_json},"on":{{"go":"b"}}}},
            "b":{{"label":{word_json},"initial":"inner","on":{{"go":"a"}},"states":{{"inner":{{"label":{word_json}}}}}}},
            "state":{{"description":{word_json}}},"note":{{"tags":["x"],"on":{{"end":"state"}}}}}}}}"#
        );
        let machine = Machine::from_json(&text).unwrap_or_else(|error| panic!("{error}"));
        let (first, chart) = read(&mermaid(&machine).text).unwrap_or_else(|problem| panic!("{problem}"));
        let shown = word.split_whitespace().collect::<Vec<_>>().join(" ");
        for state in ["a", "b", "b.inner", "state"] {
            let id = first.by_path[state];
            assert_eq!(first.state(id).label.as_deref().unwrap_or(state), shown, "{word}: {state}\n{chart}");
        }
        assert_eq!(first.label.as_deref(), Some(shown.as_str()), "{chart}");
        assert_eq!((first.name.as_str(), first.version), ("m", 3));
        check(&machine).unwrap_or_else(|problem| panic!("{problem}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_charts_come_back_as_the_same_graph(chart in chart()) {
        let machine = Machine::load("chart.json", &chart.to_string())
            .map_err(|error| TestCaseError::fail(error.to_string()))?
            .machine;
        if crate::handlers::are_read() && let Err(problem) = check(&machine) {
            prop_assert!(false, "{problem}");
        }
    }
}
