//! Whatever text a loader is given, it answers: with a machine, or with problems that lie inside the text.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use statehold_core::diagnostic::Diagnostic;
use statehold_core::source::parse_partial;
use statehold_core::{Event, Machine};

const ORDER: &str = include_str!("../../../../examples/order/order.chart.yaml");

fn check_places(text: &str, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        let related = diagnostic.related.iter().map(|related| &related.span);
        for span in std::iter::once(&diagnostic.span).chain(related) {
            assert!(
                text.get(span.clone()).is_some(),
                "{span:?} of {diagnostic:?}"
            );
        }
        assert!(diagnostic.message.chars().count() <= 401);
    }
}

/// Loads a text under both suffixes.
fn load(text: &str) {
    for name in ["x.yaml", "x.json"] {
        match Machine::load(name, text) {
            Ok(loaded) => check_places(text, &loaded.warnings),
            Err(error) => {
                assert!(error.diagnostics.iter().any(Diagnostic::is_error));
                check_places(text, &error.diagnostics);
                let lines = error.to_string().lines().count();
                assert!(lines >= error.diagnostics.len());
            }
        }
    }
}

/// Creates an entity and offers it every event that it says it accepts, some steps deep.
fn run(machine: &Machine) {
    let now = Timestamp::UNIX_EPOCH;
    let input = json!({ "customer_id": "c", "total": 1200 });
    let Ok(step) = machine.start(input, now) else {
        return;
    };
    let mut snapshot = step.snapshot;
    for _ in 0..6 {
        let mut next = None;
        for kind in machine.accepted_events(&snapshot) {
            let input = json!({ "payment_token": "t", "tracking": "x" });
            if let Ok(step) = machine.step(&snapshot, &Event::new(kind).input(input), now) {
                next = Some(step.snapshot);
            }
        }
        match next {
            Some(next) => snapshot = next,
            None => return,
        }
    }
}

/// One change of a text.
#[derive(Debug, Clone)]
enum Change {
    Delete { at: usize, length: usize },
    Insert { at: usize, text: String },
    DropLine { line: usize },
    SwapLines { a: usize, b: usize },
    Indent { line: usize, by: usize },
    Rename { word: usize, to: String },
}

fn change() -> impl Strategy<Value = Change> {
    let piece = prop_oneof![
        "[ \\[\\]{}:,#&*!|>'\"%@`?-]{1,3}",
        "(\n|  |: |- | #|<<|\\$\\{|\\}|ü|\u{0}|\u{feff}|\t)",
        "(null|true|1e999|0x1F|99999999999999999999|[a-z]{1,6})",
    ];
    let word = "(target|guard|states|initial|type|final|parallel|history|on|always|after|paid|shipped|pay|ctx\\.total|invoke|effect|[a-z]{1,5})";
    prop_oneof![
        (any::<usize>(), 1usize..9).prop_map(|(at, length)| Change::Delete { at, length }),
        (any::<usize>(), piece).prop_map(|(at, text)| Change::Insert { at, text }),
        any::<usize>().prop_map(|line| Change::DropLine { line }),
        (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Change::SwapLines { a, b }),
        (any::<usize>(), 1usize..4).prop_map(|(line, by)| Change::Indent { line, by }),
        (any::<usize>(), word).prop_map(|(word, to)| Change::Rename { word, to }),
    ]
}

fn apply(text: &str, change: &Change) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if characters.is_empty() || lines.is_empty() {
        return text.to_owned();
    }
    let (size, height) = (characters.len(), lines.len());
    match change {
        Change::Delete { at, length } => {
            let at = at % size;
            characters.drain(at..(at + length).min(size));
            return characters.into_iter().collect();
        }
        Change::Insert { at, text } => {
            let at = at % size;
            characters.splice(at..at, text.chars());
            return characters.into_iter().collect();
        }
        Change::Rename { word, to } => {
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            let words: Vec<&str> = text
                .split(|c| !is_name(c))
                .filter(|w| !w.is_empty())
                .collect();
            let Some(from) = words.get(word % words.len().max(1)) else {
                return text.to_owned();
            };
            return text.replacen(from, to, 1 + word % 3);
        }
        Change::DropLine { line } => drop(lines.remove(line % height)),
        Change::SwapLines { a, b } => lines.swap(a % height, b % height),
        Change::Indent { line, by } => lines[line % height].insert_str(0, &" ".repeat(*by)),
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_changed_chart_loads_or_is_refused(changes in prop::collection::vec(change(), 1..6)) {
        let text = changes.iter().fold(ORDER.to_owned(), |text, change| apply(&text, change));
        load(&text);
    }

    #[test]
    fn a_changed_chart_that_loads_can_be_run(changes in prop::collection::vec(change(), 1..4)) {
        let text = changes.iter().fold(ORDER.to_owned(), |text, change| apply(&text, change));
        if let Ok(loaded) = Machine::load("x.yaml", &text) {
            run(&loaded.machine);
        }
    }

    #[test]
    fn any_text_is_refused_or_loads(text in any::<String>()) {
        load(&text);
    }

    #[test]
    fn any_punctuation_is_read_or_refused(text in "([-?:,\\[\\]{}#&*!|>'\"%@` \n\t]|a|é|b: |\\\\x|---\n|\\.\\.\\.\n){0,60}") {
        for name in ["x.yaml", "x.json"] {
            let parsed = parse_partial(name, &text);
            prop_assert!(parsed.root.is_some() || !parsed.diagnostics.is_empty());
            check_places(&text, &parsed.diagnostics);
        }
    }

    #[test]
    fn json_is_read_alike_from_yaml_and_json(text in r#"(\{"a": )?\[(1|-2|"x"|true|null|0\.5|\[\]|\{"b": "c d"\})(, (1|"y"|\{\}|false))*\]"#) {
        let yaml = parse_partial("x.yaml", &text);
        let json = parse_partial("x.json", &text);
        if let (Some(yaml), Some(json)) = (yaml.root, json.root) {
            prop_assert_eq!(yaml.to_json(), json.to_json());
        }
    }
}

