//! What users write on the command line as data: JSON (in place, in a file, on stdin), actors, charts.
//!
//! JSON passes the same strict door as the API's bodies, so that what works here works there; a refusal shows the
//! place in the text.

use std::io::Read;
use std::path::Path;

use serde_json::Value;
use statehold_core::codes;
use statehold_core::diagnostic::Diagnostic;
use statehold_core::json::{self, JsonRefusal, Limits};
use statehold_core::source::{MAX_TEXT_BYTES, Source};
use statehold_core::{Actor, Loaded, Machine};
use statehold_engine::EVENT_BYTES_MAX;

use crate::exit::{Exit, Failure};
use crate::render::Screen;
use crate::render::diagnostics;

/// JSON given as text, as `@FILE`, or as `-` for stdin.
pub(crate) fn json_argument(name: &str, argument: &str) -> Result<Value, Failure> {
    let (name, bytes) = match argument.strip_prefix('@') {
        Some(path) => (
            path.to_owned(),
            read_file(Path::new(path), EVENT_BYTES_MAX)?,
        ),
        None if argument == "-" => ("stdin".to_owned(), read_stdin()?),
        None => (name.to_owned(), argument.as_bytes().to_vec()),
    };
    json::parse_strict(&bytes, Limits::bytes(EVENT_BYTES_MAX))
        .map_err(|refusal| not_json(name, &bytes, refusal))
}

/// As [`json_argument`]; without an argument there is no value.
pub(crate) fn optional_json(name: &str, argument: Option<&str>) -> Result<Option<Value>, Failure> {
    argument
        .map(|argument| json_argument(name, argument))
        .transpose()
}

fn not_json(name: String, bytes: &[u8], refusal: JsonRefusal) -> Failure {
    if refusal.code == codes::BODY_TOO_LARGE {
        return Failure::new(
            Exit::Usage,
            refusal.code,
            format!("{name}: {}", refusal.message),
        );
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut diagnostic = Diagnostic::error(
        refusal.code,
        refusal.offset..refusal.offset + 1,
        refusal.message,
    )
    .at(refusal.pointer);
    if !text.trim_start().starts_with(['{', '[', '"']) {
        diagnostic =
            diagnostic.help("give JSON such as '{\"total\": 1200}', @FILE, or - for stdin");
    }
    Failure::drawn(Exit::Usage, Source { name, text }, vec![diagnostic])
}

/// An actor given as an id or as JSON.
pub(crate) fn actor(text: &str) -> Result<Actor, String> {
    /// An id and some dozen roles.
    const ACTOR_BYTES_MAX: usize = 8 * 1024;
    if !text.trim_start().starts_with('{') {
        return match text.trim() {
            "" => Err("expected an id or JSON, got nothing".to_owned()),
            id => Ok(Actor {
                id: id.to_owned(),
                kind: "user".to_owned(),
                roles: Vec::new(),
            }),
        };
    }
    let value =
        json::parse_strict(text.as_bytes(), Limits::bytes(ACTOR_BYTES_MAX)).map_err(|refusal| {
            format!(
                "not acceptable JSON at byte {}: {}",
                refusal.offset, refusal.message
            )
        })?;
    serde_json::from_value(value).map_err(|error| {
        format!("{error}; expected e.g. {{\"id\": \"ann\", \"roles\": [\"support\"]}}")
    })
}

/// A text file, at most as long as a chart may be.
pub(crate) fn text_file(path: &Path) -> Result<Source, Failure> {
    let bytes = read_file(path, MAX_TEXT_BYTES)?;
    let name = path.display().to_string();
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source { name, text }),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let diagnostic =
                Diagnostic::error(codes::SYNTAX, at..at + 1, "the file is not UTF-8 text")
                    .help("save it as UTF-8");
            Err(Failure::drawn(
                Exit::NotSo,
                Source { name, text },
                vec![diagnostic],
            ))
        }
    }
}

/// A chart that is valid; its warnings are shown.
pub(crate) fn chart(screen: &Screen, path: &Path) -> Result<Machine, Failure> {
    let source = text_file(path)?;
    match Machine::load(&source.name, &source.text) {
        Ok(Loaded {
            machine, warnings, ..
        }) => {
            if !warnings.is_empty() {
                screen.talk(&diagnostics::draw(&source, &warnings));
            }
            Ok(machine)
        }
        Err(error) => Err(Failure::drawn(Exit::NotSo, source, error.diagnostics)),
    }
}

fn read_file(path: &Path, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    let file =
        std::fs::File::open(path).map_err(|error| Failure::file(path, "cannot read", &error))?;
    read_at_most(file, bytes_max).map_err(|error| Failure::file(path, "cannot read", &error))
}

fn read_stdin() -> Result<Vec<u8>, Failure> {
    read_at_most(std::io::stdin().lock(), EVENT_BYTES_MAX)
        .map_err(|error| Failure::usage(format!("cannot read stdin: {error}")))
}

/// One byte more than the bound is read, so that whoever checks the size sees that it is exceeded.
fn read_at_most(reader: impl Read, bytes_max: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_is_an_id_or_json() {
        assert_eq!(actor("ann").expect("an id").id, "ann");
        let json = actor(r#"{"id": "ann", "roles": ["support"]}"#).expect("JSON");
        assert_eq!(json.roles, ["support"]);
        assert!(actor(" ").is_err());
        assert!(actor(r#"{"id": "ann", "role": "support"}"#).is_err());
    }

    #[test]
    fn a_mistake_in_json_is_shown_where_it_is() {
        let failure = json_argument("INPUT", r#"{"total": 1200,}"#).expect_err("refused");
        assert_eq!(failure.exit, Exit::Usage);
        assert_eq!(failure.body["diagnostics"][0]["line"], 1);
    }
}
