//! What is written for Mermaid reads back as the same graph, and from then on as the same chart.

use std::collections::BTreeSet;

use proptest::prelude::*;
use statehold_core::Machine;
use statehold_core::source::parse_yaml;
use statehold_diagram::picture::{NodeId, NodeKind, Picture};
use statehold_diagram::{mermaid, picture, plantuml};
use statehold_formats::{ImportFormat, ImportOptions, import};

use random_chart::chart;

/// The charts that the exporters of other formats are tried with, too.
#[path = "../../../statehold-formats/tests/it/random_chart.rs"]
mod random_chart;

fn read(text: &str) -> Result<(Machine, String), String> {
    read_as(ImportFormat::Mermaid, text)
}

fn read_as(format: ImportFormat, text: &str) -> Result<(Machine, String), String> {
    let imported = import(format, text, &ImportOptions::default())
        .map_err(|error| format!("{error}\n{text}"))?;
    let chart = imported[0].chart.clone();
    let loaded =
        Machine::load("chart.yaml", &chart).map_err(|error| format!("{error}\n{chart}"))?;
    Ok((loaded.machine, chart))
}

/// A state's path; memories have no name in Mermaid.
fn path(picture: &Picture, id: NodeId) -> String {
    let node = picture.node(id);
    match (node.kind, node.parent) {
        (NodeKind::History { deep }, parent) => {
            let outer = parent
                .map(|parent| path(picture, parent))
                .unwrap_or_default();
            format!("{outer} memory {deep}")
        }
        (NodeKind::Initial, parent) => {
            format!(
                "{} begins",
                parent
                    .map(|parent| path(picture, parent))
                    .unwrap_or_default()
            )
        }
        (NodeKind::Fork, _) => "fork".to_owned(),
        _ => node.path.clone(),
    }
}

fn states(picture: &Picture) -> BTreeSet<(String, String)> {
    let ids = (0..picture.nodes.len()).map(NodeId);
    let states = ids.filter(|id| picture.node(*id).kind.is_state());
    states
        .map(|id| (path(picture, id), format!("{:?}", picture.node(id).kind)))
        .collect()
}

fn edges(picture: &Picture) -> BTreeSet<(String, String)> {
    let edges = picture.edges.iter();
    edges
        .map(|edge| (path(picture, edge.from), path(picture, edge.to)))
        .collect()
}

/// A chart without its comments.
fn content(chart: &str) -> serde_json::Value {
    parse_yaml(chart)
        .map(|root| root.to_json())
        .unwrap_or_default()
}

/// Whether some state takes an event and does nothing: in a box that looks like any other word.
fn has_silent_event(machine: &Machine) -> bool {
    let transitions = |state: &statehold_core::machine::State| {
        let all = state.transitions.iter().chain(&state.always);
        all.into_iter()
            .any(|one| one.targets.is_empty() && one.actions.is_empty())
    };
    machine.states.iter().any(transitions)
}

/// Compares what is the same in every format.
fn check_graph(machine: &Machine, read: &Machine, context: &str) -> Result<(), String> {
    let (before, after) = (picture(machine), picture(read));
    for (what, before, after) in [
        ("states", states(&before), states(&after)),
        ("edges", edges(&before), edges(&after)),
    ] {
        let missing: Vec<&(String, String)> = before.difference(&after).collect();
        let new: Vec<&(String, String)> = after.difference(&before).collect();
        if !missing.is_empty() || !new.is_empty() {
            return Err(format!(
                "{what}: missing {missing:?}, new {new:?}\n{context}"
            ));
        }
    }
    Ok(())
}

fn check(machine: &Machine) -> Result<(), String> {
    let exported = mermaid(machine);
    let (first, chart) = read(&exported.text)?;
    let context = format!("{}\n{chart}", exported.text);
    check_graph(machine, &first, &context)?;
    if has_silent_event(&first) {
        return Ok(());
    }
    let again = mermaid(&first);
    let (_, chart_again) = read(&again.text)?;
    let is_cut = again.losses.iter().any(|loss| loss.contains("cut off"));
    if !is_cut && content(&chart) != content(&chart_again) {
        return Err(format!("{context}\n----\n{}\n{chart_again}", again.text));
    }
    Ok(())
}

#[test]
fn the_example_comes_back() {
    let text = include_str!("../../../../examples/order/order.chart.yaml");
    let machine = Machine::from_yaml(text).unwrap();
    check(&machine).unwrap_or_else(|problem| panic!("{problem}"));
}

/// Names, labels and event words that would break out of a diagram if they were not escaped.
#[test]
fn hostile_words_come_back() {
    let words = [
        "a#quot;]-->EVIL[x",
        "<script>alert(1)</script>",
        "end",
        "state x {",
        "}",
        "--",
        "%% x",
        "%%{init: {}}%%",
        "a --> b : c",
        "[*]",
        "note right of a : b",
        ";",
        "a;b",
        "\"quoted\"",
        "it's",
        "\\n \\",
        "#35;",
        "&lt;&#35;",
        "<br/>",
        "classDef x",
        "stateDiagram-v2",
        "---",
        ":::x",
        "ü 漢 \u{1f600}",
        "1. one",
        "  blanks  ",
        "H",
        "H*",
        "any state",
        "<<fork>>",
        "[[choice]]",
        "{{x}}",
        "**bold** __x__",
        "`code`",
        "$$x$$",
        "entry",
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
        let (first, chart) =
            read(&mermaid(&machine).text).unwrap_or_else(|problem| panic!("{problem}"));
        let shown = word.split_whitespace().collect::<Vec<_>>().join(" ");
        for state in ["a", "b", "b.inner", "state"] {
            let id = first.by_path[state];
            assert_eq!(
                first.state(id).label.as_deref().unwrap_or(state),
                shown,
                "{word}: {state}\n{chart}"
            );
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
        if let Err(problem) = check(&machine) {
            prop_assert!(false, "{problem}");
        }
    }

    #[test]
    fn random_charts_come_back_from_plantuml_as_the_same_graph(chart in chart()) {
        let machine = Machine::load("chart.json", &chart.to_string())
            .map_err(|error| TestCaseError::fail(error.to_string()))?
            .machine;
        let text = plantuml(&machine).text;
        let (first, chart) = read_as(ImportFormat::PlantUml, &text).map_err(TestCaseError::fail)?;
        check_graph(&machine, &first, &format!("{text}\n{chart}")).map_err(TestCaseError::fail)?;
    }
}
