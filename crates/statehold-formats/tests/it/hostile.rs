//! Whatever text a reader is given, it answers with a machine or with problems.

use proptest::prelude::*;
use statehold_formats::scxml;
use statehold_formats::xstate::{self, Stubs};

use crate::support::document;

const SCXML: &str = r#"<scxml xmlns="http://www.w3.org/2005/07/scxml" initial="p"><datamodel><data id="x" expr="1"/></datamodel>
<parallel id="p"><state id="a" initial="b"><state id="b"><transition event="e f.*" cond="x &lt; 3 &amp;&amp; In('c')" target="h" type="internal">
<if cond="x === 1"><send event="e" delay="1s" targetexpr="'#_internal'"/><elseif cond="_event.data"/><raise event="r"/><else/><cancel sendid="s"/></if>
<foreach array="[1]" item="i" index="j"><log expr="i"/></foreach></transition></state></state>
<state id="d"><history id="h" type="deep"><transition target="c"/></history><final id="c"><donedata><param name="y" location="x"/></donedata></final></state></parallel></scxml>"#;

const XSTATE: &str = r##"{"id":"m","initial":"a","states":{"a":{"on":{"E":[{"target":"#m.b","guard":"g","actions":["x"]}],"*":".c"},"after":{"10":"b"},
"invoke":{"src":"s","onDone":"b"},"initial":"c","states":{"c":{"type":"final"},"h":{"type":"history","history":"deep"}}},"b":{"type":"parallel","states":{"r":{},"s":{}}}}}"##;

#[test]
fn nesting_is_bounded() {
    let deep = |open: &str, close: &str, n: usize| format!("{}{}", open.repeat(n), close.repeat(n));
    for n in [60, 70, 1_000, 100_000] {
        let states = scxml::load(&document(&deep("<state>", "</state>", n)));
        assert_eq!(states.is_ok(), n < 64, "{n} states");
        let content = deep("<if cond=\"true\">", "</if>", n);
        let content = document(&format!("<state><onentry>{content}</onentry></state>"));
        assert_eq!(scxml::load(&content).is_ok(), n < 64, "{n} conditions");
        let json = format!(
            "{{\"states\":{}1{}}}",
            "{\"a\":{\"states\":".repeat(n),
            "}}".repeat(n)
        );
        let _ = xstate::load(&json, &Stubs::default());
    }
}

#[test]
fn entities_are_refused() {
    let bomb = format!(
        "<!DOCTYPE x [<!ENTITY a \"{}\"><!ENTITY b \"&a;&a;\">]>{}",
        "x".repeat(1000),
        document("<state id=\"&b;\"/>")
    );
    assert!(
        scxml::load(&bomb)
            .unwrap_err()
            .to_string()
            .contains("not XML")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_documents_do_no_harm(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0..12_usize, ".{0,6}"), 1..4),
    ) {
        for original in [SCXML, XSTATE] {
            let mut text = original.to_owned();
            for (at, length, insert) in &cuts {
                let mut start = at.index(text.len());
                while !text.is_char_boundary(start) {
                    start -= 1;
                }
                let mut end = (start + length).min(text.len());
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                text.replace_range(start..end, insert);
                if text.is_empty() {
                    break;
                }
            }
            if let Err(error) = scxml::load(&text) {
                prop_assert!(!error.problems.is_empty());
            }
            let stubs = Stubs {
                guards: [("g".to_owned(), true)].into(),
                ..Stubs::default()
            };
            if let Err(error) = xstate::load(&text, &stubs) {
                prop_assert!(!error.problems.is_empty());
            }
        }
    }
}

#[test]
fn the_undamaged_documents_are_good() {
    let scxml = scxml::load(SCXML).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(scxml.losses, []);
    let stubs = Stubs {
        guards: [("g".to_owned(), true)].into(),
        ..Stubs::default()
    };
    assert!(xstate::load(XSTATE, &stubs).is_ok());
}
