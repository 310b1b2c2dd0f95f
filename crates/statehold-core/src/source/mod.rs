//! The door for files: YAML or JSON text becomes a tree whose every node knows where it stands.
//!
//! Charts and mocks pass through here before anything else looks at them, so this is where hostile text ends:
//! size, depth and the number of nodes are bounded, aliases count as what they expand to, a key stands once in a
//! mapping, tags and merge keys are refused. It does not know what the keys of a format mean; a [`Format`] tells
//! the [`Reader`], which collects every problem instead of stopping at the first.

mod anchors;
mod item;
mod json_text;
mod map_reader;
mod node;
mod position;
mod problems;
mod reader;
mod scalar;
mod suggest;
mod traps;
mod yaml;

use crate::codes;
use crate::diagnostic::Diagnostic;

pub use item::Item;
pub use map_reader::MapReader;
pub use node::{Key, Node, NodeValue, Style};
pub use position::line_col;
pub(crate) use position::offset_of;
pub use reader::{Format, KeySpec, Reader};
pub use suggest::nearest;
pub use traps::cut_off_comment;

/// Longest text of a file, in bytes. A thousand states with everything written out stay under half of it.
pub const MAX_TEXT_BYTES: usize = 1024 * 1024;

/// Deepest nesting of a file. Sixteen levels of states need about 50.
pub const MAX_DEPTH: usize = 64;

/// Most nodes of a file, aliases expanded. What a text of the longest size can hold when it means something.
pub const MAX_NODES: usize = 100_000;

/// A file's name and text, for whoever shows its diagnostics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Name as the user knows it, usually a path.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What could be read of a text, and everything that is wrong with it.
#[derive(Debug)]
pub struct Parsed {
    /// The tree; none if the text is not YAML or JSON at all.
    pub root: Option<Node>,
    /// Problems in the order in which they were met.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    fn failed(diagnostic: Diagnostic) -> Self {
        Self {
            root: None,
            diagnostics: vec![diagnostic],
        }
    }

    /// The tree of a text without problems.
    ///
    /// # Errors
    /// Every problem of the text.
    pub fn into_result(self) -> Result<Node, Vec<Diagnostic>> {
        match self.root {
            Some(root) if self.diagnostics.is_empty() => Ok(root),
            _ => Err(self.diagnostics),
        }
    }
}

/// Reads a text by the suffix of its name: JSON for `.json`, else YAML.
///
/// # Errors
/// Every problem of the text.
pub fn parse(name: &str, text: &str) -> Result<Node, Vec<Diagnostic>> {
    parse_partial(name, text).into_result()
}

/// Reads a YAML text.
///
/// # Errors
/// Every problem of the text.
pub fn parse_yaml(text: &str) -> Result<Node, Vec<Diagnostic>> {
    parse_partial("", text).into_result()
}

/// Reads a JSON text.
///
/// # Errors
/// Every problem of the text.
pub fn parse_json(text: &str) -> Result<Node, Vec<Diagnostic>> {
    parse_partial(".json", text).into_result()
}

/// As [`parse`], for readers that go on as far as they can: a duplicate key or a tag leaves the tree usable.
#[must_use]
pub fn parse_partial(name: &str, text: &str) -> Parsed {
    if text.len() > MAX_TEXT_BYTES {
        return Parsed::failed(
            Diagnostic::error(
                codes::LIMIT,
                0..0,
                format!(
                    "the file has {} bytes, more than {MAX_TEXT_BYTES}",
                    text.len()
                ),
            )
            .help("split it: one file holds one machine"),
        );
    }
    if is_json(name) {
        json_text::parse(text)
    } else {
        yaml::parse(text)
    }
}

fn is_json(name: &str) -> bool {
    let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    suffix.eq_ignore_ascii_case("json")
}
