//! What people and scripts see. Data goes to stdout, talk to stderr, colour only where somebody looks.
//!
//! Texts may come from charts, callers and servers: control characters in them are shown, never sent to a terminal.

pub(crate) mod diagnostics;
pub(crate) mod effect;
pub(crate) mod entity;
pub(crate) mod failure;
pub(crate) mod machine;
pub(crate) mod step;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod value;

use std::io::Write;

use serde_json::Value;

use crate::exit::Failure;

/// Where output goes and how much of it is wanted. Failing writes are left alone: whoever closed the pipe has enough.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    /// One JSON document on stdout is wanted.
    pub(crate) json: bool,
    quiet: bool,
}

impl Screen {
    /// A screen of this program's stdout and stderr.
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// The result: the document, or what `draw` makes of it for people.
    pub(crate) fn show(&self, document: &Value, draw: impl FnOnce(&Value) -> String) {
        if self.json {
            self.json_document(document);
        } else {
            self.data(&draw(document));
        }
    }

    /// A JSON document on stdout.
    pub(crate) fn json_document(&self, document: &Value) {
        let text = serde_json::to_string_pretty(document).unwrap_or_else(|_| document.to_string());
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    }

    /// A JSON document on stdout, on one line, for programs that go on afterwards.
    pub(crate) fn json_line(&self, document: &Value) {
        let mut stdout = std::io::stdout().lock();
        let _ = writeln!(stdout, "{document}");
        let _ = stdout.flush();
    }

    /// Data for people on stdout.
    pub(crate) fn data(&self, text: &str) {
        let _ = writeln!(anstream::stdout().lock(), "{}", text.trim_end());
    }

    /// A file on stdout, byte for byte.
    pub(crate) fn bytes(&self, bytes: &[u8]) {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(bytes);
        let _ = stdout.flush();
    }

    /// Talk on stderr, unless nobody wants any.
    pub(crate) fn talk(&self, text: &str) {
        if !self.quiet {
            self.warn(text);
        }
    }

    /// Something on stderr that is said in any case.
    pub(crate) fn warn(&self, text: &str) {
        let _ = writeln!(anstream::stderr().lock(), "{}", text.trim_end());
    }

    /// A failure: for people on stderr; as a document on stdout too, where JSON is wanted.
    pub(crate) fn fail(&self, failure: &Failure) {
        self.warn(&failure::draw(failure));
        if self.json {
            self.json_document(&failure.body);
        }
    }
}
