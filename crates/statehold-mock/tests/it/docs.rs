//! What docs/mocks.md says is true: its files load, its commands work in the order in which they stand.

use reqwest::Method;
use serde_json::Value;
use statehold_mock::MockSpec;

use crate::support::{Running, answer, spec, start_spec};

const PAGE: &str = include_str!("../../../../docs/mocks.md");

/// The contents of all fenced blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fences = PAGE.split("\n```").skip(1).step_by(2);
    fences
        .filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'))
        .collect()
}

#[test]
fn every_file_of_the_page_loads() {
    let files: Vec<&str> = blocks("yaml");
    assert!(files.len() >= 3, "the page has examples");
    for text in files {
        let whole = if text.starts_with("mock:") {
            text.to_owned()
        } else {
            format!("mock: page\nroutes:\n{text}")
        };
        if let Err(problems) = MockSpec::load("page", &whole) {
            panic!("{text}\n{problems:#?}");
        }
    }
}

#[tokio::test]
async fn the_commands_of_the_page_answer_what_it_says() {
    let mock = start_spec(spec(blocks("yaml")[0])).await;
    let mut ran = 0;
    for block in blocks("sh") {
        for text in block.split("curl ").skip(1) {
            let (command, expected) = text
                .split_once("\n# ")
                .expect("each command is followed by what it answers");
            let expected = expected.lines().next().unwrap_or_default();
            assert_eq!(run(&mock, command).await, expected, "{command}");
            ran += 1;
        }
    }
    assert!(ran >= 5, "the page has commands");
}

/// Runs the few options of curl that the page uses.
async fn run(mock: &Running, command: &str) -> String {
    let mut method = None;
    let mut path = String::new();
    let mut headers = Vec::new();
    let mut body = None;
    let mut words = words(&command.replace("\\\n", " ")).into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-s" => {}
            "-X" => method = words.next(),
            "-H" => headers.extend(words.next()),
            "-d" => body = words.next(),
            address => {
                let rest = address.strip_prefix("http://127.0.0.1:7801");
                path = rest.expect("the page's address").to_owned();
            }
        }
    }
    let usual = if body.is_some() { "POST" } else { "GET" };
    let method: Method = method
        .as_deref()
        .unwrap_or(usual)
        .parse()
        .expect("a method");
    let mut request = mock.request(method, &path);
    for header in &headers {
        let (name, value) = header.split_once(": ").expect("a header");
        request = request.header(name, value);
    }
    let (status, answer) = answer(request.body(body.unwrap_or_default())).await;
    let shown = match &answer {
        Value::Object(entries) if entries.contains_key("routes") => "...".to_owned(),
        Value::Array(calls) => format!("{} calls", calls.len()),
        other => other.to_string(),
    };
    format!("{status} {shown}")
}

/// Splits a command line at spaces outside single quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in command.trim().split('\'').enumerate() {
        match at % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}
