//! Which of the states that a condition asks for can be active together, while one state is known to be active.

use std::collections::BTreeSet;

use crate::machine::{Definition, StateId, StateKind};

/// Most combinations that are looked at.
const COMBINATIONS_MAX: usize = 64;

/// Combinations of asked states, as bits in the order in which they are asked, and whether there are no others.
pub(super) struct Combinations {
    pub(super) all: Vec<u32>,
    pub(super) is_complete: bool,
}

/// The combinations of `asked` that can be active while `active` is. More than 32 states are not looked at.
pub(super) fn combinations(
    definition: &Definition,
    active: StateId,
    asked: &BTreeSet<String>,
) -> Combinations {
    let bits: Vec<Option<StateId>> = (asked.iter().take(32))
        .map(|path| definition.by_path.get(path).copied())
        .collect();
    let mut search = Search {
        definition,
        active,
        bits,
        is_complete: asked.len() <= 32,
    };
    let all = search.below(StateId::ROOT);
    Combinations {
        all: all.into_iter().collect(),
        is_complete: search.is_complete,
    }
}

struct Search<'d> {
    definition: &'d Definition,
    active: StateId,
    bits: Vec<Option<StateId>>,
    is_complete: bool,
}

impl Search<'_> {
    /// What can be active of a state that is, itself included.
    fn below(&mut self, id: StateId) -> BTreeSet<u32> {
        let state = self.definition.state(id);
        let own = self.bit(id);
        let children: Vec<StateId> = (state.children.iter().copied())
            .filter(|child| !self.is_history(*child))
            .collect();
        let inner = match state.kind {
            _ if !self.matters(id) => BTreeSet::from([0]),
            StateKind::Parallel => self.regions(&children),
            StateKind::Compound => {
                let on_path = |child: &StateId| {
                    *child == self.active || self.definition.is_below(self.active, *child)
                };
                let chosen: Vec<StateId> = match children.iter().copied().find(on_path) {
                    Some(child) => vec![child],
                    None => children,
                };
                chosen
                    .into_iter()
                    .flat_map(|child| self.below(child))
                    .collect()
            }
            _ => BTreeSet::from([0]),
        };
        let all = inner.into_iter().map(|bits| bits | own).collect();
        self.bounded(all)
    }

    fn regions(&mut self, regions: &[StateId]) -> BTreeSet<u32> {
        let mut all = BTreeSet::from([0]);
        for region in regions {
            let inner = self.below(*region);
            let both = (all.iter())
                .flat_map(|bits| inner.iter().map(move |more| bits | more))
                .collect();
            all = self.bounded(both);
        }
        all
    }

    /// Whether any asked state stands below this one: otherwise there is nothing to tell apart.
    fn matters(&self, id: StateId) -> bool {
        let asked = self.bits.iter().flatten();
        asked
            .into_iter()
            .any(|asked| self.definition.is_below(*asked, id))
    }

    fn bounded(&mut self, mut all: BTreeSet<u32>) -> BTreeSet<u32> {
        while all.len() > COMBINATIONS_MAX {
            self.is_complete = false;
            all.pop_last();
        }
        all
    }

    fn bit(&self, id: StateId) -> u32 {
        let at = self.bits.iter().position(|asked| *asked == Some(id));
        at.map_or(0, |at| 1 << at)
    }

    fn is_history(&self, id: StateId) -> bool {
        matches!(self.definition.state(id).kind, StateKind::History { .. })
    }
}
