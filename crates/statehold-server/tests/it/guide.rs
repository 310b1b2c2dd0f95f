//! docs/http.md is true: its examples work in the order in which they stand, and its table is the server's.

use axum::http::Method;
use serde_json::Value;
use statehold_server::{AppConfig, document, of_outcome};

use crate::support::{Api, Reply};

const GUIDE: &str = include_str!("../../../../docs/http.md");

#[tokio::test]
async fn the_guides_examples_work_in_order() {
    let blocks = blocks();
    let chart = blocks
        .iter()
        .find(|(language, _)| *language == "yaml")
        .unwrap()
        .1
        .clone();
    let api = Api::empty(AppConfig::default()).await;
    let mut ran = 0;
    for (at, (_, script)) in blocks
        .iter()
        .enumerate()
        .filter(|(_, (language, _))| *language == "sh")
    {
        let script = script.replace("\\\n", " ");
        for command in script.lines().filter(|line| !line.contains("/ID/")) {
            let reply = run(&api, command, &chart).await;
            match blocks.get(at + 1) {
                Some((language, expected)) if *language == "json" => same(&reply, expected),
                _ => assert!(reply.status.is_success(), "{command}: {}", reply.text),
            }
            ran += 1;
        }
    }
    assert!(ran >= 5, "{ran} examples");
}

/// What the guide says, the request's id aside.
#[track_caller]
fn same(reply: &Reply, expected: &str) {
    let without_id = |mut value: Value| {
        value.as_object_mut().unwrap().remove("request_id");
        value
    };
    let expected: Value = serde_json::from_str(expected).unwrap();
    assert_eq!(without_id(reply.body.clone()), without_id(expected));
}

/// Fenced blocks by language, with their text.
fn blocks() -> Vec<(&'static str, String)> {
    let mut blocks = Vec::new();
    let mut lines = GUIDE.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((language, text.join("\n")));
        }
    }
    blocks
}

/// Does what the command would do, for the options of curl that the guide uses.
async fn run(api: &Api, command: &str, chart: &str) -> Reply {
    let words = words(command);
    assert_eq!(words[0], "curl", "{command}");
    let (mut address, mut headers, mut body) = (None, Vec::new(), None);
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--json" => {
                headers.push(("content-type".to_owned(), "application/json".to_owned()));
                body = rest.next().cloned();
            }
            "--data-binary" => {
                assert_eq!(rest.next().unwrap(), "@parcel.chart.yaml");
                body = Some(chart.to_owned());
            }
            "-H" => {
                let (name, value) = rest.next().unwrap().split_once(": ").unwrap();
                headers.push((name.to_owned(), value.to_owned()));
            }
            other => address = Some(other.strip_prefix("localhost:7700").unwrap().to_owned()),
        }
    }
    let method = if body.is_some() {
        Method::POST
    } else {
        Method::GET
    };
    let mut call = api
        .call(method, &address.unwrap())
        .raw(body.unwrap_or_default());
    for (name, value) in &headers {
        call = call.header(name, value);
    }
    call.send().await
}

/// Words of a command line; single quotes keep what they hold together.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in command.split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn the_guide_has_the_same_table_of_outcomes() {
    for outcome in document()["components"]["schemas"]["Outcome"]["enum"]
        .as_array()
        .unwrap()
    {
        let name = outcome.as_str().unwrap();
        let row = GUIDE
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("no row for `{name}`"));
        let status = of_outcome(OUTCOMES.iter().find(|o| o.name() == name).copied().unwrap());
        assert!(row.contains(&format!("| {} |", status.as_u16())), "{row}");
    }
}

const OUTCOMES: [statehold_core::Outcome; 18] = {
    use statehold_core::Outcome::*;
    [
        Applied,
        Accepted,
        Duplicate,
        Ignored,
        NoTransition,
        GuardFailed,
        CheckFailed,
        Forbidden,
        Conflict,
        StaleRevision,
        UnknownEvent,
        UnknownEntity,
        InvalidInput,
        GuardError,
        StepError,
        Halted,
        Unknown,
        Unavailable,
    ]
};
