//! Eventless transitions that would run for ever.
//!
//! Reported is only what is certain: a chain of eventless transitions that are always taken and come back to where
//! they were. Where a guard, a history or another region has a say, the bound on microsteps decides at run time.

use super::walk;
use crate::machine::{State, StateId, StateKind};

/// States in which a certain loop begins, one for each loop.
pub(super) fn endless(states: &[State]) -> Vec<StateId> {
    let chart = Chart::of(states);
    let mut found = Vec::new();
    let mut settled = vec![false; states.len()];
    for state in states {
        let mut chain = Vec::new();
        let mut current = Some(state.id).filter(|id| chart.forced(*id));
        while let Some(id) = current {
            if let Some(at) = chain.iter().position(|seen| *seen == id) {
                // The first state of the loop in the order of the file stands for it.
                found.extend(chain[at..].iter().min());
                break;
            }
            if settled[id.index()] {
                break;
            }
            chain.push(id);
            current = chart.next(id);
        }
        for id in chain {
            settled[id.index()] = true;
        }
    }
    found
}

/// Whose eventless transition is taken, of the states that were asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// Nobody has one: whoever stands further out is asked.
    Nobody,
    /// This one's, certainly.
    Of(StateId),
    /// That depends.
    Open,
}

struct Chart<'s> {
    states: &'s [State],
    /// How many eventless transitions stand in the states before each one, in document order.
    eventless_before: Vec<usize>,
}

impl<'s> Chart<'s> {
    fn of(states: &'s [State]) -> Self {
        let mut eventless_before = vec![0];
        for state in states {
            let before = eventless_before.last().copied().unwrap_or(0);
            eventless_before.push(before + state.always.len());
        }
        Self {
            states,
            eventless_before,
        }
    }

    fn state(&self, id: StateId) -> &'s State {
        &self.states[id.index()]
    }

    /// Whether any state below (or equal to) this one has an eventless transition.
    fn has_eventless(&self, id: StateId) -> bool {
        let last = self.state(id).last;
        self.eventless_before[last.index() + 1] > self.eventless_before[id.index()]
    }

    /// Whether the first eventless transition of a state is always taken when the state is asked.
    fn forced(&self, id: StateId) -> bool {
        let first = self.state(id).always.first();
        first.is_some_and(|transition| match &transition.guard {
            None => true,
            Some(guard) => guard.expr.source().trim() == "true",
        })
    }

    /// The state whose eventless transition is certainly taken after that of `id`.
    fn next(&self, id: StateId) -> Option<StateId> {
        let transition = self.state(id).always.first()?;
        let Some(domain) = walk::domain(self.states, transition) else {
            // Nothing is left: the same choice again, unless a state further inside has one of its own.
            return (!self.has_eventless_inside(id)).then_some(id);
        };
        if !self.is_undisturbed(id, domain) {
            return None;
        }
        let [target] = transition.targets.as_slice() else {
            return None;
        };
        self.decide(*target)
    }

    fn has_eventless_inside(&self, id: StateId) -> bool {
        let mut inside = self.state(id).children.iter();
        inside.any(|child| self.has_eventless(*child))
    }

    /// Whether no other region can take this transition's place: an eventless transition elsewhere might leave a
    /// parallel state that this one moves in.
    fn is_undisturbed(&self, id: StateId, domain: StateId) -> bool {
        let mut inner = id;
        for outer in walk::ancestors(self.states, id) {
            if self.state(outer).kind == StateKind::Parallel {
                let mut others = walk::regions(self.states, outer).filter(|other| *other != inner);
                let leaves = walk::is_within(self.states, outer, domain);
                let disturbs = |region: StateId| match leaves {
                    // Whichever region is first in the file wins.
                    true => self.has_eventless(region),
                    false => self.leaves_region(region),
                };
                if others.any(disturbs) {
                    return false;
                }
            }
            inner = outer;
        }
        true
    }

    /// Whether an eventless transition in a region leads out of it.
    fn leaves_region(&self, region: StateId) -> bool {
        let inside = &self.states[region.index()..=self.state(region).last.index()];
        (inside.iter().flat_map(|state| &state.always))
            .filter_map(|transition| walk::domain(self.states, transition))
            .any(|domain| !walk::is_within(self.states, domain, region))
    }

    /// Who is asked first when `target` has been entered, from the inside out.
    fn decide(&self, target: StateId) -> Option<StateId> {
        match self.below(target) {
            Choice::Of(id) => return Some(id),
            Choice::Open => return None,
            Choice::Nobody => {}
        }
        let mut inner = target;
        for outer in walk::ancestors(self.states, target) {
            if self.state(outer).kind == StateKind::Parallel {
                let mut others = walk::regions(self.states, outer).filter(|other| *other != inner);
                if others.any(|region| self.has_eventless(region)) {
                    return None;
                }
            }
            match self.own(outer) {
                Choice::Of(id) => return Some(id),
                Choice::Open => return None,
                Choice::Nobody => inner = outer,
            }
        }
        None
    }

    fn own(&self, id: StateId) -> Choice {
        match self.state(id).always.is_empty() {
            true => Choice::Nobody,
            false if self.forced(id) => Choice::Of(id),
            false => Choice::Open,
        }
    }

    /// Who takes an eventless transition when a state is entered by default.
    fn below(&self, id: StateId) -> Choice {
        let state = self.state(id);
        let inside = match state.kind {
            StateKind::Atomic | StateKind::Final => Choice::Nobody,
            StateKind::History { .. } => return Choice::Open,
            StateKind::Parallel => self.of_regions(id),
            StateKind::Compound => match state.initial.as_ref().map(|i| i.targets.as_slice()) {
                // Targets of an initial stand below its owner, so this ends.
                Some([target]) => self.between(*target, id),
                _ => Choice::Open,
            },
        };
        match inside {
            Choice::Nobody => self.own(id),
            decided => decided,
        }
    }

    /// Who takes one in a parallel state whose regions all begin. Of several it is not said: the loop of each region is
    /// found from that region.
    fn of_regions(&self, id: StateId) -> Choice {
        let mut choices = walk::regions(self.states, id)
            .map(|region| self.below(region))
            .filter(|choice| *choice != Choice::Nobody);
        match (choices.next(), choices.next()) {
            (None, _) => Choice::Nobody,
            (Some(only), None) => only,
            (Some(_), Some(_)) => Choice::Open,
        }
    }

    /// Who decides from a target up to, and without, the state that holds it.
    fn between(&self, target: StateId, holder: StateId) -> Choice {
        let mut choice = self.below(target);
        let mut outer = self.state(target).parent;
        while let Some(id) = outer.filter(|id| *id != holder) {
            if choice != Choice::Nobody {
                return choice;
            }
            // Regions on the way begin at their defaults.
            if self.state(id).kind == StateKind::Parallel && self.has_eventless_inside(id) {
                return Choice::Open;
            }
            choice = self.own(id);
            outer = self.state(id).parent;
        }
        choice
    }
}
