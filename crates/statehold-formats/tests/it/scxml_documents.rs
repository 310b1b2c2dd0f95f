//! Documents as machines: names, variables, losses and problems.

use serde_json::json;
use statehold_core::machine::Descriptor;
use statehold_formats::original_name;
use statehold_formats::scxml::load;

use crate::support::{document, fire, fire_plain, loaded, start};

#[test]
fn ids_become_names_that_a_column_can_hold() {
    let machine = loaded(
        r#"<state id="in-progress"><state id="a.b"><transition event="e" target="in.progress"/></state></state>
           <state id="in.progress"><transition event="f" cond="In('in.progress')" target="in-progress"/></state>"#,
    )
    .machine;
    let first = start(&machine);
    assert_eq!(first.to, "in_progress.a_b");
    let second = fire(&machine, &first.snapshot, "e").unwrap();
    assert_eq!(second.to, "in_progress_2");
    assert_eq!(
        original_name(machine.state_at("in_progress_2").unwrap()),
        "in.progress"
    );
    assert_eq!(
        fire(&machine, &second.snapshot, "f").unwrap().to,
        "in_progress.a_b"
    );
}

#[test]
fn states_without_an_id_are_told_apart() {
    let machine = loaded(
        "<state><transition event=\"e\" target=\"z\"/></state><state/><final/><state id=\"z\"/>",
    )
    .machine;
    let names: Vec<&str> = machine
        .states
        .iter()
        .skip(1)
        .map(|state| state.name.as_str())
        .collect();
    assert_eq!(names, ["state", "state_2", "final", "z"]);
}

#[test]
fn done_events_of_a_state_do_not_match_those_of_its_children() {
    let machine = loaded(
        r#"<state id="a">
             <transition event="done.state.a" target="z"/>
             <transition event="done.state.b" target="y"/>
             <state id="b"><final id="f"/></state>
           </state>
           <state id="y"/><state id="z"/>"#,
    )
    .machine;
    assert_eq!(start(&machine).to, "y");
    let on: Vec<_> = machine
        .state_at("a")
        .unwrap()
        .transitions
        .iter()
        .map(|t| t.on.clone())
        .collect();
    assert_eq!(on[0], Some(Descriptor::Exact("done.state.a".to_owned())));
}

#[test]
fn variables_get_their_values_at_the_start_or_once_when_their_state_is_entered() {
    let content = |binding: &str| {
        let text = document(
            r#"<datamodel><data id="n" expr="0"/></datamodel>
               <state id="a"><transition event="go" target="b"/></state>
               <state id="b">
                 <datamodel><data id="m" expr="10"/></datamodel>
                 <onentry><assign location="m" expr="m + 1"/></onentry>
                 <transition event="back" target="a"/>
               </state>"#,
        );
        text.replace("name=", &format!("binding=\"{binding}\" name="))
    };
    for (binding, at_first) in [("early", json!(10)), ("late", json!(null))] {
        let machine = load(&content(binding)).unwrap().machine;
        let mut snapshot = start(&machine).snapshot;
        assert_eq!(snapshot.context["m"], at_first, "{binding}");
        for event in ["go", "back", "go"] {
            snapshot = fire(&machine, &snapshot, event).unwrap().snapshot;
        }
        assert_eq!(snapshot.context["m"], json!(12), "{binding}");
    }
}

#[test]
fn the_fields_of_an_event_are_there_however_it_came() {
    let machine = loaded(
        r#"<datamodel><data id="kind"/><data id="name"/></datamodel>
           <state id="a"><transition event="*">
             <assign location="kind" expr="_event.type"/><assign location="name" expr="_event.name"/>
           </transition></state>"#,
    )
    .machine;
    let first = start(&machine).snapshot;
    let ours = fire(&machine, &first, "hello").unwrap().snapshot;
    assert_eq!(
        (&ours.context["kind"], &ours.context["name"]),
        (&json!("external"), &json!("hello"))
    );
    let plain = fire_plain(&machine, &first, "hello").snapshot;
    assert_eq!(
        (&plain.context["kind"], &plain.context["name"]),
        (&json!("platform"), &json!("hello"))
    );
}

#[test]
fn what_can_only_fail_is_a_loss_with_its_place() {
    let losses = loaded(
        "<state id=\"a\">\n  <transition event=\"e\" cond=\"return\" target=\"a\">\n    <assign location=\"no.such\" expr=\"1\"/>\n    <send event=\"e\" delay=\"soon\"/>\n  </transition>\n</state>",
    )
    .losses;
    let places: Vec<(usize, usize)> = losses.iter().map(|loss| (loss.line, loss.column)).collect();
    assert_eq!(places, [(3, 3), (4, 5), (5, 5)]);
    assert!(losses[0].message.contains("`return`"), "{}", losses[0]);
}

#[test]
fn every_problem_of_a_document_is_named_at_once() {
    let error = load(&document(
        "<state id=\"a\">\n<invoke/>\n<onentry><script/><send/><custom xmlns=\"urn:x\"/></onentry>\n<state id=\"b\"><initial/></state>\n</state>\n<datamodel><data/><data id=\"x\" src=\"file:x\"/></datamodel>",
    ))
    .unwrap_err();
    let messages: Vec<String> = error
        .problems
        .iter()
        .map(|p| format!("{}: {}", p.line, p.message))
        .collect();
    assert_eq!(
        messages,
        [
            "3: `invoke` is not supported: work is an effect of the chart",
            "4: `script` is not supported as an action",
            "4: a `send` without `event` or `eventexpr` is not supported",
            "4: `custom` of another namespace is not supported as an action",
            "5: `initial` needs a `transition`",
            "7: `data` needs the attribute `id`",
            "7: `src` is not supported: nothing is loaded from elsewhere",
        ]
    );
    let error = load(&document(
        "<state id=\"a\"><transition event=\"e\" target=\"gone away\"/></state>\n<state id=\"a\"/>",
    ))
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "2:15: there is no state `gone`\n2:15: there is no state `away`\n3:1: two states have the id `a`"
    );
}

#[test]
fn targets_that_exclude_each_other_make_no_machine() {
    let error = load(&document(
        "<state id=\"a\"><transition event=\"e\" target=\"b c\"/></state><state id=\"b\"/><state id=\"c\"/>",
    ))
    .unwrap_err();
    assert!(error.to_string().contains("must fit together"), "{error}");
}
