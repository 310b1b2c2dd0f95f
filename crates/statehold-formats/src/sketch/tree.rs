//! [`Tree`]: the states that a chart will have, with their names and paths, before anything is said about them.
//!
//! A box with several regions is parallel. A region that holds one box and nothing else is that box; any other gets a
//! state of its own. `[*]` as an end is the state that leads there if it does nothing else, or one final state of the
//! scope.

use std::collections::HashMap;

use statehold_core::machine::StateKind;

use super::{Arrow, DIAGRAM, Origin, Place, ShapeKind, Sketch, Tip};
use crate::draft::{Slugs, join, slug};
use crate::notes::Notes;

/// The node of the machine itself.
pub(super) const ROOT: usize = 0;

/// Name of the final state that stands for `[*]`.
const END: &str = "end";

/// All states. Children stand behind their parents.
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    of_shape: HashMap<usize, usize>,
    pub(super) of_place: HashMap<Place, usize>,
    ends: HashMap<usize, usize>,
}

/// A state.
pub(super) struct Node {
    pub(super) shape: Option<usize>,
    pub(super) parent: usize,
    pub(super) children: Vec<usize>,
    pub(super) kind: StateKind,
    pub(super) name: String,
    /// What it was called, if that is not its name.
    pub(super) original: Option<String>,
    pub(super) path: String,
    /// Where it begins, with the arrow that says so.
    pub(super) initial: Vec<usize>,
    pub(super) start: Vec<usize>,
    pub(super) at: usize,
    names: Slugs,
}

impl Tree {
    /// The states of a diagram whose marks and bars are settled.
    pub(super) fn of(sketch: &Sketch, notes: &mut Notes<'_>) -> Self {
        let mut grower = Grower {
            sketch,
            leaving: leaving(sketch),
            starting: HashMap::new(),
            ending: HashMap::new(),
            tree: Tree {
                nodes: Vec::new(),
                of_shape: HashMap::new(),
                of_place: HashMap::new(),
                ends: HashMap::new(),
            },
        };
        grower.sort_dots();
        grower.add(ROOT, Some(DIAGRAM), "", 0);
        grower.inside(ROOT, DIAGRAM, notes);
        grower.add_ends();
        grower.begin(notes);
        grower.tree
    }

    /// The state of a shape.
    pub(super) fn of_shape(&self, shape: usize) -> Option<usize> {
        self.of_shape.get(&shape).copied()
    }

    /// The state in which an arrow ends.
    pub(super) fn target(&self, arrow: &Arrow) -> Option<usize> {
        match arrow.to {
            Tip::Shape(shape) => self.of_shape(shape),
            Tip::Dot => self.ends.get(self.of_place.get(&arrow.place)?).copied(),
        }
    }

    /// Whether a state is another one or stands inside it.
    pub(super) fn is_within(&self, inner: usize, outer: usize) -> bool {
        let mut at = inner;
        while at > outer {
            at = self.nodes[at].parent;
        }
        at == outer
    }

    /// Whether a state is done some time, so that something can follow.
    pub(super) fn completes(&self, at: usize) -> bool {
        let node = &self.nodes[at];
        let ends = |child: &usize| self.nodes[*child].kind == StateKind::Final;
        match node.kind {
            StateKind::Compound => node.children.iter().any(ends),
            StateKind::Parallel => (node.children.iter())
                .filter(|child| !matches!(self.nodes[**child].kind, StateKind::History { .. }))
                .all(|child| ends(child) || self.completes(*child)),
            _ => false,
        }
    }

    /// The state at a path.
    pub(super) fn at_path(&self, path: &str) -> Option<usize> {
        (1..self.nodes.len()).find(|at| self.nodes[*at].path == path)
    }
}

/// Arrows by the shape they start at.
fn leaving(sketch: &Sketch) -> HashMap<usize, Vec<usize>> {
    let mut leaving: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, arrow) in sketch.arrows.iter().enumerate() {
        if let Tip::Shape(shape) = arrow.from {
            leaving.entry(shape).or_default().push(at);
        }
    }
    leaving
}

pub(super) struct Grower<'s> {
    pub(super) sketch: &'s Sketch,
    leaving: HashMap<usize, Vec<usize>>,
    /// Arrows out of the dot of a scope, and into it.
    pub(super) starting: HashMap<Place, Vec<usize>>,
    ending: HashMap<Place, Vec<usize>>,
    pub(super) tree: Tree,
}

