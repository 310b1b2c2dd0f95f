//! Whatever text an importer of diagrams, workflows or state languages is given, it answers with a chart that loads or
//! with problems; it never panics, and it never takes long.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use statehold_core::Machine;
use statehold_formats::{ImportFormat, ImportOptions, import};

const MERMAID: &str = "---\ntitle: \"x\"\n---\nstateDiagram-v2\n%% c\nstate \"any state\" as s9\nstate f <<fork>>\nstate j <<join>>\nstate c <<choice>>\n\
    [*] --> s1 : / go\nstate \"p\" as s1 {\nstate \"a\" as s2 {\n[*] --> s3\ns3 --> s3 : x [y] / z<br/>after 5m\nstate \"H*\" as s4\n}\n--\nstate b\nb --> [*]\n}\n\
    s9 --> s1 : * (re#45;enters)\ns1 --> f : done\nf --> k\nf --> l\nk --> j\nl --> j\nj --> c\nc --> m : if q\nc --> [*] : else\nnote right of m : do / w, raise v\nm --> s1[H] : done#58; w\n";

const PLANTUML: &str = "@startuml\n!include x\nskinparam state {\n a b\n}\ntitle T\nstate \"Long\" as a #red : words\nstate p {\n[*] -> x\nx -left[#red]-> y : e [g] / f\n--\nstate z <<end>>\n}\n\
    [*] --> a\na --> p : at now + days(2)\np --> q\nq <-- p : raise x\nnote left of a\n n\nend note\nq -[hidden]-> a\nq --> p[H*] : back\n' c\n/' d '/\n@enduml\n";

const SYMFONY: &str = "framework:\n  workflows:\n    !php/const A\\BTransitions::GRAPH:\n      type: workflow\n      places: [a, { name: b, metadata: { title: x } }, c, d, e]\n      initial_marking: a\n      transitions:\n        f: { from: a, to: [b, c], guard: \"is_granted('R') and subject.x > 1\" }\n        - \n        j: { from: [b, c], to: d, metadata: { y: 1 } }\n        g: { from: d, to: !php/const X::E }\n";

const ASL: &str = r#"{"StartAt":"A","TimeoutSeconds":9,"States":{"A":{"Type":"Task","Resource":"arn:aws:states:::sqs:send.waitForTaskToken","Parameters":{"a.$":"$.b[0]['c']","t.$":"$$.Task.Token"},"ResultPath":"$.r","Retry":[{"ErrorEquals":["States.ALL"],"BackoffRate":2.5}],"Catch":[{"ErrorEquals":["X"],"ResultPath":"$.e","Next":"C"}],"TimeoutSeconds":900,"Next":"P"},
"P":{"Type":"Parallel","Branches":[{"StartAt":"X","States":{"X":{"Type":"Wait","SecondsPath":"$.s","End":true}}},{"StartAt":"Y","States":{"Y":{"Type":"Fail","Error":"X"}}}],"Next":"C"},
"C":{"Type":"Choice","Choices":[{"And":[{"Variable":"$.a","StringMatches":"a*"},{"Not":{"Variable":"$.b","IsPresent":true}}],"Next":"D"}],"Default":"A"},"D":{"Type":"Pass","Result":{"q":[1,"x"]},"Next":"E"},"E":{"Type":"Succeed"}}}"#;

const ALL: [(ImportFormat, &str); 4] = [
    (ImportFormat::Mermaid, MERMAID),
    (ImportFormat::PlantUml, PLANTUML),
    (ImportFormat::Symfony, SYMFONY),
    (ImportFormat::Asl, ASL),
];

/// What every answer must be.
fn check(format: ImportFormat, text: &str) -> Result<(), String> {
    match import(format, text, &ImportOptions::default()) {
        Ok(all) => {
            for one in &all {
                Machine::load("chart.yaml", &one.chart)
                    .map_err(|error| format!("{error}\n{}", one.chart))?;
                if one
                    .losses
                    .windows(2)
                    .any(|two| (two[0].line, two[0].column) > (two[1].line, two[1].column))
                {
                    return Err(format!("losses out of order: {:?}", one.losses));
                }
            }
            if all.is_empty() {
                Err("no chart and no problem".to_owned())
            } else {
                Ok(())
            }
        }
        Err(error) if error.problems.is_empty() => Err("refused without a word".to_owned()),
        Err(_) => Ok(()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_documents_do_no_harm(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0..25_usize, "[ -~\n\u{e9}\u{1f600}]{0,8}"), 1..5),
    ) {
        for (format, original) in ALL {
            let mut text = original.to_owned();
            for (at, length, insert) in &cuts {
                let mut start = at.index(text.len() + 1);
                while !text.is_char_boundary(start) {
                    start -= 1;
                }
                let mut end = (start + length).min(text.len());
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                text.replace_range(start..end, insert);
            }
            if let Err(problem) = check(format, &text) {
                prop_assert!(false, "{format}: {problem}\n{text}");
            }
        }
    }

    #[test]
    fn shuffled_lines_do_no_harm(order in proptest::collection::vec(any::<prop::sample::Index>(), 1..40)) {
        for (format, original) in ALL {
            let lines: Vec<&str> = original.lines().collect();
            let (head, tail) = match format {
                ImportFormat::Mermaid => ("stateDiagram\n", ""),
                ImportFormat::PlantUml => ("@startuml\n", "\n@enduml"),
                _ => ("", ""),
            };
            let shuffled: Vec<&str> = order.iter().map(|at| lines[at.index(lines.len())]).collect();
            let text = format!("{head}{}{tail}", shuffled.join("\n"));
            if let Err(problem) = check(format, &text) {
                prop_assert!(false, "{format}: {problem}\n{text}");
            }
        }
    }
}

