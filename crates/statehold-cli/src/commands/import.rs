//! `import`: a chart of what another tool wrote, and everything that did not survive with its place.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use statehold_core::Machine;
use statehold_core::codes;
use statehold_core::diagnostic::Diagnostic;
use statehold_core::source::Source;
use statehold_formats::{FormatError, ImportFormat, ImportOptions, Imported, import};

use crate::cli::Import;
use crate::exit::{Exit, Failure};
use crate::input;
use crate::render::style::{DOUBTFUL, GOOD, STRONG, paint};
use crate::render::{Screen, diagnostics};

pub(crate) fn run(screen: &Screen, args: &Import) -> Result<Exit, Failure> {
    let source = input::text_file(&args.file)?;
    let format = format(args, &source)?;
    let options = ImportOptions {
        name: args.name.clone(),
    };
    let imported = import(format, &source.text, &options)
        .map_err(|error| not_importable(source.clone(), &error))?;
    let losses: Vec<Diagnostic> = (imported.iter())
        .flat_map(|one| &one.losses)
        .map(|loss| {
            let message = format!("{}: {}", loss.construct, loss.message);
            let at = offset(&source.text, loss.line, loss.column);
            Diagnostic::warning(codes::IMPORT_LOSS, at..at, message)
        })
        .collect();
    let is_refused = args.strict && !losses.is_empty();
    let places = if is_refused {
        Vec::new()
    } else {
        write(args, &imported, screen.json)?
    };
    if !screen.json && !losses.is_empty() {
        screen.talk(&diagnostics::draw(&source, &losses));
        screen.talk("");
    }
    for one in &imported {
        screen.talk(&summary(one, format));
    }
    for place in &places {
        screen.talk(&format!("written: {}", place.display()));
    }
    if screen.json {
        let losses = diagnostics::to_json(&source, &losses);
        screen.json_document(&document(format, &imported, &places, &losses, is_refused));
    }
    if is_refused {
        screen.warn(&format!(
            "{} nothing written: {} and --strict",
            paint(DOUBTFUL, "strict:"),
            counted(losses.len(), "loss", "losses")
        ));
        return Ok(Exit::NotSo);
    }
    if !screen.json && args.output.is_none() {
        for one in &imported {
            screen.bytes(one.chart.as_bytes());
        }
    }
    Ok(Exit::Done)
}

fn format(args: &Import, source: &Source) -> Result<ImportFormat, Failure> {
    let names = || {
        let names: Vec<&str> = ImportFormat::ALL.iter().map(|f| f.name()).collect();
        names.join(", ")
    };
    if let Some(name) = &args.from {
        return ImportFormat::from_name(name).ok_or_else(|| {
            Failure::usage(format!("--from: there is no format `{name}`"))
                .help(format!("formats: {}", names()))
        });
    }
    let file = args.file.file_name().unwrap_or_default().to_string_lossy();
    ImportFormat::detect(&file, &source.text).ok_or_else(|| {
        Failure::usage(format!("{}: it is not clear what this is", source.name))
            .help(format!("name its format with --from: {}", names()))
    })
}

fn not_importable(source: Source, error: &FormatError) -> Failure {
    let problems = error.problems.iter().map(|problem| {
        let at = offset(&source.text, problem.line, problem.column);
        Diagnostic::error(codes::NOT_IMPORTABLE, at..at, problem.message.clone())
    });
    let problems = problems.collect();
    Failure::drawn(Exit::NotSo, source, problems)
}

/// The byte of a place, which counts from 1 and columns in characters.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match text[start..].find('\n') {
            Some(length) => start += length + 1,
            None => return text.len(),
        }
    }
    let rest = text[start..].split('\n').next().unwrap_or_default();
    let within = rest.char_indices().nth(column.saturating_sub(1));
    start + within.map_or(rest.len(), |(at, _)| at)
}

/// Writes the charts, if a place is named. Nothing is written over unless that is asked for.
fn write(args: &Import, imported: &[Imported], is_json: bool) -> Result<Vec<PathBuf>, Failure> {
    let Some(output) = &args.output else {
        if let ([first, second, ..], false) = (imported, is_json) {
            let problem = format!(
                "{} holds {} machines (`{}`, `{}`, ..), which are as many charts",
                args.file.display(),
                imported.len(),
                first.name,
                second.name
            );
            return Err(Failure::usage(problem).help("name a folder with -o"));
        }
        return Ok(Vec::new());
    };
    let places = places(output, imported)?;
    if let Some(there) = places.iter().find(|place| !args.force && place.exists()) {
        return Err(
            Failure::usage(format!("{} is there already", there.display()))
                .help("name another file, or write over it with --force"),
        );
    }
    for (place, one) in places.iter().zip(imported) {
        std::fs::write(place, &one.chart)
            .map_err(|error| Failure::file(place, "cannot write", &error))?;
    }
    Ok(places)
}

fn places(output: &Path, imported: &[Imported]) -> Result<Vec<PathBuf>, Failure> {
    let ends_as_folder = output
        .to_string_lossy()
        .ends_with(std::path::MAIN_SEPARATOR);
    if !output.is_dir() && !ends_as_folder && imported.len() == 1 {
        return Ok(vec![output.to_owned()]);
    }
    std::fs::create_dir_all(output)
        .map_err(|error| Failure::file(output, "cannot make", &error))?;
    let place = |one: &Imported| output.join(format!("{}.chart.yaml", one.name));
    Ok(imported.iter().map(place).collect())
}

/// `loan from xstate: 4 states, 6 transitions, 2 losses`
fn summary(one: &Imported, format: ImportFormat) -> String {
    let size = Machine::from_yaml(&one.chart).map(|machine| {
        let transitions = (machine.states.iter())
            .map(|state| state.transitions.len() + state.always.len())
            .sum();
        format!(
            "{}, {}, ",
            counted(machine.states.len() - 1, "state", "states"),
            counted(transitions, "transition", "transitions")
        )
    });
    let losses = match one.losses.len() {
        0 => paint(GOOD, "nothing lost"),
        count => paint(DOUBTFUL, counted(count, "loss", "losses")),
    };
    format!(
        "{} from {format}: {}{losses}",
        paint(STRONG, &one.name),
        size.unwrap_or_default()
    )
}

fn document(
    format: ImportFormat,
    imported: &[Imported],
    places: &[PathBuf],
    losses: &[Value],
    is_refused: bool,
) -> Value {
    let machines = imported.iter().enumerate().map(|(at, one)| {
        let mut machine = json!({ "name": one.name, "losses": one.losses.len() });
        match places.get(at) {
            Some(place) => machine["file"] = json!(place.display().to_string()),
            None if !is_refused => machine["chart"] = json!(one.chart),
            None => {}
        }
        machine
    });
    json!({
        "format": format.name(),
        "machines": machines.collect::<Vec<_>>(),
        "losses": losses,
    })
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = "a\näb\nc";
        assert_eq!(offset(text, 1, 1), 0);
        assert_eq!(offset(text, 2, 2), 4);
        assert_eq!(offset(text, 3, 9), text.len());
        assert_eq!(offset(text, 9, 9), text.len());
        assert_eq!(offset("", 0, 0), 0);
    }
}
