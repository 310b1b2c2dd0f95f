//! Charts of SCXML documents.

use statehold_formats::ImportFormat;

use crate::sketches::{imported, losses, machine, refused, states_of};
use crate::support::document;

const FORMAT: ImportFormat = ImportFormat::Scxml;

#[test]
fn data_and_expressions_are_respelled() {
    let one = imported(
        FORMAT,
        &document(
            r#"<datamodel><data id="n" expr="0"/><data id="who" expr="{'name': 'x', age: 3}"/><data id="m" expr="n + 1"/><data id="free"/></datamodel>
               <state id="a">
                 <transition event="go" cond="n === 1 &amp;&amp; !In('b') &amp;&amp; _event.data.ok" target="b">
                   <assign location="n" expr="n + _event.data.by"/>
                   <if cond="n &gt; 3"><raise event="big"/><elseif cond="n &gt; 2"/><raise event="mid"/><else/><assign location="who" expr="null"/></if>
                 </transition>
                 <transition event="done.state.b" cond="_event.data.x == 1" target="a"/>
               </state>
               <state id="b"><final id="f"><donedata><param name="x" expr="n"/></donedata></final></state>"#,
        ),
    );
    assert_eq!(losses(&one), [] as [&str; 0]);
    assert_eq!(
        one.chart,
        r#"statehold: 1
machine: doc
version: 1
unhandled: ignore
onExpressionError: raise
context:
  n?: { default: 0 }
  who?: { default: { name: x, age: 3 } }
  m?: { default: null }
  free?: { default: null }
initial: a
entry: { assign: { m: ctx.n + 1 } }
states:
  a:
    on:
      go.*:
        target: b
        guard: ctx.n == 1 && !in_state('b') && event.input.ok
        assign: { n: ctx.n + event.input.by }
        actions:
          if: ctx.n > 3
          then: [ { raise: big } ]
          else:
            - { if: ctx.n > 2, then: [ { raise: mid } ], else: [ { assign: { who: null } } ] }
      done.state.b: { target: a, guard: event.output.x == 1, reenter: true }
  b:
    initial: f
    states:
      f: { type: final, output: { x: ctx.n } }
"#
    );
    machine(&one);
}

#[test]
fn a_delayed_event_that_its_state_takes_back_is_a_timer() {
    let one = imported(
        FORMAT,
        &document(
            r#"<state id="a"><onentry><send event="late" id="t" delay="90s"/></onentry><onexit><cancel sendid="t"/></onexit>
                 <transition event="late" target="b"/><transition event="go" target="b"><cancel sendid="t"/></transition></state>
               <state id="b"><transition event="late" target="a"/></state>"#,
        ),
    );
    assert_eq!(losses(&one), [] as [&str; 0]);
    assert_eq!(
        states_of(&one),
        "initial: a\nstates:\n  a: { on: { late.*: b, go.*: b, late: b }, after: { 1m30s: { actions: { raise: late } } } }\n  b: { on: { late.*: a, late: a } }\n"
    );
}

#[test]
fn a_delayed_event_that_outlives_its_state_is_refused() {
    let text = document(
        r#"<state id="a"><onentry><send event="late" delay="90s"/></onentry><transition event="go" target="b"/></state>
           <state id="b"><transition event="late" target="a"/></state>"#,
    );
    assert!(
        refused(FORMAT, &text)
            .starts_with("2:24: `late` is sent later, and not only while `a` is active")
    );
}

#[test]
fn only_a_send_that_overtakes_nothing_is_raised_inside() {
    let content = |more: &str| {
        document(&format!(
            r#"<state id="a"><onentry><send event="e"/>{more}</onentry><transition event="e" target="b"/><transition event="r" target="a"/></state><state id="b"/>"#
        ))
    };
    let one = imported(FORMAT, &content(""));
    assert_eq!(losses(&one), ["2:event sent to itself"]);
    assert!(
        states_of(&one).contains("entry: { raise: e }"),
        "{}",
        one.chart
    );
    let message = refused(FORMAT, &content("<raise event=\"r\"/>"));
    assert!(
        message.contains("a chart cannot say that order"),
        "{message}"
    );
}

