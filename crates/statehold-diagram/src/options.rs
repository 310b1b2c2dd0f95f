//! What a caller may choose about a picture.

use std::collections::{BTreeMap, BTreeSet};

use statehold_core::StateSet;
use statehold_core::machine::Definition;

use crate::picture::TransitionNo;

/// Choices about a picture. The default is a picture for a document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// Colours.
    pub theme: Theme,
    /// The states where an entity stands.
    pub highlight: Highlight,
    /// How many entities stand in a state, by its path.
    pub counts: BTreeMap<String, u64>,
    /// Marks every transition as covered or missed.
    pub coverage: Option<Coverage>,
    /// Leaves out the heading with the machine's name and version.
    pub without_heading: bool,
}

/// Colours of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Light or dark, as the reader's system prefers.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// States that are painted as active.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Highlight {
    /// Paths of the active states, those above them included.
    pub active: BTreeSet<String>,
}

impl Highlight {
    /// The states of a configuration.
    #[must_use]
    pub fn of(definition: &Definition, active: &StateSet) -> Self {
        let paths = active.iter().map(|id| definition.state(id).path.clone());
        Self {
            active: paths.filter(|path| !path.is_empty()).collect(),
        }
    }

    /// One state, wherever it stands, and those above it.
    #[must_use]
    pub fn state(path: &str) -> Self {
        let dots = path.match_indices('.').map(|(at, _)| path[..at].to_owned());
        Self {
            active: dots
                .chain([path.to_owned()])
                .filter(|path| !path.is_empty())
                .collect(),
        }
    }
}

/// Which transitions were taken by tests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// The transitions taken, as [`transitions`](crate::picture::transitions) counts them.
    pub taken: BTreeSet<TransitionNo>,
}
