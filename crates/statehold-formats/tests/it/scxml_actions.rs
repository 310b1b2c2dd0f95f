//! Executable content: what a step reports of it.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use statehold_core::{Outcome, REQUESTS_MAX, codes};

use crate::support::{fire, loaded, start};

#[test]
fn a_send_is_an_event_for_later_with_its_arguments_of_now() {
    let machine = loaded(
        r#"<datamodel><data id="x" expr="1"/></datamodel>
           <state id="a"><transition event="go">
             <send event="late" delay="1.5s" id="s1" namelist="x"><param name="y" expr="x + 1"/></send>
             <send event="soon"/>
             <assign location="x" expr="9"/>
           </transition></state>"#,
    )
    .machine;
    let step = fire(&machine, &start(&machine).snapshot, "go").unwrap();
    let [late, soon] = step.sends.as_slice() else {
        panic!("two events, not {:?}", step.sends);
    };
    assert_eq!(
        (late.event.as_str(), late.id.as_deref()),
        ("late", Some("s1"))
    );
    assert_eq!(
        late.due,
        Timestamp::UNIX_EPOCH + SignedDuration::from_millis(1_500)
    );
    assert_eq!(late.input["_event"]["data"], json!({ "x": 1, "y": 2 }));
    assert_eq!(late.input["_event"]["sendid"], "s1");
    assert_eq!(
        (soon.event.as_str(), soon.id.as_deref(), soon.due),
        ("soon", None, Timestamp::UNIX_EPOCH)
    );
}

#[test]
fn a_cancel_takes_back_what_this_step_sent_and_reports_what_earlier_ones_may_have() {
    let machine = loaded(
        r#"<state id="a">
             <transition event="send"><send event="e" id="s1" delay="1s"/></transition>
             <transition event="cancel"><cancel sendid="s1"/><cancel sendid="s1"/></transition>
             <transition event="both">
               <send event="first" id="s1" delay="1s"/><cancel sendid="s1"/><send event="second" id="s1" delay="2s"/>
             </transition>
           </state>"#,
    )
    .machine;
    let first = start(&machine).snapshot;
    assert_eq!(fire(&machine, &first, "send").unwrap().sends.len(), 1);
    let cancelled = fire(&machine, &first, "cancel").unwrap();
    assert_eq!(
        (cancelled.sends.len(), cancelled.cancelled_sends.as_slice()),
        (0, &["s1".to_owned()][..])
    );
    let both = fire(&machine, &first, "both").unwrap();
    let sent: Vec<&str> = both.sends.iter().map(|send| send.event.as_str()).collect();
    assert_eq!(
        (sent, both.cancelled_sends.as_slice()),
        (vec!["second"], &["s1".to_owned()][..])
    );
}

#[test]
fn stored_ids_differ_even_in_a_loop() {
    let machine = loaded(
        r#"<datamodel><data id="xs" expr="[1, 2, 3]"/><data id="id"/></datamodel>
           <state id="a"><transition event="go">
             <foreach array="xs" item="x"><send event="e" idlocation="id" delay="1s"/></foreach>
           </transition></state>"#,
    )
    .machine;
    let step = fire(&machine, &start(&machine).snapshot, "go").unwrap();
    let ids: Vec<&str> = step
        .sends
        .iter()
        .filter_map(|send| send.id.as_deref())
        .collect();
    assert_eq!(ids, ["send.1", "send.2", "send.3"]);
    let again = fire(&machine, &step.snapshot, "go").unwrap();
    assert_eq!(again.sends[0].id.as_deref(), Some("send.4"));
}

#[test]
fn an_event_that_cannot_be_sent_is_an_error_and_ends_its_block() {
    for (target, error) in [
        ("#_scxml_elsewhere", "error.communication"),
        ("#_parent", "error.communication"),
        ("nowhere", "error.execution"),
    ] {
        let machine = loaded(&format!(
            r#"<state id="a">
                 <onentry><send event="e" target="{target}" id="s1"/><raise event="after"/></onentry>
                 <onentry><raise event="other"/></onentry>
                 <transition event="after" target="wrong"/>
                 <transition event="{error}" cond="_event.sendid == 's1'" target="right"/>
                 <transition event="*" target="wrong"/>
               </state>
               <state id="right"><transition event="other" target="end"/></state>
               <state id="wrong"/><state id="end"/>"#
        ))
        .machine;
        let step = start(&machine);
        assert_eq!(step.to, "end", "{target}");
        assert!(step.sends.is_empty());
    }
}

#[test]
fn a_failing_target_is_one_error() {
    let machine = loaded(
        r#"<datamodel><data id="n" expr="0"/></datamodel>
           <state id="a">
             <onentry><send event="e" targetexpr="missing.target"/></onentry>
             <transition event="error"><assign location="n" expr="n + 1"/></transition>
           </state>"#,
    )
    .machine;
    assert_eq!(start(&machine).snapshot.context["n"], 1);
}

#[test]
fn a_condition_that_fails_is_false_and_an_error_but_no_end() {
    let machine = loaded(
        r#"<state id="a">
             <onentry><if cond="missing"><raise event="yes"/><else/><raise event="no"/></if></onentry>
             <transition event="error.execution" target="b"/>
           </state>
           <state id="b"><transition event="no" target="c"/><transition event="yes" target="d"/></state>
           <state id="c"/><state id="d"/>"#,
    )
    .machine;
    assert_eq!(start(&machine).to, "c");
}

#[test]
fn log_lines_are_reported_in_order() {
    let machine = loaded(
        r#"<datamodel><data id="x" expr="[1, 2]"/></datamodel>
           <state id="a"><onentry><log label="one" expr="size(x)"/><log/></onentry></state>"#,
    )
    .machine;
    let logged: Vec<_> = start(&machine)
        .logged
        .into_iter()
        .map(|line| (line.label, line.value))
        .collect();
    assert_eq!(
        logged,
        [("one".to_owned(), json!(2)), (String::new(), Value::Null)]
    );
}

#[test]
fn loops_are_bounded_whatever_is_said_about_errors() {
    let list: Vec<String> = (0..400).map(|n| n.to_string()).collect();
    let data = format!(
        "<datamodel><data id=\"xs\">[{}]</data></datamodel>",
        list.join(",")
    );
    let machine = loaded(&format!(
        r#"{data}<state id="a">
             <transition event="empty"><foreach array="xs" item="i"><foreach array="xs" item="j"/></foreach></transition>
             <transition event="sends"><foreach array="xs" item="i">
               <send event="e"/><send event="e"/><send event="e"/>
             </foreach></transition>
             <transition event="logs"><foreach array="xs" item="i"><log/><log/><log/></foreach></transition>
             <transition event="error" target="b"/>
           </state><state id="b"/>"#
    ))
    .machine;
    let first = start(&machine).snapshot;
    for event in ["empty", "sends", "logs"] {
        let refusal = fire(&machine, &first, event).unwrap_err();
        assert_eq!(
            (refusal.outcome, refusal.code),
            (Outcome::StepError, codes::MICROSTEP_LIMIT),
            "{event}"
        );
    }
    assert!(list.len() * 3 > REQUESTS_MAX);
}
