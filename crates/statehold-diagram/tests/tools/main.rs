//! What is written for other tools, read by those tools: every export of many charts passes through Graphviz, PlantUML
//! and Mermaid's own parser, and the graphs they find are compared with the picture's.
//!
//! It needs these programs, so it only runs when it is asked to: `cargo xtask nightly` gives `--run FOLDER`, where the
//! folder holds the npm packages `mermaid` and `jsdom`. Every problem is printed with the tool's own words.

#![allow(clippy::print_stdout)]

#[path = "../it/charts.rs"]
mod charts;
#[path = "../it/corpus.rs"]
mod corpus;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;
use statehold_core::Machine;
use statehold_diagram::picture::{NodeId, NodeKind, Picture};
use statehold_diagram::{dot, mermaid, picture, plantuml};

use charts::Shape;

/// Charts made by chance, beside those that are known.
const BY_CHANCE: u64 = 60;

/// Files given to one run of a tool: starting one takes longer than reading a file.
const BATCH: usize = 40;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    if args.iter().any(|arg| arg == "--list") {
        // Runners that list tests first are told of none.
        return ExitCode::SUCCESS;
    }
    let Some(at) = args.iter().position(|arg| arg == "--run") else {
        println!("other tools are asked by `cargo xtask nightly`");
        return ExitCode::SUCCESS;
    };
    let Some(packages) = args.get(at + 1) else {
        println!("--run needs the folder of the npm packages");
        return ExitCode::FAILURE;
    };
    let work = std::env::temp_dir().join(format!("statehold-tools-{}", std::process::id()));
    std::fs::create_dir_all(&work).expect("a folder to write to");
    let cases = write_all(&work);
    let mut problems = ask_graphviz(&cases);
    problems.extend(ask_plantuml(&cases));
    problems.extend(ask_mermaid(&cases, Path::new(packages)));
    std::fs::remove_dir_all(&work).expect("removed");
    println!("{} charts, {} problems", cases.len(), problems.len());
    for problem in &problems {
        println!("{problem}");
    }
    ExitCode::from(u8::from(!problems.is_empty()))
}

/// A chart and where its texts are.
struct Case {
    name: String,
    picture: Picture,
    stem: PathBuf,
}

impl Case {
    fn file(&self, suffix: &str) -> PathBuf {
        self.stem.with_extension(suffix)
    }
}

fn write_all(work: &Path) -> Vec<Case> {
    let known = charts::all()
        .into_iter()
        .map(|(name, machine)| (name.to_owned(), machine));
    let corpus = corpus::charts()
        .into_iter()
        .map(|chart| (chart.file, chart.machine));
    let chance = (0..BY_CHANCE).map(|seed| {
        let shape = Shape {
            states: 3 + seed as usize % 26,
            transitions: 4 + seed as usize % 41,
            nesting: seed as usize % 5,
        };
        (format!("seed {seed}"), charts::by_chance(seed, shape))
    });
    let all = known.chain(corpus).chain(chance).chain(hostile());
    all.enumerate()
        .map(|(at, (name, machine))| {
            let case = Case {
                name,
                picture: picture(&machine),
                stem: work.join(format!("c{at}")),
            };
            for (suffix, exported) in [
                ("dot", dot(&machine)),
                ("puml", plantuml(&machine)),
                ("mmd", mermaid(&machine)),
            ] {
                std::fs::write(case.file(suffix), exported.text).expect("written");
            }
            case
        })
        .collect()
}

/// Names that are words of the tools, and labels of all that is no letter.
fn hostile() -> Vec<(String, Machine)> {
    const WORDS: [&str; 16] = [
        "end",
        "state",
        "note",
        "as",
        "class",
        "classDef",
        "direction",
        "graph",
        "digraph",
        "subgraph",
        "node",
        "edge",
        "strict",
        "style",
        "click",
        "default",
    ];
    let labels = [
        "a#quot;]-->EVIL[x]",
        "<script>alert(1)</script>",
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        "end note",
        "[*] --> x : y",
        "%%{init: {}}%%",
        "!include /etc/passwd",
        "--",
        "“curly” ‘quotes’ — …",
        "línea é 注文 😀",
    ];
    let chart = |label: &str| {
        let label = Value::String(label.to_owned());
        let states: Vec<String> = (WORDS.iter().zip(WORDS.iter().cycle().skip(1)))
            .map(|(word, next)| {
                format!("\"{word}\": {{ \"label\": {label}, \"tags\": [{label}], \"on\": {{ \"{next}\": \"{next}\" }} }}")
            })
            .collect();
        let text = format!(
            "{{\"statehold\": 1, \"machine\": \"hostile\", \"version\": 1, \"label\": {label}, \"initial\": \"end\", \"states\": {{ {} }} }}",
            states.join(", ")
        );
        match Machine::from_json(&text) {
            Ok(machine) => machine,
            Err(error) => panic!("{error}\n{text}"),
        }
    };
    (labels.iter())
        .map(|label| (format!("label {label:?}"), chart(label)))
        .collect()
}

