//! [`StateSet`], the set of active states, and its readable form in the state column.
//!
//! The column's grammar is `conf = path | [path] "(" conf ("|" conf)* ")"` with `path = name ("." name)*`: inside the
//! parentheses each region stands relative to its parallel state, in document order. It is a bijection with the
//! legal configurations of a machine. Because `(`, `)` and `.` sort below every name character and `/` sorts between
//! them, "in `a` or below" is the one index range `state >= 'a' AND state < 'a/'`.

use crate::machine::{Definition, StateId, StateKind};

/// A set of states of one machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StateSet {
    words: Vec<u64>,
}

/// A state column that is not a configuration of the machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a configuration of machine `{machine}`: {problem}")]
pub struct ConfigurationError {
    /// The column's text.
    pub text: String,
    /// Name of the machine.
    pub machine: String,
    /// What is wrong.
    pub problem: String,
}

impl StateSet {
    /// No states, with room for `states` of them.
    #[must_use]
    pub fn empty(states: usize) -> Self {
        Self {
            words: vec![0; states.div_ceil(64)],
        }
    }

    /// Whether the state is in the set.
    #[must_use]
    pub fn contains(&self, id: StateId) -> bool {
        self.words
            .get(id.index() / 64)
            .is_some_and(|word| word & (1 << (id.index() % 64)) != 0)
    }

    /// Adds a state. False if it was in already.
    pub fn insert(&mut self, id: StateId) -> bool {
        let word = &mut self.words[id.index() / 64];
        let bit = 1 << (id.index() % 64);
        let added = *word & bit == 0;
        *word |= bit;
        added
    }

    /// Takes a state out.
    pub fn remove(&mut self, id: StateId) {
        self.words[id.index() / 64] &= !(1 << (id.index() % 64));
    }

    /// Whether the two have a state in common.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(a, b)| a & b != 0)
    }

    /// Adds all states of another set.
    pub fn extend(&mut self, other: &Self) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    /// The states in document order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = StateId> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            (0..64)
                .filter(move |bit| word & (1u64 << bit) != 0)
                .map(move |bit| StateId((at * 64 + bit) as u16))
        })
    }

    /// Whether it has no states.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }
}

impl Definition {
    /// The readable form of a configuration.
    #[must_use]
    pub fn encode(&self, active: &StateSet) -> String {
        let mut out = String::new();
        self.encode_below(active, StateId::ROOT, &mut out);
        out
    }

    fn encode_below(&self, active: &StateSet, id: StateId, out: &mut String) {
        let state = self.state(id);
        let mut children = state
            .children
            .iter()
            .copied()
            .filter(|child| active.contains(*child));
        match state.kind {
            StateKind::Compound => {
                if let Some(child) = children.next() {
                    if id != StateId::ROOT {
                        out.push('.');
                    }
                    out.push_str(&self.state(child).name);
                    self.encode_below(active, child, out);
                }
            }
            StateKind::Parallel => {
                out.push('(');
                for (at, region) in children.enumerate() {
                    if at > 0 {
                        out.push('|');
                    }
                    out.push_str(&self.state(region).name);
                    self.encode_below(active, region, out);
                }
                out.push(')');
            }
            StateKind::Atomic | StateKind::Final | StateKind::History { .. } => {}
        }
    }

    /// The configuration that a state column names.
    ///
    /// # Errors
    /// The text is not exactly one legal configuration of this machine.
    pub fn decode(&self, text: &str) -> Result<StateSet, ConfigurationError> {
        let mut active = StateSet::empty(self.states.len());
        active.insert(StateId::ROOT);
        let rest = self
            .decode_below(StateId::ROOT, text, &mut active)
            .and_then(|rest| match rest {
                "" => Ok(()),
                _ => Err(format!("`{rest}` is left over")),
            });
        rest.map(|()| active).map_err(|problem| ConfigurationError {
            text: text.to_owned(),
            machine: self.name.clone(),
            problem,
        })
    }

    fn decode_below<'t>(
        &self,
        id: StateId,
        text: &'t str,
        active: &mut StateSet,
    ) -> Result<&'t str, String> {
        match self.state(id).kind {
            StateKind::Compound => {
                let text = match id {
                    StateId::ROOT => text,
                    _ => text.strip_prefix('.').ok_or_else(|| {
                        format!("state `{}` has children, one of them must be named", self.state(id).path)
                    })?,
                };
                self.decode_child(id, None, text, active)
            }
            StateKind::Parallel => {
                let mut text = text.strip_prefix('(').ok_or_else(|| {
                    format!("the regions of parallel state `{}` must follow in parentheses", self.state(id).path)
                })?;
                let regions = self.regions(id);
                for (at, region) in regions.iter().enumerate() {
                    if at > 0 {
                        text = text.strip_prefix('|').ok_or("a region is missing")?;
                    }
                    text = self.decode_child(id, Some(*region), text, active)?;
                }
                text.strip_prefix(')').ok_or_else(|| "a `)` is missing".to_owned())
            }
            StateKind::Atomic | StateKind::Final | StateKind::History { .. } => Ok(text),
        }
    }

    fn decode_child<'t>(
        &self,
        parent: StateId,
        wanted: Option<StateId>,
        text: &'t str,
        active: &mut StateSet,
    ) -> Result<&'t str, String> {
        let end = text.find(['.', '(', ')', '|']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let child = self
            .state(parent)
            .children
            .iter()
            .copied()
            .find(|child| self.state(*child).name == name)
            .filter(|child| !matches!(self.state(*child).kind, StateKind::History { .. }))
            .filter(|child| wanted.is_none_or(|wanted| wanted == *child))
            .ok_or_else(|| match self.state(parent).path.as_str() {
                "" => format!("there is no state `{name}` here"),
                path => format!("there is no state `{name}` here in `{path}`"),
            })?;
        active.insert(child);
        self.decode_below(child, rest, active)
    }

    /// Children of a parallel state that are regions (all but history nodes), in document order.
    #[must_use]
    pub fn regions(&self, id: StateId) -> Vec<StateId> {
        self.state(id)
            .children
            .iter()
            .copied()
            .filter(|child| !matches!(self.state(*child).kind, StateKind::History { .. }))
            .collect()
    }
}
