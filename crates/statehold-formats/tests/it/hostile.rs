//! Whatever text a reader is given, it answers with a machine or a chart, or with problems.

use proptest::prelude::*;
use statehold_core::Machine;
use statehold_formats::xstate::{self, Stubs};
use statehold_formats::{ExportFormat, ImportFormat, ImportOptions, import, scxml};

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

/// A text with pieces cut out and others put in their places.
fn damaged(original: &str, cuts: &[(prop::sample::Index, usize, String)]) -> String {
    let mut text = original.to_owned();
    for (at, length, insert) in cuts {
        if text.is_empty() {
            break;
        }
        let mut start = at.index(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = (start + length).min(text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        text.replace_range(start..end, insert);
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_documents_do_no_harm(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0..12_usize, ".{0,6}"), 1..4),
    ) {
        for original in [SCXML, XSTATE] {
            let text = damaged(original, &cuts);
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

/// Whatever becomes of it, a chart that comes out loads, and losses have a place.
fn imports_without_harm(format: ImportFormat, text: &str) -> Result<(), String> {
    match import(format, text, &ImportOptions::default()) {
        Ok(all) => {
            for one in &all {
                Machine::from_yaml(&one.chart)
                    .map_err(|error| format!("{error}\n{}\n{text}", one.chart))?;
                if one
                    .losses
                    .iter()
                    .any(|loss| loss.line == 0 || loss.column == 0)
                {
                    return Err(format!("a loss without a place\n{text}"));
                }
            }
            Ok(())
        }
        Err(error) if error.problems.is_empty() => Err(format!("refused for nothing\n{text}")),
        Err(_) => Ok(()),
    }
}

#[test]
fn bombs_are_refused_fast_by_every_importer() {
    let laughs: String = (1..20)
        .map(|n| format!("<!ENTITY l{n} \"&l{0};&l{0};&l{0};&l{0};\">", n - 1))
        .collect();
    let xml = format!("<!DOCTYPE x [<!ENTITY l0 \"ha\">{laughs}]><scxml name=\"&l19;\"/>");
    let aliases: String = (1..30)
        .map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1))
        .collect();
    let yaml = format!("a0: &a0 [1]\n{aliases}");
    let nested =
        |open: &str, close: &str| format!("{}{}", open.repeat(50_000), close.repeat(50_000));
    let states: String = (0..20_000)
        .map(|n| format!("\"{}\":{{}},", "\u{e9}".repeat(n % 7 + 1) + &n.to_string()))
        .collect();
    let texts = [
        xml,
        yaml,
        nested("{\"states\":{\"a\":", "}}"),
        nested("<state>", "</state>"),
        nested("state a {\n", "}\n"),
        nested("[", "]"),
        format!("{{\"initial\":\"e\",\"states\":{{{states}\"z\":{{}}}}}}"),
        "x".repeat(4 * 1024 * 1024),
        String::new(),
        "\u{0}".to_owned(),
    ];
    let begun = std::time::Instant::now();
    for text in &texts {
        for format in ImportFormat::ALL {
            let outcome = import(format, text, &ImportOptions::default());
            let is_small = text.len() < 2;
            assert!(
                outcome.is_err() || is_small,
                "{format} took {} bytes",
                text.len()
            );
        }
    }
    // Generous for a slow machine without optimisation; a text that multiplies would take hours.
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn many_states_of_one_name_cost_no_search() {
    let states: String = (0..900)
        .map(|n| format!("\"{}\":{{}},", "…".repeat(n + 1)))
        .collect();
    let text = format!("{{\"initial\":\"z\",\"states\":{{{states}\"z\":{{}}}}}}");
    imports_without_harm(ImportFormat::XState, &text).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn damaged_documents_become_charts_that_load_or_are_refused(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0..12_usize, ".{0,6}"), 1..4),
    ) {
        for (format, original) in [(ImportFormat::Scxml, SCXML), (ImportFormat::XState, XSTATE)] {
            let text = damaged(original, &cuts);
            if let Err(problem) = imports_without_harm(format, &text) {
                prop_assert!(false, "{problem}");
            }
        }
    }

    #[test]
    fn damaged_exports_become_charts_that_load_or_are_refused(
        chart in crate::random_chart::chart(),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0..12_usize, ".{0,6}"), 1..4),
    ) {
        let machine = Machine::load("chart.json", &chart.to_string()).expect("a chart").machine;
        for (to, from) in [(ExportFormat::XState, ImportFormat::XState), (ExportFormat::Scxml, ImportFormat::Scxml)] {
            let text = damaged(&statehold_formats::export(&machine, to).text, &cuts);
            if let Err(problem) = imports_without_harm(from, &text) {
                prop_assert!(false, "{problem}");
            }
        }
    }

    #[test]
    fn any_text_at_all_is_answered(text in ".{0,200}") {
        for format in ImportFormat::ALL {
            if let Err(problem) = imports_without_harm(format, &text) {
                prop_assert!(false, "{format}: {problem}");
            }
        }
    }
}
