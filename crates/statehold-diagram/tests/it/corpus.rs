//! Charts written by others, for layouts and exporters to prove themselves on.
//!
//! They are not part of this repository: they are looked for under `STATEHOLD_CORPUS`, by default beside the workspace.
//! Where they are absent a line says so, which is a failure only if `STATEHOLD_REQUIRE_SUITES=1` asks for it.

#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};

use statehold_core::Machine;
use statehold_formats::xstate::Stubs;
use statehold_formats::{ImportFormat, ImportOptions, import, scxml, xstate};

/// Folders of the corpus.
const FOLDERS: [&str; 6] = [
    "asl",
    "mermaid",
    "plantuml",
    "scxml",
    "symfony-yaml",
    "xstate-json",
];

/// A chart of the corpus.
pub(crate) struct Chart {
    /// Its file, beginning with the folder.
    pub(crate) file: String,
    pub(crate) machine: Machine,
}

/// All charts that can be read; none where the corpus is absent.
pub(crate) fn charts() -> Vec<Chart> {
    let Some(root) = root() else {
        return Vec::new();
    };
    let mut charts = Vec::new();
    for folder in FOLDERS {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder of the corpus");
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let name = file.file_name().unwrap().to_string_lossy();
            let file = format!("{folder}/{name}");
            charts.extend(read(&root, &file).into_iter().map(|machine| Chart {
                file: file.clone(),
                machine,
            }));
        }
    }
    assert!(charts.len() > 40, "only {} charts were read", charts.len());
    charts
}

/// Where the corpus is, if it is there.
pub(crate) fn root() -> Option<PathBuf> {
    let root = match std::env::var_os("STATEHOLD_CORPUS").filter(|root| !root.is_empty()) {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
    };
    if root.join("SOURCES.md").is_file() {
        return Some(root);
    }
    let required = std::env::var("STATEHOLD_REQUIRE_SUITES").is_ok_and(|value| value == "1");
    assert!(!required, "the corpus is not at {}", root.display());
    println!("SKIPPED: corpus: it is not at {}", root.display());
    None
}

/// The machines of a file: imported or, where the importer refuses a construct that a picture does not show, read as
/// they stand. None if neither is possible.
pub(crate) fn read(root: &Path, file: &str) -> Vec<Machine> {
    let text = std::fs::read_to_string(root.join(file)).expect("a file of the corpus");
    let Some(format) = ImportFormat::detect(file, &text) else {
        return Vec::new();
    };
    match import(format, &text, &ImportOptions::default()) {
        Ok(imported) => (imported.iter())
            .map(|one| Machine::from_yaml(&one.chart).expect("an imported chart loads"))
            .collect(),
        Err(_) if format == ImportFormat::Scxml => scxml::load(&without_scripts(&text))
            .map(|loaded| loaded.machine)
            .into_iter()
            .collect(),
        Err(_) if format == ImportFormat::XState => {
            xstate::load(&text, &stubs(&text)).into_iter().collect()
        }
        Err(_) => Vec::new(),
    }
}

/// A picture shows no scripts, so what needs a script engine to run can be drawn without.
fn without_scripts(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, script)) = rest.split_once("<script") {
        kept.push_str(before);
        rest = script.split_once("</script>").map_or("", |(_, rest)| rest);
    }
    kept + rest
}

/// Every named guard is true and every named delay a second.
fn stubs(text: &str) -> Stubs {
    let mut stubs = Stubs::default();
    let document = serde_json::from_str(text).expect("JSON");
    collect(&document, &mut stubs);
    stubs
}

fn collect(value: &serde_json::Value, stubs: &mut Stubs) {
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                let name = value.as_str().or_else(|| value["type"].as_str());
                if let ("guard" | "cond", Some(name)) = (key.as_str(), name) {
                    stubs.guards.insert(name.to_owned(), true);
                }
                if let ("after", Some(delays)) = (key.as_str(), value.as_object()) {
                    let named = delays.keys().filter(|delay| delay.parse::<u64>().is_err());
                    stubs
                        .delays
                        .extend(named.map(|delay| (delay.clone(), 1_000)));
                }
                collect(value, stubs);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, stubs)),
        _ => {}
    }
}
