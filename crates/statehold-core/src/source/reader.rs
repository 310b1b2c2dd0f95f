//! A typed reader over a tree: knows the keys of a format, and notes every problem instead of stopping at one.
//!
//! A format is a table of [`KeySpec`]s, so that a key in the wrong place, a key that is spelled almost right and a
//! key of a later release each get their own words. The reader checks shape; what values mean is the loader's work.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use super::item::Item;
use super::node::Node;
use super::suggest::nearest;
use crate::codes;
use crate::diagnostic::{Diagnostic, Severity};

/// Most problems kept of one file. Whoever reads them will not get further, and a hostile file has thousands.
const MAX_DIAGNOSTICS: usize = 200;

/// Longest message, in characters; names in it come from the file.
const MAX_MESSAGE_CHARS: usize = 400;

/// A key of a format: where it is valid and what it is for.
#[derive(Debug, Clone, Copy)]
pub struct KeySpec {
    /// Kind of mapping it stands in, with its article, e.g. `a state`.
    pub place: &'static str,
    /// The key.
    pub key: &'static str,
    /// What it is for, in a few words.
    pub meaning: &'static str,
    /// Whether this release does what it says. If not, using it is an error that says so.
    pub built: bool,
}

/// The keys of a file format.
#[derive(Debug)]
pub struct Format {
    /// Every key in every place where it is valid.
    pub keys: &'static [KeySpec],
}

impl Format {
    pub(super) fn spec(&self, place: &str, key: &str) -> Option<&'static KeySpec> {
        self.in_place(place).find(|spec| spec.key == key)
    }

    pub(super) fn in_place<'a>(
        &self,
        place: &'a str,
    ) -> impl Iterator<Item = &'static KeySpec> + use<'a> {
        self.keys.iter().filter(move |spec| spec.place == place)
    }
}

/// Collects the problems of one file.
#[derive(Debug)]
pub struct Reader {
    pub(super) format: &'static Format,
    diagnostics: RefCell<Vec<Diagnostic>>,
    /// Errors and warnings beyond [`MAX_DIAGNOSTICS`].
    dropped: Cell<(usize, usize)>,
}

impl Reader {
    /// A reader for a file of this format.
    #[must_use]
    pub fn new(format: &'static Format) -> Self {
        Self {
            format,
            diagnostics: RefCell::new(Vec::new()),
            dropped: Cell::new((0, 0)),
        }
    }

    /// The root of the file.
    #[must_use]
    pub fn root<'n>(&'n self, node: &'n Node) -> Item<'n> {
        Item {
            reader: self,
            node,
            key: None,
            pointer: String::new(),
        }
    }

    /// Notes a problem. Long messages are cut; when there are too many, only their number is kept.
    pub fn report(&self, mut diagnostic: Diagnostic) {
        if self.is_full() {
            let (errors, warnings) = self.dropped.get();
            self.dropped.set(match diagnostic.severity {
                Severity::Error => (errors + 1, warnings),
                Severity::Warning => (errors, warnings + 1),
            });
            return;
        }
        cut(&mut diagnostic.message);
        diagnostic.help.iter_mut().for_each(cut);
        diagnostic.label.iter_mut().for_each(cut);
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// Whether further problems are only counted.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.diagnostics.borrow().len() >= MAX_DIAGNOSTICS
    }

    /// The nearest of a few known names; none once the reader is full, because looking is not free.
    #[must_use]
    pub fn nearest<'a>(
        &self,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        if self.is_full() {
            None
        } else {
            nearest(name, known)
        }
    }

    /// How many problems were noted so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.diagnostics.borrow().len()
    }

    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.dropped.get().0 > 0 || self.diagnostics.borrow().iter().any(Diagnostic::is_error)
    }

    /// The problems, ordered by place, each once: aliases make one place count several times.
    #[must_use]
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics.into_inner();
        diagnostics.sort_by(|a, b| {
            (a.span.start, a.span.end, a.code).cmp(&(b.span.start, b.span.end, b.code))
        });
        let mut seen = HashSet::new();
        diagnostics.retain(|d| seen.insert((d.code, d.span.clone(), d.message.clone())));
        let (errors, warnings) = self.dropped.get();
        if errors + warnings > 0 {
            let more = Diagnostic::error(
                codes::LIMIT,
                0..0,
                format!("{} more problems are not shown", errors + warnings),
            );
            diagnostics.push(if errors > 0 {
                more
            } else {
                Diagnostic {
                    severity: Severity::Warning,
                    ..more
                }
            });
        }
        diagnostics
    }
}

fn cut(text: &mut String) {
    if let Some((at, _)) = text.char_indices().nth(MAX_MESSAGE_CHARS) {
        text.truncate(at);
        text.push('…');
    }
}
