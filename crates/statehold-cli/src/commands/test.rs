//! `test`: the scenarios of charts, played without a store. Reads files; sends nothing and waits for nothing.

mod junit;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use statehold_core::Machine;
use statehold_core::codes;
use statehold_core::diagnostic::Diagnostic;
use statehold_core::source::{Source, line_col};
use statehold_testkit::{
    Coverage, Kind as ItemKind, Scenario, ScenarioFile, Verdict, run_observed,
};

use crate::cli::Test;
use crate::exit::{Exit, Failure};
use crate::files::{self, Kind};
use crate::input;
use crate::render::style::{BAD, GOOD, STRONG, WEAK, clean, paint};
use crate::render::{Screen, diagnostics};

/// A scenario file with what became of its scenarios.
pub(super) struct Played {
    /// Name and text of the scenario file.
    pub(super) source: Source,
    /// The chart it is about.
    chart: PathBuf,
    /// What became of each scenario.
    pub(super) verdicts: Vec<Verdict>,
}

/// A chart with what all its scenarios came by.
struct Covered {
    source: Source,
    coverage: Coverage,
}

pub(crate) fn run(screen: &Screen, args: &Test) -> Result<Exit, Failure> {
    if args.crash {
        return Err(Failure::not_yet(
            "test --crash",
            "run the scenarios without it: they play on a pure model",
        ));
    }
    let files = files::expand(&args.paths, &[Kind::Scenarios])?;
    let mut charts: BTreeMap<PathBuf, Covered> = BTreeMap::new();
    let mut played = Vec::new();
    for file in &files {
        played.push(play(screen, &file.path, args, &mut charts)?);
        if !screen.json
            && let Some(last) = played.last()
        {
            screen.data(&draw(last));
        }
    }
    let total: usize = played.iter().map(|file| file.verdicts.len()).sum();
    if total == 0 {
        return Err(Failure::usage("no scenario has that in its name")
            .help("leave out --only to run all of them"));
    }
    if let Some(path) = &args.junit {
        std::fs::write(path, junit::document(&played))
            .map_err(|error| Failure::file(path, "cannot write", &error))?;
    }
    let failed = played
        .iter()
        .flat_map(|file| &file.verdicts)
        .filter(|verdict| !verdict.passed())
        .count();
    let is_short = |covered: &Covered| {
        args.fail_under
            .is_some_and(|least| covered.coverage.total().percent() < least)
    };
    let is_under = charts.values().any(is_short);
    report(screen, args, &played, &charts, (total, failed));
    Ok(if failed > 0 || is_under {
        Exit::NotSo
    } else {
        Exit::Done
    })
}

fn play(
    screen: &Screen,
    path: &Path,
    args: &Test,
    charts: &mut BTreeMap<PathBuf, Covered>,
) -> Result<Played, Failure> {
    let source = input::text_file(path)?;
    let file = ScenarioFile::load(&source.name, &source.text)
        .map_err(|problems| Failure::drawn(Exit::NotSo, source.clone(), problems))?;
    let chart = chart_of(path, &file)?;
    let machine: Machine = input::chart(screen, &chart)?;
    let is_meant = |scenario: &&Scenario| {
        args.only
            .as_ref()
            .is_none_or(|text| scenario.name.contains(text.as_str()))
    };
    let (verdicts, coverage) = run_observed(&machine, file.scenarios.iter().filter(is_meant));
    match charts.get_mut(&chart) {
        Some(covered) => covered.coverage.add(&coverage),
        None => {
            let source = input::text_file(&chart)?;
            charts.insert(chart.clone(), Covered { source, coverage });
        }
    }
    Ok(Played {
        source,
        chart,
        verdicts,
    })
}

/// The chart a scenario file is about: the one it names, or the one of the same name beside it.
fn chart_of(path: &Path, file: &ScenarioFile) -> Result<PathBuf, Failure> {
    let folder = path.parent().unwrap_or(Path::new(""));
    if let Some(chart) = &file.chart {
        return Ok(folder.join(chart));
    }
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let stem = name.split_once(".test.").map_or(name, |(stem, _)| stem);
    let candidates =
        ["yaml", "yml", "json"].map(|suffix| folder.join(format!("{stem}.chart.{suffix}")));
    candidates
        .into_iter()
        .find(|chart| chart.is_file())
        .ok_or_else(|| {
            Failure::usage(format!(
                "{}: there is no {stem}.chart.yaml beside it",
                path.display()
            ))
            .help("name the chart in the scenario file: `chart: FILE`")
        })
}

fn draw(file: &Played) -> String {
    let mut lines = vec![format!(
        "{} {}",
        paint(STRONG, clean(&file.source.name)),
        paint(WEAK, file.chart.display())
    )];
    for verdict in &file.verdicts {
        let mark = if verdict.passed() {
            paint(GOOD, "ok  ")
        } else {
            paint(BAD, "FAIL")
        };
        lines.push(format!("  {mark}  {}", clean(&verdict.name)));
        if !verdict.passed() {
            lines.push(String::new());
            lines.push(diagnostics::draw(&file.source, &problems(verdict)));
            lines.push(way(verdict));
        }
    }
    lines.join("\n")
}

