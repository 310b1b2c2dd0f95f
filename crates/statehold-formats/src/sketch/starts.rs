//! Where compound states begin: at the arrow out of the dot of their scope.

use statehold_core::machine::StateKind;

use super::Place;
use super::tree::{Grower, Node};
use crate::notes::Notes;

impl Grower<'_> {
    /// Where every compound state begins.
    pub(super) fn begin(&mut self, notes: &mut Notes<'_>) {
        let mut places: Vec<(usize, Place)> = (self.starting.keys())
            .filter_map(|place| Some((*self.tree.of_place.get(place)?, *place)))
            .collect();
        places.sort_unstable_by_key(|(node, place)| (*node, place.region));
        for (node, place) in places {
            for arrow in self.starting[&place].clone() {
                self.start(node, arrow, notes);
            }
        }
        for node in 0..self.tree.nodes.len() {
            let Node { kind, initial, .. } = &self.tree.nodes[node];
            if *kind == StateKind::Compound && initial.is_empty() && !notes.is_refused() {
                self.start_anywhere(node, notes);
            }
        }
    }

    fn start(&mut self, node: usize, arrow: usize, notes: &mut Notes<'_>) {
        let drawn = &self.sketch.arrows[arrow];
        let mut targets: Vec<usize> = self.tree.target(drawn).into_iter().collect();
        targets.extend(
            drawn
                .also
                .iter()
                .filter_map(|shape| self.tree.of_shape(*shape)),
        );
        let is_inside = |target: &usize| *target != node && self.tree.is_within(*target, node);
        if targets.is_empty() || !targets.iter().all(is_inside) {
            notes.refuse(drawn.at, "`[*]` begins in a state of its own scope");
            return;
        }
        let known = &self.tree.nodes[node].initial;
        if !known.is_empty() && !self.are_apart(known, &targets) {
            let message =
                "the scope begins in two states; draw one arrow from `[*]`, and events from there";
            notes.refuse(drawn.at, message);
            return;
        }
        self.tree.nodes[node].initial.extend(targets);
        self.tree.nodes[node].start.push(arrow);
    }

    /// Whether states stand in different regions of one parallel state, each with each.
    fn are_apart(&self, some: &[usize], others: &[usize]) -> bool {
        let apart = |a: usize, b: usize| {
            let (mut a, mut b) = (a, b);
            if self.tree.is_within(a, b) || self.tree.is_within(b, a) {
                return false;
            }
            // Parents stand before their children, so the later one has further to go.
            loop {
                let (outer_a, outer_b) = (self.tree.nodes[a].parent, self.tree.nodes[b].parent);
                if outer_a == outer_b {
                    return self.tree.nodes[outer_a].kind == StateKind::Parallel;
                }
                if outer_a > outer_b {
                    a = outer_a;
                } else {
                    b = outer_b;
                }
            }
        };
        some.iter().all(|a| others.iter().all(|b| apart(*a, *b)))
    }

    fn start_anywhere(&mut self, node: usize, notes: &mut Notes<'_>) {
        let is_memory = |at: &usize| matches!(self.tree.nodes[*at].kind, StateKind::History { .. });
        let mut children = self.tree.nodes[node]
            .children
            .iter()
            .copied()
            .filter(|at| !is_memory(at));
        let Some(first) = children.next() else {
            notes.refuse(self.tree.nodes[node].at, "there are no states");
            return;
        };
        if children.next().is_some() {
            let name = &self.tree.nodes[first].name;
            let message = format!("nothing says where it begins; it is the first state, `{name}`");
            notes.loss(self.tree.nodes[node].at, "no start", message);
        }
        self.tree.nodes[node].initial.push(first);
    }
}
