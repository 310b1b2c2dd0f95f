//! [`StateSet`], the set of active states, and its readable form in the state column.
//!
//! The column's grammar is `conf = path | [path] "(" conf ("|" conf)* ")"` with `path = name ("." name)*`: inside the
//! parentheses each region stands relative to its parallel state, in document order. It is a bijection with the
//! legal configurations of a machine. Because `(`, `)` and `.` sort below every name character and `/` sorts between
//! them, "in `a` or below" is the one index range `state >= 'a' AND state < 'a/'`.

use crate::machine::{Definition, StateId, StateKind};

/// A set of states of one machine. Most machines have less than 64 states: their sets need no memory of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StateSet {
    first: u64,
    rest: Box<[u64]>,
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
            first: 0,
            rest: vec![0; states.div_ceil(64).saturating_sub(1)].into(),
        }
    }

    /// Whether the state is in the set.
    #[must_use]
    pub fn contains(&self, id: StateId) -> bool {
        self.word(id.index() / 64) & (1 << (id.index() % 64)) != 0
    }

    /// Adds a state. False if it was in already.
    pub fn insert(&mut self, id: StateId) -> bool {
        let word = self.word_mut(id.index() / 64);
        let bit = 1 << (id.index() % 64);
        let added = *word & bit == 0;
        *word |= bit;
        added
    }

    /// Takes a state out.
    pub fn remove(&mut self, id: StateId) {
        *self.word_mut(id.index() / 64) &= !(1 << (id.index() % 64));
    }

    /// Empty beyond the end.
    fn word(&self, at: usize) -> u64 {
        match at {
            0 => self.first,
            at => self.rest.get(at - 1).copied().unwrap_or(0),
        }
    }

    fn word_mut(&mut self, at: usize) -> &mut u64 {
        match at {
            0 => &mut self.first,
            at => &mut self.rest[at - 1],
        }
    }

    /// The states in document order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = StateId> + '_ {
        self.range(StateId::ROOT, StateId(u16::MAX))
    }

    /// The states from `first` to `last`, both included, in document order.
    pub fn range(
        &self,
        first: StateId,
        last: StateId,
    ) -> impl DoubleEndedIterator<Item = StateId> + '_ {
        Members {
            set: self,
            front: first.index(),
            back: (last.index() + 1).min((self.rest.len() + 1) * 64),
        }
    }

    /// The first state from `first` to `last`, both included.
    #[must_use]
    pub fn first_in(&self, first: StateId, last: StateId) -> Option<StateId> {
        self.range(first, last).next()
    }

    /// Whether it has no states.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first == 0 && self.rest.iter().all(|word| *word == 0)
    }
}

/// Walks over the set bits from `front` up to but not including `back`, from both ends.
struct Members<'a> {
    set: &'a StateSet,
    front: usize,
    back: usize,
}

impl Iterator for Members<'_> {
    type Item = StateId;

    fn next(&mut self) -> Option<StateId> {
        while self.front < self.back {
            let rest = self.set.word(self.front / 64) >> (self.front % 64);
            if rest == 0 {
                self.front = (self.front / 64 + 1) * 64;
                continue;
            }
            let found = self.front + rest.trailing_zeros() as usize;
            self.front = found + 1;
            return (found < self.back).then_some(StateId(found as u16));
        }
        None
    }
}

impl DoubleEndedIterator for Members<'_> {
    fn next_back(&mut self) -> Option<StateId> {
        while self.front < self.back {
            let top = (self.back - 1) % 64;
            let rest = self.set.word((self.back - 1) / 64) << (63 - top);
            if rest == 0 {
                self.back = (self.back - 1) / 64 * 64;
                continue;
            }
            let found = self.back - 1 - rest.leading_zeros() as usize;
            self.back = found;
            return (found >= self.front).then_some(StateId(found as u16));
        }
        None
    }
}

impl Definition {
    /// The active children of an active state, in document order: one of a compound state, all regions of a parallel
    /// one. Histories are never active.
    pub(crate) fn active_children<'s>(
        &'s self,
        active: &'s StateSet,
        id: StateId,
    ) -> impl Iterator<Item = StateId> + 's {
        let last = self.state(id).last;
        let mut from = StateId(id.0 + 1);
        // Below an active state, the next active one in document order is always a child: grandchildren come later.
        std::iter::from_fn(move || {
            let child = active.first_in(from, last)?;
            from = StateId(self.state(child).last.0 + 1);
            Some(child)
        })
    }

    /// Whether each of these can be entered without deciding about another one: every two stand in different regions
    /// of one parallel state. A history state stands for whatever its parent restores.
    pub(crate) fn can_be_active_together(&self, ids: &[StateId]) -> bool {
        let restored = |id: StateId| match self.state(id) {
            state if matches!(state.kind, StateKind::History { .. }) => state.parent.unwrap_or(id),
            _ => id,
        };
        ids.iter().enumerate().all(|(at, a)| {
            ids[at + 1..].iter().all(|b| {
                let (a, b) = (restored(*a), restored(*b));
                let common = self.common_ancestor(a, b);
                common != a && common != b && self.state(common).kind == StateKind::Parallel
            })
        })
    }

    /// The innermost state that holds both, or is one of them.
    pub(crate) fn common_ancestor(&self, a: StateId, b: StateId) -> StateId {
        let mut outer = a;
        while outer != b && !self.is_below(b, outer) {
            let Some(parent) = self.state(outer).parent else {
                break;
            };
            outer = parent;
        }
        outer
    }

    /// The readable form of a configuration.
    #[must_use]
    pub fn encode(&self, active: &StateSet) -> String {
        let is_parallel = |id: StateId| self.state(id).kind == StateKind::Parallel;
        if let Some(leaf) = active.iter().next_back()
            && !active.iter().any(is_parallel)
        {
            return self.state(leaf).path.clone();
        }
        let mut out = String::new();
        self.encode_below(active, StateId::ROOT, &mut out);
        out
    }

    fn encode_below(&self, active: &StateSet, id: StateId, out: &mut String) {
        let mut children = self.active_children(active, id);
        match self.state(id).kind {
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
                        format!(
                            "state `{}` has children, one of them must be named",
                            self.state(id).path
                        )
                    })?,
                };
                self.decode_child(id, None, text, active)
            }
            StateKind::Parallel => {
                let mut text = text.strip_prefix('(').ok_or_else(|| {
                    format!(
                        "the regions of parallel state `{}` must follow in parentheses",
                        self.state(id).path
                    )
                })?;
                let regions = self.regions(id);
                for (at, region) in regions.iter().enumerate() {
                    if at > 0 {
                        text = text.strip_prefix('|').ok_or("a region is missing")?;
                    }
                    text = self.decode_child(id, Some(*region), text, active)?;
                }
                text.strip_prefix(')')
                    .ok_or_else(|| "a `)` is missing".to_owned())
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