/// The states the entity went through until it went wrong.
fn way(verdict: &Verdict) -> String {
    let steps = verdict.steps.iter().map(|step| {
        format!(
            "{}: {}",
            step.title,
            if step.to.is_empty() { "-" } else { &step.to }
        )
    });
    let steps: Vec<String> = steps.collect();
    paint(WEAK, format!("so far: {}\n", clean(&steps.join(" · "))))
}

fn problems(verdict: &Verdict) -> Vec<Diagnostic> {
    let problem = |failure: &statehold_testkit::Failure| {
        let mut problem = Diagnostic::error(
            codes::SCENARIO_FAILED,
            failure.span.clone(),
            failure.message.clone(),
        );
        if let (Some(expected), Some(found)) = (&failure.expected, &failure.found) {
            problem = problem.label(format!("expected {expected}, found {found}"));
        }
        match failure.notes.as_slice() {
            [] => problem,
            notes => problem.help(notes.join("\n")),
        }
    };
    verdict.failures.iter().map(problem).collect()
}

fn report(
    screen: &Screen,
    args: &Test,
    played: &[Played],
    charts: &BTreeMap<PathBuf, Covered>,
    (total, failed): (usize, usize),
) {
    let is_covered = args.coverage || args.fail_under.is_some();
    if screen.json {
        let mut document = json!({ "scenarios": total, "failed": failed, "files": played.iter().map(file_document).collect::<Vec<_>>() });
        if is_covered {
            document["coverage"] = charts.values().map(coverage_document).collect();
        }
        screen.json_document(&document);
        return;
    }
    screen.data("");
    if is_covered {
        for covered in charts.values() {
            screen.data(&draw_coverage(covered, args.fail_under));
            screen.data("");
        }
    }
    let scenarios = if total == 1 {
        "1 scenario".to_owned()
    } else {
        format!("{total} scenarios")
    };
    screen.data(&match failed {
        0 => format!("{scenarios}: {}", paint(GOOD, "all passed")),
        failed => format!("{scenarios}: {}", paint(BAD, format!("{failed} failed"))),
    });
}

fn file_document(file: &Played) -> Value {
    let verdict = |verdict: &Verdict| {
        json!({
            "name": verdict.name,
            "line": line_col(&file.source.text, verdict.span.start).0,
            "passed": verdict.passed(),
            "problems": diagnostics::to_json(&file.source, &problems(verdict)),
            "steps": verdict.steps.iter().map(|step| json!({ "step": step.title, "from": step.from, "to": step.to })).collect::<Vec<_>>(),
        })
    };
    json!({
        "file": file.source.name,
        "chart": file.chart,
        "scenarios": file.verdicts.iter().map(verdict).collect::<Vec<_>>(),
    })
}

fn coverage_document(covered: &Covered) -> Value {
    let missing = covered.coverage.missing().into_iter().map(|item| {
        json!({ "kind": item.kind, "name": item.name, "line": line_col(&covered.source.text, item.span.start).0 })
    });
    let kinds = ItemKind::ALL.iter().map(|kind| {
        (
            kind.plural().to_owned(),
            json!(covered.coverage.share(*kind)),
        )
    });
    json!({
        "chart": covered.source.name,
        "percent": covered.coverage.total().percent(),
        "total": covered.coverage.total(),
        "kinds": kinds.collect::<serde_json::Map<_, _>>(),
        "missing": missing.collect::<Vec<_>>(),
    })
}

fn draw_coverage(covered: &Covered, least: Option<f64>) -> String {
    let total = covered.coverage.total();
    let percent = total.percent();
    let style = if least.unwrap_or(100.0) <= percent {
        GOOD
    } else {
        BAD
    };
    let share = paint(style, format!("{percent:.1} %"));
    let mut lines = vec![format!(
        "{} {share} ({} of {})",
        paint(
            STRONG,
            format!("coverage of {}:", clean(&covered.source.name))
        ),
        total.seen,
        total.of
    )];
    for kind in ItemKind::ALL {
        let share = covered.coverage.share(kind);
        if share.of > 0 {
            lines.push(format!(
                "  {:<12} {:>4} of {}",
                kind.plural(),
                share.seen,
                share.of
            ));
        }
    }
    let missing = covered.coverage.missing();
    if !missing.is_empty() {
        lines.push(paint(STRONG, "missing"));
    }
    for item in missing {
        let place = match item.span.start {
            0 => String::new(),
            start => {
                let (line, column) = line_col(&covered.source.text, start);
                paint(
                    WEAK,
                    format!("  {}:{line}:{column}", clean(&covered.source.name)),
                )
            }
        };
        lines.push(format!(
            "  {:<11} {}{place}",
            format!("{:?}", item.kind).to_lowercase(),
            clean(&item.name)
        ));
    }
    if let Some(least) = least.filter(|least| percent < *least) {
        lines.push(paint(BAD, format!("less than {least} %")));
    }
    lines.join("\n")
}
