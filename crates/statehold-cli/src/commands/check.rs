//! `check`: every problem of every file, with its place. Pure reading; no store, no network.

use serde_json::Value;
use statehold_core::diagnostic::Diagnostic;
use statehold_core::source::Source;
use statehold_core::{Loaded, Machine};
use statehold_mock::MockSpec;
use statehold_testkit::ScenarioFile;

use crate::cli::Check;
use crate::exit::{Exit, Failure};
use crate::files::{self, File, Kind};
use crate::input;
use crate::render::style::{BAD, DOUBTFUL, GOOD, paint};
use crate::render::{Screen, diagnostics};

/// A file and what is wrong with it.
struct Checked {
    kind: Kind,
    source: Source,
    diagnostics: Vec<Diagnostic>,
}

/// Checks files and folders. 1 if there is an error, or with `--strict` a warning.
pub(crate) fn run(screen: &Screen, args: &Check) -> Result<Exit, Failure> {
    let files = files::expand(&args.paths, &[Kind::Chart, Kind::Mock, Kind::Scenarios])?;
    let checked = files.iter().map(check).collect::<Result<Vec<_>, _>>()?;
    let tally = Tally::of(&checked);
    if screen.json {
        let listed = checked
            .iter()
            .flat_map(|file| diagnostics::to_json(&file.source, &file.diagnostics));
        screen.json_document(&Value::Array(listed.collect()));
    } else {
        for file in checked.iter().filter(|file| !file.diagnostics.is_empty()) {
            screen.data(&diagnostics::draw(&file.source, &file.diagnostics));
            screen.data("");
        }
        screen.data(&tally.summary());
    }
    let bad = tally.errors > 0 || args.strict && tally.warnings > 0;
    Ok(if bad { Exit::NotSo } else { Exit::Done })
}

fn check(file: &File) -> Result<Checked, Failure> {
    let source = match input::text_file(&file.path) {
        Ok(source) => source,
        // Not being text is one more problem of a file, not the end of the check.
        Err(failure) => match failure.drawn {
            Some(drawn) => {
                return Ok(Checked {
                    kind: file.kind,
                    source: drawn.0,
                    diagnostics: drawn.1,
                });
            }
            None => return Err(failure),
        },
    };
    let diagnostics = match file.kind {
        Kind::Chart => match Machine::load(&source.name, &source.text) {
            Ok(Loaded { warnings, .. }) => warnings,
            Err(error) => error.diagnostics,
        },
        Kind::Mock => MockSpec::load(&source.name, &source.text)
            .err()
            .unwrap_or_default(),
        Kind::Scenarios => ScenarioFile::load(&source.name, &source.text)
            .err()
            .unwrap_or_default(),
    };
    Ok(Checked {
        kind: file.kind,
        source,
        diagnostics,
    })
}

/// How much there is of what.
#[derive(Default)]
struct Tally {
    charts: usize,
    mocks: usize,
    scenarios: usize,
    errors: usize,
    warnings: usize,
    files_with_problems: usize,
}

impl Tally {
    fn of(checked: &[Checked]) -> Self {
        let mut tally = Self::default();
        for file in checked {
            match file.kind {
                Kind::Chart => tally.charts += 1,
                Kind::Mock => tally.mocks += 1,
                Kind::Scenarios => tally.scenarios += 1,
            }
            let errors = file.diagnostics.iter().filter(|d| d.is_error()).count();
            tally.errors += errors;
            tally.warnings += file.diagnostics.len() - errors;
            tally.files_with_problems += usize::from(!file.diagnostics.is_empty());
        }
        tally
    }

    /// `2 charts and 1 mock checked: 10 errors and 1 warning in 1 file`
    fn summary(&self) -> String {
        let files = [
            (self.charts, "chart"),
            (self.mocks, "mock"),
            (self.scenarios, "scenario file"),
        ];
        let checked = join(
            files
                .iter()
                .filter(|(n, _)| *n > 0)
                .map(|(n, what)| counted(*n, what)),
        );
        if self.files_with_problems == 0 {
            return format!("{checked} checked: {}", paint(GOOD, "no problems"));
        }
        let mut problems = Vec::new();
        if self.errors > 0 {
            problems.push(paint(BAD, counted(self.errors, "error")));
        }
        if self.warnings > 0 {
            problems.push(paint(DOUBTFUL, counted(self.warnings, "warning")));
        }
        let files = counted(self.files_with_problems, "file");
        format!("{checked} checked: {} in {files}", join(problems))
    }
}

fn counted(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn join(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_what_there_is() {
        let plain = |tally: Tally| anstream::adapter::strip_str(&tally.summary()).to_string();
        let fine = Tally {
            charts: 2,
            mocks: 1,
            ..Tally::default()
        };
        assert_eq!(plain(fine), "2 charts and 1 mock checked: no problems");
        let bad = Tally {
            charts: 1,
            errors: 10,
            warnings: 1,
            files_with_problems: 1,
            ..Tally::default()
        };
        assert_eq!(
            plain(bad),
            "1 chart checked: 10 errors and 1 warning in 1 file"
        );
    }
}
