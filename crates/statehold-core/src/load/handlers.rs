//! Effects that a handler does: its name, and nothing of its own to fill in.

use super::MAX_EVENT_BYTES;
use super::chart::Loader;
use super::names::at_key;
use crate::codes;
use crate::machine::HandlerTemplate;
use crate::source::{Item, MapReader};

/// A handler by name.
pub(super) struct Handler {
    pub(super) name: String,
}

impl Handler {
    /// It gets all arguments as they are, so it is as sensitive as they are.
    pub(super) fn finish(self, sensitive: Vec<String>) -> HandlerTemplate {
        HandlerTemplate {
            name: self.name,
            sensitive,
        }
    }
}

impl<'n> Loader<'n> {
    /// Reads the name of a handler. Its world has its own rules for names: only what no name can be is refused.
    pub(super) fn handler(&self, item: &Item<'n>, effect: &MapReader<'n>) -> Option<Handler> {
        for key in ["ok", "refused"] {
            if let Some(item) = effect.optional(key) {
                let message = format!(
                    "`{key}` judges the reply to an HTTP request, a handler says itself how it ended"
                );
                self.reader
                    .report(at_key(&item, codes::BAD_STRUCTURE, message));
            }
        }
        let name = item.text()?;
        let is_usable = !name.trim().is_empty()
            && name.len() <= MAX_EVENT_BYTES
            && !name.chars().any(char::is_control);
        if !is_usable {
            let message = format!(
                "the name of a handler has 1 to {MAX_EVENT_BYTES} bytes and no control characters"
            );
            self.reader.report(item.error(codes::BAD_NAME, message));
            return None;
        }
        Some(Handler {
            name: name.to_owned(),
        })
    }
}
