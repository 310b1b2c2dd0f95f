//! Regions of a parallel state stand side by side and are equals: gives those of one row the same top and bottom.
//!
//! A region is first lifted to the top of its row with everything inside, then grows; both only where nothing but its
//! own arrows stands in the way.

use crate::layout::{Arrangement, Plan, Point, Rect, Segment, segments};
use crate::picture::{NodeId, NodeKind, Picture};

/// Levels the regions of every parallel state.
pub(super) fn level(picture: &Picture, plan: &Plan, arrangement: &mut Arrangement) {
    // The machine itself may be parallel, so the top is asked too.
    let inner = (picture.nodes.iter().enumerate())
        .filter(|(_, node)| node.kind == NodeKind::Parallel)
        .map(|(at, _)| Some(NodeId(at)));
    for parent in std::iter::once(None).chain(inner) {
        let regions: Vec<usize> = picture
            .children(parent)
            .filter(|child| picture.node(*child).is_region)
            .map(|child| child.0)
            .collect();
        for row in rows(&regions, arrangement) {
            let top = row
                .iter()
                .map(|at| arrangement.boxes[*at].y)
                .fold(f64::MAX, f64::min);
            let bottom = row
                .iter()
                .map(|at| arrangement.boxes[*at].bottom())
                .fold(f64::MIN, f64::max);
            for region in row {
                lift(plan, arrangement, region, top);
                grow(plan, arrangement, region, Side::Top, top);
                grow(plan, arrangement, region, Side::Bottom, bottom);
            }
        }
    }
}

/// Regions that stand beside each other, more or less high.
fn rows(regions: &[usize], arrangement: &Arrangement) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for region in regions {
        let own = arrangement.boxes[*region];
        let others = |row: &Vec<usize>| {
            row.iter()
                .map(|other| arrangement.boxes[*other])
                .collect::<Vec<Rect>>()
        };
        let is_beside = |row: &Vec<usize>| {
            let others = others(row);
            others
                .iter()
                .all(|other| own.x >= other.right() || other.x >= own.right())
                && others
                    .iter()
                    .any(|other| own.y < other.bottom() && other.y < own.bottom())
        };
        match rows.iter_mut().find(|row| is_beside(row)) {
            Some(row) => row.push(*region),
            None => rows.push(vec![*region]),
        }
    }
    rows
}

/// Moves a region up to `top` with everything inside. Arrows that cross its border do so upright, so only the piece
/// that crosses changes its length.
fn lift(plan: &Plan, arrangement: &mut Arrangement, region: usize, top: f64) {
    let old = arrangement.boxes[region];
    let (up, reach) = (old.y - top, old.grown(0.1));
    let band = Rect::new(old.x, top, old.width, up);
    let is_within = |point: &Point| reach.contains(&Rect::new(point.x, point.y, 0.0, 0.0));
    let is_bound = |segment: &Segment| is_within(&segment.from) != is_within(&segment.to);
    let can_follow = |segment: Segment| !is_bound(&segment) || is_upright(&segment);
    let crosses_band = |segment: Segment| {
        let passes = segment.bounds().grown(0.1).overlaps(&band);
        passes
            && (!is_upright(&segment)
                || !is_bound(&segment)
                || segment.from.y.min(segment.to.y) > top)
    };
    let is_free = up > 0.0
        && self::is_free(plan, arrangement, region, &band)
        && (arrangement.links.iter()).all(|route| segments(&route.points).all(can_follow))
        && !(arrangement.links.iter()).any(|route| segments(&route.points).any(crosses_band));
    if !is_free {
        return;
    }
    for at in 0..plan.boxes.len() {
        if at == region || plan.is_inside(at, region) {
            arrangement.boxes[at].y -= up;
        }
    }
    for route in &mut arrangement.links {
        route
            .points
            .iter_mut()
            .filter(|point| is_within(point))
            .for_each(|point| point.y -= up);
        if let Some(label) = route.label.as_mut().filter(|label| reach.contains(label)) {
            label.y -= up;
        }
    }
}

/// Layouts compute in floating point: an upright segment may lean by a hair.
fn is_upright(segment: &Segment) -> bool {
    (segment.from.x - segment.to.x).abs() < 0.1
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Top,
    Bottom,
}

/// Moves one side of a region out to `to`, if that is free; arrows that end there follow.
fn grow(plan: &Plan, arrangement: &mut Arrangement, region: usize, side: Side, to: f64) {
    let old = arrangement.boxes[region];
    let (new, band) = match side {
        Side::Top => (
            Rect::new(old.x, to, old.width, old.bottom() - to),
            Rect::new(old.x, to, old.width, old.y - to),
        ),
        Side::Bottom => (
            Rect::new(old.x, old.y, old.width, to - old.y),
            Rect::new(old.x, old.bottom(), old.width, to - old.bottom()),
        ),
    };
    if band.height <= 0.0 || !is_free(plan, arrangement, region, &band) {
        return;
    }
    let border = if side == Side::Top {
        old.y
    } else {
        old.bottom()
    };
    let mut moved = Vec::new();
    for (at, link) in plan.links.iter().enumerate() {
        let points = &arrangement.links[at].points;
        let last = points.len() - 1;
        for (is_end, end, next) in [
            (link.from == region, 0, 1),
            (link.to == region, last, last - 1),
        ] {
            if !is_end || (points[end].y - border).abs() > 0.01 {
                continue;
            }
            // A link to something inside comes from the other side of the border and stays where it is.
            let is_beyond = if side == Side::Top {
                points[next].y < to
            } else {
                points[next].y > to
            };
            let other = if end == 0 { link.to } else { link.from };
            if !is_beyond || plan.is_inside(other, region) {
                return;
            }
            moved.push((at, end));
        }
    }
    arrangement.boxes[region] = new;
    for (at, end) in moved {
        let x = arrangement.links[at].points[end].x;
        arrangement.links[at].points[end] = Point::new(x, to);
    }
}

/// Whether nothing stands in the band but arrows that end at the region or inside.
fn is_free(plan: &Plan, arrangement: &Arrangement, region: usize, band: &Rect) -> bool {
    let parent = plan.boxes[region].parent;
    let boxes = plan.boxes.iter().enumerate();
    let is_box_there = boxes
        .filter(|(at, shape)| *at != region && shape.parent == parent)
        .any(|(at, _)| arrangement.boxes[at].overlaps(band));
    if is_box_there {
        return false;
    }
    plan.links
        .iter()
        .zip(&arrangement.links)
        .all(|(link, route)| {
            if route.label.is_some_and(|label| label.overlaps(band)) {
                return false;
            }
            let is_own = [link.from, link.to]
                .into_iter()
                .any(|end| end == region || plan.is_inside(end, region));
            is_own
                || !segments(&route.points)
                    .any(|segment| segment.bounds().grown(0.1).overlaps(band))
        })
}