#[test]
fn aliases_count_as_what_they_stand_for() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let alias = format!("*a{}", level - 1);
        text.push_str(&format!(
            "a{level}: &a{level} [{}]\n",
            [alias.as_str(); 9].join(", ")
        ));
    }
    assert_refused(&text, "more than 100000 values");
    let long = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(100_000),
        "*a, ".repeat(60)
    );
    assert_refused(&long, "bytes of text once aliases are expanded");
}

#[test]
fn depth_is_bounded_in_yaml_and_json() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    for name in ["x.yaml", "x.json"] {
        assert!(parse_partial(name, &deep(64)).root.is_some());
        let refused = parse_partial(name, &deep(65));
        assert!(
            refused.diagnostics[0].message.contains("64 levels"),
            "{name}"
        );
    }
    let behind_alias = format!("a: &a {}\nb: [[*a]]\n", deep(62));
    assert!(
        parse_partial("x.yaml", &behind_alias.replace("[[*a]]", "[*a]"))
            .root
            .is_some()
    );
    assert_refused(&behind_alias, "64 levels");
}

#[test]
fn size_is_bounded() {
    let fits = format!("a: {}", "x".repeat(1024 * 1024 - 3));
    assert!(parse_partial("x.yaml", &fits).root.is_some());
    assert_refused(&format!("{fits}x"), "more than 1048576");
    let many = format!("[{}]", "1,".repeat(100_001));
    assert_refused(&many, "more than 100000 values");
    let many = format!("[{}1]", "1,".repeat(100_001));
    assert!(parse_partial("x.json", &many).root.is_none());
}

fn assert_refused(text: &str, words: &str) {
    let parsed = parse_partial("x.yaml", text);
    let messages: Vec<&str> = parsed
        .diagnostics
        .iter()
        .map(|d| d.message.as_str())
        .collect();
    assert!(
        messages.iter().any(|message| message.contains(words)),
        "{messages:?}"
    );
    assert!(parsed.root.is_none());
}

#[test]
fn a_chart_of_mistakes_is_judged_in_bounded_words() {
    let states: String = (0..3_000)
        .map(|n| format!("  s{n}: {{ on: {{ x{n}: nowhere{n} }} }}\n"))
        .collect();
    let text = format!("statehold: 1\nmachine: m\nversion: 1\ninitial: s0\nstates:\n{states}");
    let error = Machine::load("x.yaml", &text).unwrap_err();
    assert!(error.diagnostics.len() <= 201);
    assert!(
        error
            .diagnostics
            .iter()
            .any(|d| d.message.contains("at most 1000 states"))
    );
    assert!(
        error
            .diagnostics
            .iter()
            .any(|d| d.message.contains("more problems are not shown"))
    );
}

#[test]
fn declarations_timers_and_transitions_are_bounded() {
    let head = "statehold: 1\nmachine: m\nversion: 1\ninitial: a\n";
    let fields: String = (0..1_001).map(|n| format!("f{n}: string, ")).collect();
    let timers = "{ delay: 1h }, ".repeat(2_000);
    let list = "{}, ".repeat(10_001);
    let guards: String = (0..80)
        .map(|n| {
            format!(
                "      e{n}: {{ guard: \"{}ctx.n > {n}\" }}\n",
                "ctx.n > 0 || ".repeat(270)
            )
        })
        .collect();
    for (text, words) in [
        (
            format!("{head}context: {{ n: integer }}\nstates:\n  a:\n    on:\n{guards}"),
            "at most 262144 bytes together",
        ),
        (
            format!("{head}context: {{ {fields} }}\nstates: {{ a: {{}} }}\n"),
            "more than 1000",
        ),
        (
            format!("{head}states: {{ a: {{ after: [ {timers} ] }} }}\n"),
            "at most 100 timers",
        ),
        (
            format!("{head}states: {{ a: {{ on: {{ x: [ {list} ] }} }} }}\n"),
            "at most 10000 transitions",
        ),
    ] {
        let error = Machine::load("x.yaml", &text).unwrap_err();
        assert!(
            error.diagnostics.iter().any(|d| d.message.contains(words)),
            "{words}: {error}"
        );
    }
}
