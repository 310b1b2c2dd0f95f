//! How the program ends: four exit codes, and failures in the shape of the API's problem documents.
//!
//! A failure of the engine, of a server and of the command line itself all end up as one JSON document with the same
//! keys, so that a script reads them alike wherever a command ran.

use serde_json::{Value, json};
use statehold_core::codes::{self, Code};
use statehold_core::diagnostic::Diagnostic;
use statehold_core::source::Source;

/// The exit codes scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// The thing checked is not so: a bad chart, a refused event.
    NotSo,
    /// Wrong usage or configuration.
    Usage,
    /// The store or the server is not available.
    Unavailable,
}

impl Exit {
    /// The number the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NotSo => 1,
            Self::Usage => 2,
            Self::Unavailable => 3,
        }
    }

    /// The worse of two.
    pub(crate) fn or(self, other: Self) -> Self {
        if other.code() > self.code() {
            other
        } else {
            self
        }
    }
}

/// A command did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    /// How the program ends because of it.
    pub(crate) exit: Exit,
    /// The problem document.
    pub(crate) body: Value,
    /// Problems with places in a text, to be drawn instead of the document's detail.
    pub(crate) drawn: Option<Box<(Source, Vec<Diagnostic>)>>,
}

impl Failure {
    /// A failure with one of our codes.
    pub(crate) fn new(exit: Exit, code: Code, detail: impl Into<String>) -> Self {
        let body = json!({
            "type": format!("/docs/errors/{}", code.id()),
            "title": code.title(),
            "code": code.id(),
            "detail": detail.into(),
        });
        Self {
            exit,
            body,
            drawn: None,
        }
    }

    /// A problem document as the API gave it.
    pub(crate) fn from_problem(body: Value) -> Self {
        Self {
            exit: exit_of(&body),
            body,
            drawn: None,
        }
    }

    /// Wrong usage of the command line.
    pub(crate) fn usage(detail: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            body: json!({ "title": "wrong usage", "detail": detail.into() }),
            drawn: None,
        }
    }

    /// A command or flag that a later release will bring.
    pub(crate) fn not_yet(what: &str, instead: &str) -> Self {
        Self::new(
            Exit::Usage,
            codes::NOT_SUPPORTED_YET,
            format!("{what}: not supported yet"),
        )
        .help(instead)
    }

    /// Something outside the program that it needs and cannot get.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(Exit::Unavailable, codes::UNAVAILABLE, detail)
    }

    /// One or more problems of the configuration, all at once.
    pub(crate) fn config(mut problems: Vec<String>) -> Self {
        if problems.len() == 1 {
            return Self::new(Exit::Usage, codes::BAD_CONFIG, problems.remove(0));
        }
        let detail = format!("{} problems in the configuration", problems.len());
        Self::new(Exit::Usage, codes::BAD_CONFIG, detail).with("problems", json!(problems))
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(path: &std::path::Path, doing: &str, error: &std::io::Error) -> Self {
        let detail = format!("{doing} {}: {error}", path.display());
        Self {
            exit: Exit::Usage,
            body: json!({ "title": "a file cannot be used", "detail": detail }),
            drawn: None,
        }
    }

    /// Problems with places in a text.
    pub(crate) fn drawn(exit: Exit, source: Source, diagnostics: Vec<Diagnostic>) -> Self {
        let (code, detail) = match diagnostics.as_slice() {
            [only] => (only.code, only.message.clone()),
            [first, ..] => (
                first.code,
                format!("{} problems in {}", diagnostics.len(), source.name),
            ),
            [] => (codes::INTERNAL, format!("{} is not usable", source.name)),
        };
        let listed = crate::render::diagnostics::to_json(&source, &diagnostics);
        let mut failure = Self::new(exit, code, detail).with("diagnostics", Value::Array(listed));
        failure.drawn = Some(Box::new((source, diagnostics)));
        failure
    }

    /// Adds what to do about it.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        self.with("help", Value::String(help.into()))
    }

    /// Adds a member to the document.
    pub(crate) fn with(mut self, key: &str, value: Value) -> Self {
        self.body[key] = value;
        self
    }
}

/// Refusals and missing things are 1, malformed requests 2, a store or server that cannot answer 3.
fn exit_of(problem: &Value) -> Exit {
    const MALFORMED: [Code; 10] = [
        codes::REASON_MISSING,
        codes::MALFORMED_BODY,
        codes::BODY_TOO_LARGE,
        codes::UNKNOWN_ROUTE,
        codes::BAD_ACTOR,
        codes::BAD_HEADER,
        codes::BAD_QUERY,
        codes::METHOD_NOT_ALLOWED,
        codes::BAD_CONFIG,
        codes::NOT_LOOPBACK_HOST,
    ];
    const AWAY: [Code; 7] = [
        codes::OUTCOME_UNKNOWN,
        codes::UNAVAILABLE,
        codes::TIMED_OUT,
        codes::INTERNAL,
        codes::STORE_UNUSABLE,
        codes::STORE_FAILED,
        codes::VERSION_MISSING,
    ];
    let code = problem["code"].as_str().unwrap_or_default();
    let among = |list: &[Code]| list.iter().any(|known| known.id() == code);
    if problem["outcome"] == "ignored" {
        Exit::Done
    } else if among(&MALFORMED) || problem["status"] == 401 {
        Exit::Usage
    } else if among(&AWAY) || code.is_empty() {
        Exit::Unavailable
    } else {
        Exit::NotSo
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_tell_a_refusal_from_wrong_usage_and_from_an_outage() {
        let exit = |code: &str| exit_of(&json!({ "code": code }));
        assert_eq!(exit("SH0202"), Exit::NotSo);
        assert_eq!(exit("SH0207"), Exit::NotSo);
        assert_eq!(exit("SH0303"), Exit::Usage);
        assert_eq!(exit("SH0216"), Exit::Unavailable);
        assert_eq!(exit_of(&json!({})), Exit::Unavailable);
    }

    #[test]
    fn an_ignored_event_is_no_failure() {
        assert_eq!(
            exit_of(&json!({ "code": "SH0201", "outcome": "ignored" })),
            Exit::Done
        );
    }

    #[test]
    fn several_problems_of_the_configuration_stay_apart() {
        let failure = Failure::config(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(failure.body["problems"], json!(["a", "b"]));
        assert_eq!(Failure::config(vec!["a".to_owned()]).body["detail"], "a");
    }
}
