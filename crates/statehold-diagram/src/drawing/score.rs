//! How hard a drawing is to read, as a number: layouts are tried in several ways, and the easiest one is kept.
//!
//! It is a sum of what costs a reader time, in pixels of way that the eye follows. It never decides what is allowed:
//! that is what the rules of a layout are for.

use super::Drawing;
use crate::layout::{Point, Rect, Segment, segments};
use crate::picture::{NodeKind, Picture};

/// A bend of an arrow.
const BEND: f64 = 35.0;

/// Two arrows that cross.
const CROSSING: f64 = 60.0;

/// An arrow that leads upwards.
const UPWARDS: f64 = 40.0;

/// Area of the whole drawing that costs as much as one pixel of way.
const AREA: f64 = 450.0;

/// Widest drawing that fits a page at its full size; what is beyond it makes all texts smaller.
const PAGE_WIDTH: f64 = 1_100.0;

/// Each pixel beyond the page.
const TOO_WIDE: f64 = 3.0;

/// Each pixel that the beginning of a box lies below its top: there reading starts.
const LATE: f64 = 10.0;

/// A region that stands before one that the file names earlier.
const OUT_OF_ORDER: f64 = 400.0;

/// The cost of a drawing.
pub(super) fn cost(picture: &Picture, drawing: &Drawing) -> f64 {
    let routes: Vec<Vec<Segment>> = drawing
        .edges
        .iter()
        .map(|edge| segments(&edge.points).collect())
        .collect();
    let mut cost = drawing.width * drawing.height / AREA;
    cost += (drawing.width - PAGE_WIDTH).max(0.0) * TOO_WIDE;
    cost += LATE * lateness(picture, drawing) + OUT_OF_ORDER * out_of_order(picture, drawing);
    for (at, route) in routes.iter().enumerate() {
        cost += route.iter().map(length).sum::<f64>();
        cost += BEND * route.len().saturating_sub(1) as f64;
        cost += if leads_up(&drawing.edges[at].points) {
            UPWARDS
        } else {
            0.0
        };
        let crossings: usize = routes[at + 1..]
            .iter()
            .map(|other| crossings(route, other))
            .sum();
        cost += CROSSING * crossings as f64;
    }
    cost
}

/// How far below the topmost box beside them the beginnings and `any state` stand.
fn lateness(picture: &Picture, drawing: &Drawing) -> f64 {
    let is_beginning = |at: &usize| {
        let kind = picture.nodes[*at].kind;
        matches!(kind, NodeKind::Initial | NodeKind::AnyState)
    };
    let late = |at: usize| {
        let beside = picture.children(picture.nodes[at].parent);
        let top = beside
            .map(|other| drawing.nodes[other.0].rect.y)
            .fold(f64::MAX, f64::min);
        drawing.nodes[at].rect.y - top
    };
    (0..picture.nodes.len())
        .filter(is_beginning)
        .map(late)
        .sum()
}

/// How many regions stand before one that the file names earlier.
fn out_of_order(picture: &Picture, drawing: &Drawing) -> f64 {
    let regions: Vec<usize> = (0..picture.nodes.len())
        .filter(|at| picture.nodes[*at].is_region)
        .collect();
    let is_turned = |pair: &&[usize]| {
        let [one, other] = [pair[0], pair[1]];
        let (first, second) = (&drawing.nodes[one].rect, &drawing.nodes[other].rect);
        picture.nodes[one].parent == picture.nodes[other].parent
            && (second.right() <= first.x || second.bottom() <= first.y)
    };
    regions.windows(2).filter(is_turned).count() as f64
}

fn length(segment: &Segment) -> f64 {
    (segment.from.x - segment.to.x).abs() + (segment.from.y - segment.to.y).abs()
}

fn leads_up(points: &[Point]) -> bool {
    matches!(points, [first, .., last] if last.y < first.y)
}

fn crossings(one: &[Segment], other: &[Segment]) -> usize {
    let meets = |a: &Segment| other.iter().filter(|b| cross(a, b)).count();
    one.iter().map(meets).sum()
}

/// Whether an upright and a level segment pass through each other.
fn cross(a: &Segment, b: &Segment) -> bool {
    let (upright, level) = match (a.is_vertical(), b.is_vertical()) {
        (true, false) => (a.bounds(), b.bounds()),
        (false, true) => (b.bounds(), a.bounds()),
        _ => return false,
    };
    let inner = |rect: &Rect, x: f64, y: f64| {
        x > rect.x && x < rect.right() && y > upright.y && y < upright.bottom()
    };
    inner(&level, upright.x, level.y)
}
