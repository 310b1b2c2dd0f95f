//! Scenario files that cannot be used say what is wrong with them, and where.

use statehold_testkit::ScenarioFile;

/// Code and the text at the place of each problem.
fn problems(text: &str) -> Vec<(String, String, String)> {
    let problems = ScenarioFile::load("x.test.yaml", text).expect_err("not usable");
    let one = |problem: &statehold_core::diagnostic::Diagnostic| {
        let place = text[problem.span.clone()]
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        (problem.code.id().to_owned(), place, problem.message.clone())
    };
    problems.iter().map(one).collect()
}

#[test]
fn a_key_that_is_not_known_is_an_error_with_a_suggestion() {
    let text =
        "test: 1\nscenarios:\n  - name: a\n    steps:\n      - fier: go\n        expect: b\n";
    let found = ScenarioFile::load("x.test.yaml", text).expect_err("not usable");
    assert_eq!(found[0].code.id(), "SH0103");
    assert!(
        found[0]
            .help
            .as_deref()
            .is_some_and(|help| help.contains("fire")),
        "{found:?}"
    );
}

#[test]
fn a_step_does_one_thing() {
    let text = "test: 1\nscenarios:\n  - name: a\n    steps:\n      - { fire: go, advance: 1h }\n      - {}\n";
    let found = problems(text);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|(code, ..)| code == "SH0801"), "{found:?}");
}

#[test]
fn every_problem_is_reported_at_its_place() {
    let text = "test: 2\nscenarios:\n  - name: a\n    as: kim\n    steps:\n      - advance: soon\n      - { effect: pay, reply: maybe }\n      - { fire: go, expect: { outcome: fine } }\n";
    let places: Vec<String> = problems(text)
        .into_iter()
        .map(|(_, place, _)| place)
        .collect();
    assert_eq!(places, ["2", "kim", "soon", "maybe", "fine"]);
}

#[test]
fn a_case_without_the_value_asked_for_is_an_error() {
    let text = "test: 1\nscenarios:\n  - name: a\n    cases: [ { event: go } ]\n    steps: [ { fire: \"${case.evnt}\" }, { fire: \"x-${case.no}\" } ]\n";
    let found = problems(text);
    assert!(
        found
            .iter()
            .any(|(code, place, _)| code == "SH0801" && place.contains("evnt")),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|(code, place, _)| code == "SH0801" && place.contains("x-")),
        "{found:?}"
    );
}

#[test]
fn values_of_a_case_keep_their_type_where_they_stand_alone() {
    let text = "test: 1\nscenarios:\n  - name: a\n    cases: [ { n: 5, word: x } ]\n    steps: [ { fire: \"${case.word}${case.n}\", input: { n: \"${case.n}\" } } ]\n";
    let file = ScenarioFile::load("x.test.yaml", text).expect("usable");
    let statehold_testkit::Happens::Fire { event, input, .. } = &file.scenarios[0].steps[0].happens
    else {
        panic!("a fire");
    };
    assert_eq!((event.as_str(), input["n"].as_i64()), ("x5", Some(5)));
}

#[test]
fn hostile_text_is_refused_and_not_run() {
    for text in [
        "",
        "[",
        "test: 1",
        "test: 1\nscenarios: 3",
        "test: 1\nscenarios: [ 3, { name: a } ]",
        "{ a: &x [*x] }",
    ] {
        assert!(ScenarioFile::load("x.test.yaml", text).is_err(), "{text}");
    }
}
