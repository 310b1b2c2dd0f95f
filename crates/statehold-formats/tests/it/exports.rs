//! What exports look like, and that other tools can read them.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::Value;
use statehold_core::Machine;
use statehold_formats::{ExportFormat, export};

use crate::random_chart::chart;

const CHART: &str = r#"
statehold: 1
machine: parcel
version: 1
context: { tries: { type: integer, default: 0 } }
guards: { patient: ctx.tries < 3 }
initial: waiting
states:
  waiting:
    label: On its way
    on: { scan: [ { target: here, guard: patient, assign: { tries: ctx.tries + 1 } }, lost ], "*": {} }
    after: { 30d: lost }
  here:
    invoke: { effect: ring, input: { n: ctx.tries }, onDone: done, onError: waiting }
  lost: { entry: { raise: gone, input: { at: now } } }
  done: { type: final, output: ctx.tries }
effects:
  ring: { http: { method: POST, url: "${env.BELL}/${input.n}" } }
"#;

#[test]
fn a_configuration_says_what_it_can_in_the_words_of_xstate() {
    let machine = Machine::from_yaml(CHART).unwrap();
    let exported = export(&machine, ExportFormat::XState);
    let config: Value = serde_json::from_str(&exported.text).unwrap();
    assert_eq!(config["id"], "parcel");
    assert_eq!(config["context"], serde_json::json!({ "tries": 0 }));
    let waiting = &config["states"]["waiting"];
    assert_eq!(waiting["on"]["scan"][0]["guard"], "patient");
    assert_eq!(waiting["on"]["scan"][0]["actions"]["type"], "assign tries");
    assert_eq!(waiting["on"]["scan"][1], "lost");
    assert_eq!(waiting["after"]["2592000000"]["target"], "lost");
    let ring = &config["states"]["here"]["invoke"];
    assert_eq!(
        (&ring["src"], &ring["id"]),
        (&"ring".into(), &"here.ring".into())
    );
    assert_eq!(
        (&ring["onDone"], &ring["onError"]),
        (&"done".into(), &"waiting".into())
    );
    assert_eq!(config["states"]["done"]["type"], "final");
    for words in [
        "dropped there instead of refused",
        "wildcard",
        "24.8 days",
        "use of an effect",
        "raised event",
        "output",
    ] {
        assert!(
            exported.losses.iter().any(|loss| loss.contains(words)),
            "{words}: {:?}",
            exported.losses
        );
    }
}

#[test]
fn a_document_says_what_it_can_in_the_words_of_scxml() {
    let machine = Machine::from_yaml(CHART).unwrap();
    let exported = export(&machine, ExportFormat::Scxml);
    for line in [
        r#"<transition event="scan" cond="ctx.tries &lt; 3" target="here""#,
        r#"<send event="timer.waiting.30d" id="timer.waiting.30d" delay="2592000s""#,
        r#"<cancel sendid="timer.waiting.30d""#,
        r#"<assign location="tries" expr="ctx.tries + 1"/>"#,
        r#"<transition event="done.invoke.here.ring" target="done"/>"#,
        r##"<send event="gone" target="#_internal""##,
        r#"<data id="tries" expr="0"/>"#,
    ] {
        assert!(exported.text.contains(line), "{line}\n{}", exported.text);
    }
    // What is tried last stands last.
    let scan = exported.text.find("event=\"scan\"").unwrap();
    assert!(exported.text.find("event=\"*\"").unwrap() > scan);
    check_structure(&exported.text).unwrap();
}

#[test]
fn a_root_with_content_of_its_own_gets_a_state_around_all_others() {
    let chart = "statehold: 1\nmachine: m\nversion: 1\ninitial: a\non: { stop: b }\nstates:\n  a: {}\n  b: { type: final }\n";
    let text = export(&Machine::from_yaml(chart).unwrap(), ExportFormat::Scxml).text;
    assert!(
        text.contains(r#"<state id="m" initial="a" statehold:root="all">"#),
        "{text}"
    );
    assert!(
        text.contains(r#"<transition event="done.state.m" target="m.end""#),
        "{text}"
    );
    check_structure(&text).unwrap();
}

#[test]
fn a_machine_of_another_format_is_written_as_a_graph() {
    let document = crate::support::document(
        r#"<state id="a"><transition event="go" target="b"/></state><final id="b"/>"#,
    );
    let machine = statehold_formats::scxml::load(&document).unwrap().machine;
    for format in ExportFormat::ALL {
        let exported = export(&machine, format);
        assert!(
            exported
                .losses
                .iter()
                .any(|loss| loss.contains("only its states"))
        );
        assert!(exported.text.contains("go"), "{}", exported.text);
    }
}

/// What the recommendation demands of a document's structure.
fn check_structure(text: &str) -> Result<(), String> {
    let xml = roxmltree::Document::parse(text).map_err(|error| error.to_string())?;
    let ours = |node: &roxmltree::Node<'_, '_>| {
        node.tag_name().namespace() == Some("http://www.w3.org/2005/07/scxml")
    };
    let nodes = || {
        xml.descendants()
            .filter(roxmltree::Node::is_element)
            .filter(ours)
    };
    let states: Vec<_> = nodes()
        .filter(|node| ["state", "parallel", "final", "history"].contains(&node.tag_name().name()))
        .collect();
    let ids: Vec<&str> = states
        .iter()
        .filter_map(|state| state.attribute("id"))
        .collect();
    let unique: HashSet<&str> = ids.iter().copied().collect();
    let is_name = |id: &str| {
        let begins = id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        begins
            && id
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
    };
    if unique.len() != states.len() || !ids.iter().all(|id| is_name(id)) {
        return Err(format!("ids: {ids:?}"));
    }
    for node in nodes() {
        let tag = node.tag_name().name();
        let targets = node.attribute("target").filter(|_| tag == "transition");
        let named = targets.into_iter().chain(node.attribute("initial"));
        if let Some(missing) = named
            .flat_map(str::split_whitespace)
            .find(|id| !unique.contains(id))
        {
            return Err(format!("there is no `{missing}`"));
        }
        let says_something = ["event", "cond", "target"]
            .iter()
            .any(|name| node.has_attribute(*name));
        let children = |name: &str| {
            node.children()
                .filter(|child| child.has_tag_name(("http://www.w3.org/2005/07/scxml", name)))
                .count()
        };
        let is_good = match tag {
            "transition" => says_something,
            "history" => children("transition") == 1,
            "scxml" => children("transition") + children("onentry") + children("invoke") == 0,
            "final" => children("transition") == 0,
            "state" => !(node.has_attribute("initial") && children("initial") > 0),
            _ => true,
        };
        if !is_good {
            return Err(format!("<{tag}> {:?}", node.attribute("id")));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn documents_of_random_charts_are_well_built(chart in chart()) {
        let machine = Machine::load("chart.json", &chart.to_string()).expect("a chart").machine;
        let text = export(&machine, ExportFormat::Scxml).text;
        if let Err(problem) = check_structure(&text) {
            prop_assert!(false, "{problem}\n{text}");
        }
    }
}
