//! Importers: a document of another tool becomes chart text that its new owner goes on with.
//!
//! Every importer keeps three promises. The chart loads. Nothing is dropped in silence: what does not survive is a
//! [`Loss`] with its place, and a comment in the chart where something is left to do. What would change which events
//! move which states, and has no words here, is refused and not lost.

use std::fmt;

use crate::{FormatError, asl, mermaid, plantuml, scxml, symfony, xstate};

/// A format that charts can be made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ImportFormat {
    /// Machine configurations of XState 5 (and 4) in JSON.
    XState,
    /// SCXML 1.0.
    Scxml,
    /// `framework.workflows` of Symfony in YAML.
    Symfony,
    /// State diagrams of Mermaid.
    Mermaid,
    /// State diagrams of PlantUML.
    PlantUml,
    /// Amazon States Language in JSON or YAML.
    Asl,
}

impl ImportFormat {
    /// All formats, in the order in which people should be told of them.
    pub const ALL: [Self; 6] = [
        Self::XState,
        Self::Scxml,
        Self::Symfony,
        Self::Mermaid,
        Self::PlantUml,
        Self::Asl,
    ];

    /// What it is called on a command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::XState => "xstate",
            Self::Scxml => "scxml",
            Self::Symfony => "symfony",
            Self::Mermaid => "mermaid",
            Self::PlantUml => "plantuml",
            Self::Asl => "asl",
        }
    }

    /// The format with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// What a file most probably is, by its name and what stands in it. None if that could be anything.
    #[must_use]
    pub fn detect(file_name: &str, text: &str) -> Option<Self> {
        let name = file_name.to_ascii_lowercase();
        let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
        if ends(&[".scxml"]) {
            return Some(Self::Scxml);
        }
        if ends(&[".mmd", ".mermaid"]) {
            return Some(Self::Mermaid);
        }
        if ends(&[".puml", ".plantuml", ".iuml", ".pu", ".wsd"]) {
            return Some(Self::PlantUml);
        }
        if ends(&[".asl.json", ".asl.yaml", ".asl.yml", ".asl"]) {
            return Some(Self::Asl);
        }
        by_content(text)
    }
}

impl fmt::Display for ImportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Looks for words that only one format has. Only the head of the text is looked at, a mapping's first keys stand there.
fn by_content(text: &str) -> Option<ImportFormat> {
    const HEAD_BYTES: usize = 64 * 1024;
    let mut end = text.len().min(HEAD_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    let has = |word: &str| head.contains(word);
    let begins = |word: &str| head.lines().any(|line| line.trim_start().starts_with(word));
    if has("<scxml") {
        Some(ImportFormat::Scxml)
    } else if begins("@startuml") {
        Some(ImportFormat::PlantUml)
    } else if begins("stateDiagram") {
        Some(ImportFormat::Mermaid)
    } else if has("StartAt") && has("States") {
        Some(ImportFormat::Asl)
    } else if has("places") && has("transitions") {
        Some(ImportFormat::Symfony)
    } else if has("\"states\"") && !has("\"statehold\": 1") {
        Some(ImportFormat::XState)
    } else {
        None
    }
}

/// What an importer is told beside the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Name of the machine; else the one that the document has. If a document holds several machines, they keep
    /// their names.
    pub name: Option<String>,
}

/// A chart that was made from a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Name of the machine: what its file should be called, without `.chart.yaml`.
    pub name: String,
    /// The chart in YAML. It loads without errors.
    pub chart: String,
    /// What did not survive, ordered by place.
    pub losses: Vec<Loss>,
}

/// Something that did not survive, or only as a reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Line in the document it comes from, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What it is, e.g. `inline action`.
    pub construct: String,
    /// What became of it, and what to do; one sentence without a full stop.
    pub message: String,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            construct,
            message,
        } = self;
        write!(f, "{line}:{column}: {construct}: {message}")
    }
}

/// Makes charts of a document. All formats but Symfony's hold one machine.
///
/// # Errors
/// Everything that keeps the text from becoming a chart, each with its place.
pub fn import(
    format: ImportFormat,
    text: &str,
    options: &ImportOptions,
) -> Result<Vec<Imported>, FormatError> {
    match format {
        ImportFormat::XState => xstate::import(text, options).map(|one| vec![one]),
        ImportFormat::Scxml => scxml::import(text, options).map(|one| vec![one]),
        ImportFormat::Symfony => symfony::import(text, options),
        ImportFormat::Mermaid => mermaid::import(text, options).map(|one| vec![one]),
        ImportFormat::PlantUml => plantuml::import(text, options).map(|one| vec![one]),
        ImportFormat::Asl => asl::import(text, options).map(|one| vec![one]),
    }
}