/// Reads without laying out: what lines its layout draws is Graphviz's own affair.
fn ask_graphviz(cases: &[Case]) -> Vec<String> {
    const ARROWS: &str = "E { print(tail.name, \" \", head.name) }";
    let ask = |case: &Case| -> Result<(), String> {
        let output = run(Command::new("gvpr").arg(ARROWS).arg(case.file("dot")))?;
        let pairs = output.lines().filter_map(|line| line.split_once(' '));
        let found = pairs.map(|(from, to)| (from.to_owned(), to.to_owned()));
        let expected = case.picture.edges.iter();
        let expected = expected.map(|edge| (id(edge.from), id(edge.to)));
        compare(found.collect(), expected.collect())
    };
    complaints("graphviz", cases, ask)
}

fn ask_plantuml(cases: &[Case]) -> Vec<String> {
    let mut problems = Vec::new();
    for batch in cases.chunks(BATCH) {
        let mut all = Command::new("plantuml");
        all.arg("-checkonly")
            .args(batch.iter().map(|case| case.file("puml")));
        if run(&mut all).is_ok() {
            continue;
        }
        // Which one it was is found one by one.
        problems.extend(complaints("plantuml", batch, |case| {
            run(Command::new("plantuml")
                .arg("-checkonly")
                .arg(case.file("puml")))
            .map(|_| ())
        }));
    }
    problems
}

fn ask_mermaid(cases: &[Case], packages: &Path) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/mermaid.mjs");
    let mut problems = Vec::new();
    for batch in cases.chunks(BATCH) {
        let mut node = Command::new("node");
        node.arg(&script).arg(packages);
        let output = run(node.args(batch.iter().map(|case| case.file("mmd"))));
        let lines: Vec<Value> = match &output {
            Ok(output) => output
                .lines()
                .map(|line| serde_json::from_str(line).unwrap_or_default())
                .collect(),
            Err(problem) => {
                problems.push(format!("mermaid: {problem}"));
                continue;
            }
        };
        let mut lines = lines.iter();
        problems.extend(complaints("mermaid", batch, |case| {
            check_mermaid(case, lines.next().unwrap_or(&Value::Null))
        }));
    }
    problems
}

/// Starts and ends have names of Mermaid's own; a box has one arrow for all that lead from it to itself.
fn check_mermaid(case: &Case, read: &Value) -> Result<(), String> {
    if let Some(error) = read["error"].as_str() {
        return Err(error.to_owned());
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let start = |id: String| {
        if id.ends_with("_start") {
            "[*]".to_owned()
        } else {
            id
        }
    };
    let found = list(&read["relations"])
        .iter()
        .map(|pair| (start(text(&pair[0])), text(&pair[1])));
    // Mermaid ties notes to their boxes with arrows of its own.
    let is_own = |to: &str| to.ends_with("_end") || to.contains("----");
    let found: Vec<_> = found.filter(|(_, to)| !is_own(to)).collect();
    let mut loops = BTreeSet::new();
    let expected = case
        .picture
        .edges
        .iter()
        .filter(|edge| edge.from != edge.to || loops.insert(edge.from));
    let from = |at: NodeId| match case.picture.node(at).kind {
        NodeKind::Initial => "[*]".to_owned(),
        _ => id(at),
    };
    compare(
        found,
        expected
            .map(|edge| (from(edge.from), id(edge.to)))
            .collect(),
    )?;
    let is_ours = |id: &String| {
        id.strip_prefix('s')
            .is_some_and(|number| number.parse::<usize>().is_ok())
    };
    let states = list(&read["states"]).iter().map(text).filter(is_ours);
    let expected = (0..case.picture.nodes.len()).map(NodeId);
    let expected = expected
        .filter(|at| case.picture.node(*at).kind != NodeKind::Initial)
        .map(id);
    let (found, expected): (BTreeSet<_>, BTreeSet<_>) = (states.collect(), expected.collect());
    if found == expected {
        return Ok(());
    }
    Err(format!(
        "states {:?}",
        found.symmetric_difference(&expected).collect::<Vec<_>>()
    ))
}

fn complaints(
    tool: &str,
    cases: &[Case],
    mut ask: impl FnMut(&Case) -> Result<(), String>,
) -> Vec<String> {
    let complaint = |case: &Case| {
        ask(case)
            .err()
            .map(|problem| format!("{tool}, {}: {problem}", case.name))
    };
    cases.iter().filter_map(complaint).collect()
}

fn compare(
    mut found: Vec<(String, String)>,
    mut expected: Vec<(String, String)>,
) -> Result<(), String> {
    found.sort();
    expected.sort();
    if found == expected {
        return Ok(());
    }
    Err(format!(
        "arrows {found:?}, and the picture has {expected:?}"
    ))
}

fn run(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|error| format!("{program} does not start: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = [&output.stdout[..], &output.stderr[..]].concat();
    Err(format!(
        "{program} ends with {}: {}",
        output.status,
        String::from_utf8_lossy(&words).trim()
    ))
}

fn id(node: NodeId) -> String {
    format!("s{}", node.0)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
