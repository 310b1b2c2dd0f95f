//! Documents of others, as they were found: what becomes of each stands in a table of `docs/formats.md`.
//!
//! The documents are not part of this repository: they are looked for under `STATEHOLD_CORPUS`, by default beside the
//! workspace. Where they are absent nothing is tested, which is a failure only under `STATEHOLD_REQUIRE_SUITES=1`.
//! `UPDATE_EXPECTED=1` writes the table instead of comparing it.

#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};

use statehold_core::Machine;
use statehold_formats::{ImportFormat, ImportOptions, Imported, import};

use crate::round_trips::{BOTH, check};

/// Folders of the corpus with what stands in them.
const FOLDERS: [(&str, ImportFormat); 6] = [
    ("xstate-json", ImportFormat::XState),
    ("scxml", ImportFormat::Scxml),
    ("symfony-yaml", ImportFormat::Symfony),
    ("mermaid", ImportFormat::Mermaid),
    ("plantuml", ImportFormat::PlantUml),
    ("asl", ImportFormat::Asl),
];

const BEGIN: &str = "<!-- corpus: written by the tests -->\n";
const END: &str = "<!-- end of corpus -->\n";

struct Document {
    format: ImportFormat,
    name: String,
    text: String,
}

/// All documents in order; none if they are not there.
fn documents() -> Option<Vec<Document>> {
    let root = match std::env::var_os("STATEHOLD_CORPUS").filter(|root| !root.is_empty()) {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
    };
    if !root.is_dir() {
        let required = std::env::var("STATEHOLD_REQUIRE_SUITES").is_ok_and(|value| value == "1");
        assert!(!required, "documents not found at {}", root.display());
        println!("SKIPPED: corpus: it is not at {}", root.display());
        return None;
    }
    let mut all = Vec::new();
    for (folder, format) in FOLDERS {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder of documents");
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        for path in paths {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let text = std::fs::read_to_string(&path).expect("a readable document");
            all.push(Document { format, name, text });
        }
    }
    Some(all)
}

fn machine_of(imported: &Imported) -> Machine {
    match Machine::load("chart.yaml", &imported.chart) {
        Ok(loaded) => loaded.machine,
        Err(error) => panic!("{error}\n{}", imported.chart),
    }
}

fn row(document: &Document) -> String {
    let Document { format, name, text } = document;
    let (outcome, states, transitions) = match import(*format, text, &ImportOptions::default()) {
        Ok(all) => {
            let losses: usize = all.iter().map(|one| one.losses.len()).sum();
            let machines: Vec<Machine> = all.iter().map(machine_of).collect();
            let states: usize = machines
                .iter()
                .map(|machine| machine.states.len() - 1)
                .sum();
            let transitions: usize = (machines.iter().flat_map(|machine| &machine.states))
                .map(|state| state.transitions.len() + state.always.len())
                .sum();
            let losses = match losses {
                0 => "nothing lost".to_owned(),
                1 => "1 loss".to_owned(),
                losses => format!("{losses} losses"),
            };
            let outcome = match machines.len() {
                1 => losses,
                count => format!("{count} machines, {losses}"),
            };
            (outcome, states.to_string(), transitions.to_string())
        }
        Err(error) => {
            let first = &error.problems[0];
            let message = first.message.replace('|', "\\|");
            let outcome = format!("refused, line {}: {message}", first.line);
            (outcome, String::new(), String::new())
        }
    };
    format!("| {format} | {name} | {outcome} | {states} | {transitions} |\n")
}

#[test]
fn the_table_of_documents_says_what_becomes_of_each() {
    let Some(documents) = documents() else {
        return;
    };
    let mut table = String::from(
        "| Format | Document | Outcome | States | Transitions |\n|---|---|---|---:|---:|\n",
    );
    table.extend(documents.iter().map(row));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    let (head, rest) = page.split_once(BEGIN).expect("where the table begins");
    let (known, tail) = rest.split_once(END).expect("where the table ends");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, format!("{head}{BEGIN}{table}{END}{tail}"))
            .expect("the page is written");
        return;
    }
    assert!(
        known == table,
        "docs/formats.md differs (UPDATE_EXPECTED=1 accepts it):\n{table}"
    );
}

#[test]
fn a_document_is_recognised_by_its_name_and_content() {
    for document in documents().into_iter().flatten() {
        let found = ImportFormat::detect(&document.name, &document.text);
        assert_eq!(found, Some(document.format), "{}", document.name);
    }
}

#[test]
fn every_loss_has_a_place_inside_its_document() {
    for document in documents().into_iter().flatten() {
        let Ok(all) = import(document.format, &document.text, &ImportOptions::default()) else {
            continue;
        };
        let lines = document.text.lines().count();
        for loss in all.iter().flat_map(|one| &one.losses) {
            let is_inside = (1..=lines).contains(&loss.line) && loss.column >= 1;
            assert!(is_inside, "{}: {loss}", document.name);
            assert!(
                !loss.construct.is_empty() && !loss.message.ends_with('.'),
                "{loss}"
            );
        }
    }
}

#[test]
fn the_charts_of_documents_go_out_and_come_back() {
    for document in documents().into_iter().flatten() {
        let Ok(all) = import(document.format, &document.text, &ImportOptions::default()) else {
            continue;
        };
        for machine in all.iter().map(machine_of) {
            for (to, from) in BOTH {
                if let Err(problem) = check(&machine, to, from) {
                    panic!("{}: {problem}", document.name);
                }
            }
        }
    }
}
