//! Declared events, and how something is marked as on its way out.

use super::Unhandled;
use crate::expr::Expr;
use crate::schema::Record;

/// A declared event.
#[derive(Debug)]
pub struct EventDef {
    /// For people.
    pub label: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Schema of the input; none means that no input is taken.
    pub input: Option<Record>,
    /// Who may fire it, beside the machine's own rule.
    pub authorize: Option<Expr>,
    /// Set when it is on its way out.
    pub deprecated: Option<Deprecated>,
    /// Overrides the machine's rule.
    pub unhandled: Option<Unhandled>,
}

/// How something is on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecated {
    /// What to use instead.
    pub use_instead: Option<String>,
    /// Machine version in which it began.
    pub since: Option<u32>,
}

impl Deprecated {
    /// One sentence for those who still use it.
    #[must_use]
    pub fn describe(&self, what: &str, name: &str) -> String {
        let since = self
            .since
            .map(|v| format!(" since version {v}"))
            .unwrap_or_default();
        let instead = self
            .use_instead
            .as_ref()
            .map(|u| format!(", use `{u}`"))
            .unwrap_or_default();
        format!("{what} `{name}` is deprecated{since}{instead}")
    }
}
