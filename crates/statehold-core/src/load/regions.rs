//! Transitions that touch the regions of a parallel state which stays active.

use std::collections::HashSet;

use super::chart::Loader;
use crate::codes;
use crate::machine::{StateId, StateKind, Transition};
use crate::source::Item;

impl<'n> Loader<'n> {
    /// Notes a transition from one region into another, and warns of one that begins other regions anew.
    pub(super) fn check_regions(&self, item: &Item<'n>, transition: &Transition) {
        let Some(parallel) = self.parallel_domain(transition) else {
            return;
        };
        let targeted: HashSet<StateId> = (transition.targets.iter())
            .filter_map(|target| self.region_of(*target, parallel))
            .collect();
        let own = self.region_of(transition.source, parallel);
        let path = |id: StateId| self.outline.draft(id).path.as_str();
        if let Some(own) = own
            && !targeted.contains(&own)
        {
            let message = format!("this leads from region `{}` into another region", path(own));
            let problem = item.error(codes::CROSSES_REGIONS, message);
            self.reader.report(problem.help(
                "each region moves by its own transitions: put this one into the region that moves; both may wait for the same event",
            ));
            return;
        }
        let reset: Vec<&str> = (self.regions(parallel))
            .filter(|region| !targeted.contains(region) && Some(*region) != own)
            .map(path)
            .collect();
        if let [first, ..] = reset.as_slice() {
            let message = format!(
                "this leaves all regions of {}, and `{first}` begins anew",
                self.outline.title(parallel)
            );
            let problem = item.warning(codes::RESETS_REGIONS, message);
            self.reader.report(
                problem.help(
                    "to move one region only, put the transition into a state of that region",
                ),
            );
        }
    }

    /// The parallel state inside which the transition stays, if its innermost such state is one.
    fn parallel_domain(&self, transition: &Transition) -> Option<StateId> {
        let source = transition.source;
        let within = |outer: StateId| {
            (transition.targets.iter())
                .all(|target| *target != outer && self.outline.is_within(*target, outer))
        };
        if transition.targets.is_empty() {
            return None;
        }
        let stays =
            (transition.targets.iter()).all(|target| self.outline.is_within(*target, source));
        let domain = if stays && !transition.reenter {
            source
        } else {
            self.outline
                .ancestors(source)
                .find(|outer| within(*outer))?
        };
        // Going from a parallel state to itself changes nothing but what was asked for.
        let is_parallel = self.outline.draft(domain).kind == StateKind::Parallel;
        (is_parallel && within(domain)).then_some(domain)
    }

    fn regions(&self, parallel: StateId) -> impl Iterator<Item = StateId> {
        let children = self.outline.draft(parallel).children.iter().copied();
        children.filter(|child| !self.is_history(*child))
    }

    fn is_history(&self, id: StateId) -> bool {
        matches!(self.outline.draft(id).kind, StateKind::History { .. })
    }

    fn region_of(&self, id: StateId, parallel: StateId) -> Option<StateId> {
        std::iter::once(id)
            .chain(self.outline.ancestors(id))
            .find(|outer| self.outline.draft(*outer).parent == Some(parallel))
            .filter(|child| !self.is_history(*child))
    }
}