#[test]
fn what_is_told_to_others_becomes_an_effect() {
    let one = imported(
        FORMAT,
        &document(
            r#"<datamodel><data id="x" expr="1"/></datamodel>
               <state id="a"><onentry><send type="mail" event="hello" namelist="x"><param name="y" expr="x + 1"/></send><send target="http://peer/" event="there"/></onentry></state>"#,
        ),
    );
    assert_eq!(losses(&one), ["3:send", "3:send"]);
    assert!(
        one.chart
            .contains("- { effect: mail, input: { event: \"'hello'\", x: ctx.x, y: ctx.x + 1 } }"),
        "{}",
        one.chart
    );
    assert!(
        one.chart
            .contains("http_peer: { handler: \"http://peer/\", mode: fire_and_forget }"),
        "{}",
        one.chart
    );
}

#[test]
fn every_event_finds_what_the_document_tries_first() {
    let one = imported(
        FORMAT,
        &document(
            r#"<state id="a"><transition event="a" cond="1 == 2" target="b"/><transition event="*" target="c"/><transition event="a.b" target="d"/></state>
               <state id="b"/><state id="c"/><state id="d"/>"#,
        ),
    );
    assert_eq!(losses(&one), ["2:transition"]);
    let expected = "a.*: { target: b, guard: 1 == 2 }\n      \"*\": c\n      a.b.*: [ { target: b, guard: 1 == 2 }, c ]\n      error.execution: c\n";
    assert!(states_of(&one).contains(expected), "{}", one.chart);
}

#[test]
fn a_transition_that_leaves_its_source_enters_it_again() {
    let one = imported(
        FORMAT,
        &document(
            r#"<state id="a" initial="b"><transition event="self" target="a"/><transition event="in" target="c"/><transition event="soft" type="internal" target="c"/><transition event="out" target="z"/><transition event="none"/>
                 <state id="b"/><state id="c"/></state><state id="z"/>"#,
        ),
    );
    let expected = "      self.*: { target: a, reenter: true }\n      in.*: { target: .c, reenter: true }\n      soft.*: .c\n      out.*: z\n      none.*: {}\n";
    assert!(states_of(&one).contains(expected), "{}", one.chart);
}

#[test]
fn what_cannot_be_said_is_lost_with_its_line_or_refused() {
    let one = imported(
        FORMAT,
        &document(
            "<datamodel><data id=\"x\" src=\"file:x\"/></datamodel>\n<state id=\"a\">\n<onentry><script>go()</script>\n<log expr=\"x\"/>\n<assign location=\"x.y\" expr=\"1\"/>\n<assign location=\"x\" expr=\"function(){}\"/></onentry>\n<transition event=\"e\" cond=\"f(x)\" target=\"a\"/>\n</state>",
        ),
    );
    let lines: Vec<usize> = one.losses.iter().map(|loss| loss.line).collect();
    assert_eq!(lines, [2, 4, 5, 6, 7, 8]);
    assert!(
        one.chart
            .contains("# TODO: say when this holds. It was: f(x)\n  condition_1: true"),
        "{}",
        one.chart
    );
    for (content, message) in [
        (
            "<state id=\"a\"><invoke/></state>",
            "`invoke` is not supported",
        ),
        (
            "<state id=\"a\"><onentry><raise event=\"done.state.a\"/></onentry></state>",
            "only the engine may fire",
        ),
        (
            "<state id=\"a\"><onentry><send eventexpr=\"x\"/></onentry></state>",
            "is computed is not supported",
        ),
        (
            "<state id=\"a\"><onentry><cancel sendid=\"x\"/></onentry></state>",
            "and not before",
        ),
        (
            "<state id=\"a\"><onentry><foreach array=\"[1]\" item=\"i\"><raise event=\"e\"/></foreach></onentry></state>",
            "a loop that raises",
        ),
        (
            "<datamodel><data id=\"$x\"/></datamodel><state id=\"a\"/>",
            "cannot be the name of a variable",
        ),
        (
            "<state id=\"a\"><transition event=\"e\" target=\"b\"/></state>",
            "there is no state `b`",
        ),
        ("", "a document without states"),
    ] {
        let found = refused(FORMAT, &document(content));
        assert!(found.contains(message), "{content}: {found}");
    }
}
