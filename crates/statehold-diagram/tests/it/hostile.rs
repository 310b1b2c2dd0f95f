//! A chart may come from anyone: no text in it may become markup, syntax or a missing character.

use proptest::prelude::*;
use statehold_core::Machine;
use statehold_diagram::{Options, dot, mermaid, picture, plantuml, svg};

/// Texts that broke some diagram tool once.
const TEXTS: [&str; 12] = [
    "a#quot;]-->EVIL[x]",
    "<script>alert(1)</script>",
    "</text><script>alert(1)</script>",
    "\" onload=\"alert(1)",
    "]]> <!-- & &amp; &#60; --> <?xml?>",
    "end note",
    "x\\\" -> y [label=\"\\N\\G\"]; }",
    ": ; :: ;; %% %%{init: {}}%%",
    "%date() !include /etc/passwd /' x '/ [[http://x]] ~~ // ** <b>",
    "--- \n---\nstateDiagram-v2",
    "\u{202e}dnufer\u{200b} \u{1b}[31m \u{fffe}",
    "1. _x_ *y* `z` $$k$$ é 注文 😀",
];

fn chart(label: &str, description: &str, tag: &str, guard: &str) -> Machine {
    let [label, description, tag] =
        [label, description, tag].map(|text| serde_json::to_string(text).unwrap());
    let guard = serde_json::to_string(&format!("event.type == {}", cel(guard))).unwrap();
    let text = format!(
        r#"{{"statehold": 1, "machine": "hostile", "version": 1, "label": {label}, "description": {description},
            "initial": "end", "states": {{
              "end": {{"label": {label}, "description": {description}, "tags": [{tag}],
                       "on": {{"go": {{"target": "state", "guard": {guard}}}, "stay": {{"guard": {guard}}}, "loop": "end"}}}},
              "state": {{"initial": "class", "label": {label}, "description": {description},
                         "states": {{"class": {{"type": "final"}}}}}}}}}}"#
    );
    match Machine::from_json(&text) {
        Ok(machine) => machine,
        Err(error) => panic!("{error}\n{text}"),
    }
}

/// A text as a literal of the expression language.
fn cel(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        out.push_str(&format!("\\U{:08x}", u32::from(c)));
    }
    out.push('\'');
    out
}

/// Only the elements and attributes that the writer knows, and no text lost on the way.
fn check_svg(machine: &Machine) {
    let text = svg(machine, &Options::default());
    let document = roxmltree::Document::parse(&text).unwrap();
    let known = [
        "svg", "title", "desc", "style", "g", "rect", "circle", "path", "line", "text", "tspan",
    ];
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        assert!(
            known.contains(&node.tag_name().name()),
            "{}",
            node.tag_name().name()
        );
        for attribute in node.attributes() {
            assert!(
                !attribute.name().starts_with("on") && attribute.name() != "href",
                "{}",
                attribute.name()
            );
        }
    }
    let shown: Vec<&str> = document
        .descendants()
        .filter_map(|node| node.text())
        .collect();
    for edge in &picture(machine).edges {
        assert!(shown.contains(&edge.title.as_str()), "{}", edge.title);
    }
}

/// The structure is what it is for a chart without any text.
fn check_texts(machine: &Machine) {
    let plain = chart("x", "x", "x", "x");
    for (name, export) in [
        ("mermaid", mermaid as fn(&_) -> _),
        ("plantuml", plantuml),
        ("dot", dot),
    ] {
        let (text, expected) = (export(machine).text, export(&plain).text);
        assert_eq!(
            skeleton(name, &text).len(),
            skeleton(name, &expected).len(),
            "{name}:\n{text}"
        );
        if name == "dot" {
            check_quotes(&text);
        } else {
            assert!(text.is_ascii(), "{text}");
        }
    }
}

/// First words of the lines that are structure. Notes may be there or not: a text may vanish when it is cleaned.
fn skeleton(name: &str, text: &str) -> Vec<String> {
    let is_note = |line: &&str| match name {
        "mermaid" => {
            line.trim().starts_with("note ") || line.contains(" : ") && !line.contains("-->")
        }
        "plantuml" => line.contains(" : ") && !line.contains("-->"),
        _ => false,
    };
    text.lines()
        .filter(|line| !is_note(line))
        .map(|line| line.split_whitespace().take(2).collect())
        .collect()
}

/// Every quoted string of a DOT text ends on its line.
fn check_quotes(text: &str) {
    for line in text.lines() {
        let mut is_inside = false;
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' if is_inside => {
                    chars.next();
                }
                '"' => is_inside = !is_inside,
                _ => {}
            }
        }
        assert!(!is_inside, "{line}");
    }
}

#[test]
fn texts_that_broke_other_tools_stay_text() {
    for text in TEXTS {
        let machine = chart(text, text, text, text);
        check_svg(&machine);
        check_texts(&machine);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_becomes_markup_or_syntax(label in "\\PC{1,60}", description in "[ -~\\t\\n]{1,80}", tag in "[!-~]{1,20}", guard in "\\PC{0,40}") {
        let machine = chart(&format!("x{label}"), &format!("x{description}"), &tag, &guard);
        check_svg(&machine);
        check_texts(&machine);
    }
}

#[test]
fn the_longest_texts_do_not_widen_a_box() {
    let long = "word_".repeat(200);
    let machine = chart(&long, &long, "x", "x");
    let drawing = statehold_diagram::drawing::plain(&picture(&machine), &Options::default());
    assert!(drawing.nodes.iter().all(|node| node.rect.width < 400.0));
}
