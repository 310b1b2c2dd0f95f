//! Links from a box to itself.
//!
//! The engine draws several of them inside each other and strikes out their labels. Here they stand below each other on
//! the right of their box; the engine only keeps the room free, as a margin of the box.

use std::collections::BTreeMap;

use merman_elk_layered::{LGraph, LLabel, LPoint};

use crate::layout::{Plan, Point, Rect, Route};

/// How far a loop reaches out, and how high it is.
const LOOP: (f64, f64) = (26.0, 15.0);

/// Between a loop and its label, and between two loops.
const GAP: f64 = 6.0;

/// Room kept beyond the labels.
const MARGIN: f64 = 8.0;

/// The loops of a plan.
#[derive(Debug, Default)]
pub(super) struct Loops {
    by_link: BTreeMap<usize, Place>,
    /// By box: size of what stands at its side.
    by_box: BTreeMap<usize, (f64, f64)>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    shape: usize,
    /// From the top of the box to the middle of the loop.
    middle: f64,
    label: Option<(f64, f64)>,
}

impl Loops {
    /// The loops that stand here: those of boxes with a side to stand at. The engine leads a link around a box with
    /// boxes inside, and does it well.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut loops = Self::default();
        for (at, link) in plan.links.iter().enumerate() {
            let shape = &plan.boxes[link.from];
            if link.from != link.to || shape.is_container || shape.is_mark {
                continue;
            }
            let (width, height) = link.label.unwrap_or_default();
            let side = loops.by_box.entry(link.from).or_insert((0.0, GAP));
            let slot = height.max(LOOP.1) + 1.5 * GAP;
            loops.by_link.insert(
                at,
                Place {
                    shape: link.from,
                    middle: side.1 + slot / 2.0,
                    label: link.label,
                },
            );
            side.0 = side.0.max(LOOP.0 + GAP + width + MARGIN);
            side.1 += slot;
        }
        loops
    }

    /// Whether a link is one of them.
    pub(super) fn has(&self, link: usize) -> bool {
        self.by_link.contains_key(&link)
    }

    /// Height a box needs for its loops.
    pub(super) fn height(&self, shape: usize) -> f64 {
        self.by_box
            .get(&shape)
            .map_or(0.0, |(_, height)| height + GAP)
    }

    /// Keeps room at the side of each box, by a label of the box that is never drawn.
    pub(super) fn reserve(&self, graph: &mut LGraph) {
        let mut open = vec![graph];
        while let Some(graph) = open.pop() {
            for node in &mut graph.layerless_nodes {
                let side = node
                    .id
                    .parse()
                    .ok()
                    .and_then(|at: usize| self.by_box.get(&at));
                if let Some((width, height)) = side {
                    let mut label = LLabel::new("", *width, *height);
                    label.position = LPoint {
                        x: node.size.width,
                        y: 0.0,
                    };
                    node.labels.push(label);
                }
                open.extend(node.nested_graph.as_deref_mut());
            }
        }
    }

    /// The way of a link that is one of them.
    pub(super) fn route(&self, link: usize, boxes: &[Rect]) -> Option<Route> {
        let place = self.by_link.get(&link)?;
        let rect = boxes.get(place.shape)?;
        let needed = self.height(place.shape);
        let middle = rect.y + place.middle + (rect.height - needed).max(0.0) / 2.0;
        let (top, bottom, reach) = (
            middle - LOOP.1 / 2.0,
            middle + LOOP.1 / 2.0,
            rect.right() + LOOP.0,
        );
        Some(Route {
            points: vec![
                Point::new(rect.right(), top),
                Point::new(reach, top),
                Point::new(reach, bottom),
                Point::new(rect.right(), bottom),
            ],
            label: place.label.map(|(width, height)| {
                Rect::new(reach + GAP, middle - height / 2.0, width, height)
            }),
        })
    }
}