#[test]
fn nesting_is_bounded() {
    for depth in [10, 70, 3_000, 60_000] {
        let states: String = (0..depth).map(|at| format!("state a{at} {{\n")).collect();
        let closes = "}\n".repeat(depth);
        for (format, text) in [
            (
                ImportFormat::Mermaid,
                format!("stateDiagram-v2\n[*] --> a0\n{states}x --> y : go\n{closes}"),
            ),
            (
                ImportFormat::PlantUml,
                format!("@startuml\n[*] --> a0\n{states}x --> y : go\n{closes}@enduml"),
            ),
        ] {
            let answer = import(format, &text, &ImportOptions::default());
            assert_eq!(answer.is_ok(), depth == 10, "{format} {depth}");
        }
        let branch = "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Parallel\",\"End\":true,\"Branches\":[".repeat(depth);
        check(
            ImportFormat::Asl,
            &format!("{branch}{}", "]}}}".repeat(depth)),
        )
        .unwrap();
        let not = "{\"Not\":".repeat(depth);
        let rule = format!(
            "{{\"StartAt\":\"A\",\"States\":{{\"A\":{{\"Type\":\"Choice\",\"Choices\":[{not}1{}]}}}}}}",
            "}".repeat(depth)
        );
        check(ImportFormat::Asl, &rule).unwrap();
    }
}

#[test]
fn large_documents_are_bounded_in_time() {
    let begun = Instant::now();
    let arrows = |n: usize, to: usize| -> String {
        (0..n)
            .map(|at| format!("a{} --> a{} : e{at}\n", at % to, at * 7 % to))
            .collect()
    };
    let same: String = (0..3_000)
        .map(|at| format!("state \"same name\" as s{at}\n"))
        .collect();
    let forks: String = (0..70)
        .map(|at| format!("state f{at} <<fork>>\nf{at} --> x{at}\nf{at} --> y{at}\n"))
        .collect();
    let places: Vec<String> = (0..1_000).map(|at| format!("p{at}")).collect();
    let transitions: String = (0..4_000)
        .map(|at| {
            format!(
                "        t{at}: {{ from: p{}, to: [p{}, p{}] }}\n",
                at % 1_000,
                at * 3 % 1_000,
                at * 7 % 1_000
            )
        })
        .collect();
    let net = format!(
        "framework:\n  workflows:\n    w:\n      type: workflow\n      places: [{}]\n      transitions:\n{transitions}",
        places.join(", ")
    );
    for (format, text) in [
        (
            ImportFormat::Mermaid,
            format!("stateDiagram-v2\n[*] --> a0\n{}", arrows(9_000, 900)),
        ),
        (
            ImportFormat::Mermaid,
            format!("stateDiagram-v2\n[*] --> a0\n{}", arrows(20_000, 5_000)),
        ),
        (ImportFormat::Mermaid, format!("stateDiagram-v2\n{same}")),
        (
            ImportFormat::Mermaid,
            format!("stateDiagram-v2\n[*] --> f0\n{forks}"),
        ),
        (
            ImportFormat::Mermaid,
            format!("stateDiagram-v2\n[*] --> a : {}", "[".repeat(500_000)),
        ),
        (
            ImportFormat::Mermaid,
            format!("stateDiagram-v2\na : {}", "#".repeat(500_000)),
        ),
        (ImportFormat::Mermaid, "x".repeat(2_000_000)),
        (
            ImportFormat::PlantUml,
            format!("@startuml\na : {}\n@enduml", "<".repeat(500_000)),
        ),
        (
            ImportFormat::PlantUml,
            format!("@startuml\n[*] --> a0\n{}@enduml", arrows(9_000, 900)),
        ),
        (ImportFormat::Symfony, net),
    ] {
        check(format, &text).unwrap();
    }
    assert!(
        begun.elapsed() < Duration::from_secs(60),
        "{:?}",
        begun.elapsed()
    );
}