impl Grower<'_> {
    fn sort_dots(&mut self) {
        for (at, arrow) in self.sketch.arrows.iter().enumerate() {
            if arrow.from == Tip::Dot {
                self.starting.entry(arrow.place).or_default().push(at);
            }
            if arrow.to == Tip::Dot {
                self.ending.entry(arrow.place).or_default().push(at);
            }
        }
    }

    fn add(&mut self, parent: usize, shape: Option<usize>, original: &str, at: usize) -> usize {
        let added = self.tree.nodes.len();
        let mut name = String::new();
        let mut path = String::new();
        if added > ROOT {
            let outer = &mut self.tree.nodes[parent];
            // The key is one that no other child has: equal originals are different states here.
            name = outer
                .names
                .name(&format!("{added}"), |_| slug(original, "state"));
            path = join(&outer.path, &name);
            outer.children.push(added);
        }
        self.tree.nodes.push(Node {
            shape,
            parent,
            children: Vec::new(),
            kind: StateKind::Atomic,
            original: (name != original && slug(original, "state") != original)
                .then(|| original.to_owned()),
            name,
            path,
            initial: Vec::new(),
            start: Vec::new(),
            at,
            names: Slugs::default(),
        });
        if let Some(shape) = shape {
            self.tree.of_shape.insert(shape, added);
        }
        added
    }

    /// Adds what stands inside a shape. Depth is bounded by the builder and the number of bars.
    fn inside(&mut self, node: usize, shape: usize, notes: &mut Notes<'_>) {
        let sketch = self.sketch;
        let mut regions: Vec<(Place, Vec<usize>)> = Vec::new();
        for region in 0..sketch.shapes[shape].regions {
            let place = Place {
                outer: shape,
                region,
            };
            let states: Vec<usize> = sketch
                .standing_in(place)
                .filter(|at| self.is_state(*at))
                .collect();
            if states.is_empty() && !self.starting.contains_key(&place) {
                self.note_empty(node, shape, place, notes);
            } else {
                regions.push((place, states));
            }
        }
        match regions.as_slice() {
            [] if node == ROOT => self.tree.nodes[node].kind = StateKind::Compound,
            [] => {}
            [(place, states)] if !sketch.shapes[shape].is_parallel => {
                self.tree.nodes[node].kind = StateKind::Compound;
                self.fill(node, *place, states, notes);
            }
            regions => {
                self.tree.nodes[node].kind = StateKind::Parallel;
                for (place, states) in regions {
                    self.region(node, *place, states, notes);
                }
            }
        }
        self.memories(node, shape, notes);
    }

    /// Whether a shape is active some time.
    fn is_state(&self, shape: usize) -> bool {
        matches!(
            self.sketch.shapes[shape].kind,
            ShapeKind::State | ShapeKind::Choice | ShapeKind::End
        )
    }

    fn note_empty(&mut self, node: usize, shape: usize, place: Place, notes: &mut Notes<'_>) {
        self.tree.of_place.insert(place, node);
        if self.sketch.shapes[shape].regions > 1 {
            let message = "a region without states is nothing to be in";
            notes.loss(self.sketch.shapes[shape].at, "empty region", message);
        }
    }

    fn region(&mut self, parallel: usize, place: Place, states: &[usize], notes: &mut Notes<'_>) {
        if let [only] = states
            && self.is_whole(place, *only)
        {
            self.state(parallel, *only, notes);
            let node = self.tree.of_shape[only];
            self.tree.of_place.insert(place, node);
            return;
        }
        let name = format!("region_{}", place.region + 1);
        let at = states
            .first()
            .map_or(0, |shape| self.sketch.shapes[*shape].at);
        let region = self.add(parallel, None, &name, at);
        self.tree.nodes[region].kind = StateKind::Compound;
        self.fill(region, place, states, notes);
    }

    /// Whether the only box of a region is all there is of it.
    fn is_whole(&self, place: Place, only: usize) -> bool {
        let has_memory = self
            .sketch
            .standing_in(place)
            .any(|at| self.is_memory_of(at, place, false));
        let ending = self
            .ending
            .get(&place)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let ends_only = ending.is_empty() || self.is_final(only);
        !has_memory
            && !self.starting.contains_key(&place)
            && ends_only
            && self.sketch.shapes[only].kind != ShapeKind::Choice
    }

    fn fill(&mut self, node: usize, place: Place, states: &[usize], notes: &mut Notes<'_>) {
        self.tree.of_place.insert(place, node);
        for shape in states {
            self.state(node, *shape, notes);
        }
        let memories: Vec<usize> = (self.sketch.standing_in(place))
            .filter(|at| self.is_memory_of(*at, place, false))
            .collect();
        for shape in memories {
            self.memory(node, shape);
        }
    }

    fn state(&mut self, parent: usize, shape: usize, notes: &mut Notes<'_>) {
        let at = self.sketch.shapes[shape].at;
        let name = self.sketch.name(shape).to_owned();
        let node = self.add(parent, Some(shape), &name, at);
        self.inside(node, shape, notes);
        if self.is_final(shape) || self.sketch.shapes[shape].kind == ShapeKind::End {
            self.tree.nodes[node].kind = StateKind::Final;
        }
    }

    /// Whether a box is an end itself: it leads to the dot of its scope without a word, and does nothing else.
    fn is_final(&self, shape: usize) -> bool {
        let drawn = &self.sketch.shapes[shape];
        let leaving = self
            .leaving
            .get(&shape)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let is_end = |arrow: &Arrow| {
            arrow.to == Tip::Dot
                && arrow.is_bare()
                && arrow.place == drawn.place
                && arrow.origin == Origin::Drawn
        };
        drawn.kind == ShapeKind::State
            && drawn.regions == 0
            && !leaving.is_empty()
            && leaving.iter().all(|at| is_end(&self.sketch.arrows[*at]))
            && !super::states::waits(self.sketch, shape)
    }

    fn is_memory_of(&self, shape: usize, place: Place, all: bool) -> bool {
        let shape = &self.sketch.shapes[shape];
        match shape.kind {
            ShapeKind::History { of_all, .. } => {
                of_all == all && (shape.place == place || all && shape.place.outer == place.outer)
            }
            _ => false,
        }
    }

    /// Memories of a state as a whole. One of a state without an inside is the state itself.
    fn memories(&mut self, node: usize, shape: usize, notes: &mut Notes<'_>) {
        let place = Place {
            outer: shape,
            region: 0,
        };
        let has_inside = !self.tree.nodes[node].children.is_empty();
        for at in 1..self.sketch.shapes.len() {
            let is_ours = self.sketch.shapes[at].place.outer == shape
                && matches!(self.sketch.shapes[at].kind, ShapeKind::History { .. });
            if !is_ours || self.tree.of_shape.contains_key(&at) {
                continue;
            }
            if has_inside && self.is_memory_of(at, place, true) {
                self.memory(node, at);
            } else {
                let message = "nothing is inside that could be remembered";
                notes.loss(self.sketch.shapes[at].at, "history", message);
                self.tree.of_shape.insert(at, node);
            }
        }
    }

    fn memory(&mut self, parent: usize, shape: usize) {
        let drawn = &self.sketch.shapes[shape];
        let node = self.add(parent, Some(shape), &drawn.id, drawn.at);
        if let ShapeKind::History { deep, .. } = drawn.kind {
            self.tree.nodes[node].kind = StateKind::History { deep };
        }
    }

    /// Final states for the dots that are not just the mark of a box.
    fn add_ends(&mut self) {
        for (at, arrow) in self.sketch.arrows.iter().enumerate() {
            if arrow.to != Tip::Dot || self.marks_an_end(at) {
                continue;
            }
            let Some(scope) = self.tree.of_place.get(&arrow.place).copied() else {
                continue;
            };
            // A region that is one box without an inside cannot hold another state.
            let holds = matches!(self.tree.nodes[scope].kind, StateKind::Compound);
            if holds && !self.tree.ends.contains_key(&scope) {
                let end = self.add(scope, None, END, arrow.at);
                self.tree.nodes[end].kind = StateKind::Final;
                self.tree.ends.insert(scope, end);
            }
        }
    }

    /// Whether an arrow to a dot only says that its source is final.
    fn marks_an_end(&self, arrow: usize) -> bool {
        let Tip::Shape(shape) = self.sketch.arrows[arrow].from else {
            return false;
        };
        let node = self.tree.of_shape(shape);
        node.is_some_and(|node| self.tree.nodes[node].kind == StateKind::Final)
    }
}
