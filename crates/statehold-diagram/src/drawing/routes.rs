//! Routes after the layout: no points that say nothing, no small steps, ends on circles.

use crate::layout::{Arrangement, Plan, Point, Rect, Segment, segments};
use crate::picture::{NodeKind, Picture};

/// Widest step that is taken out of a route by moving its end along the border of the box.
const STEP_MAX: f64 = 22.0;

/// Room kept between two parallel routes, and between two ends on one border.
const APART: f64 = 8.0;

/// Room kept between an end and the corner of its box.
const CORNER: f64 = 11.0;

/// Drops points that say nothing: repeated ones, and those on a straight way.
pub(super) fn tidy(points: &mut Vec<Point>) {
    const SAME: f64 = 0.01;
    let near = |a: f64, b: f64| (a - b).abs() < SAME;
    let mut kept: Vec<Point> = Vec::with_capacity(points.len());
    for point in points.iter().copied() {
        if kept
            .last()
            .is_some_and(|last| near(last.x, point.x) && near(last.y, point.y))
        {
            continue;
        }
        if let [.., before, last] = kept[..] {
            let straight_down = near(before.x, last.x) && near(last.x, point.x);
            let straight_across = near(before.y, last.y) && near(last.y, point.y);
            if straight_down || straight_across {
                kept.pop();
            }
        }
        kept.push(point);
    }
    if kept.len() >= 2 {
        *points = kept;
    }
}

/// Layouts align what they can; where a route still steps aside by a few pixels next to a box, its end moves instead.
pub(super) fn straighten(plan: &Plan, arrangement: &mut Arrangement) {
    for at in 0..plan.links.len() {
        straighten_end(plan, arrangement, at, false);
        straighten_end(plan, arrangement, at, true);
    }
}

fn straighten_end(plan: &Plan, arrangement: &mut Arrangement, link: usize, at_start: bool) {
    let points = &arrangement.links[link].points;
    let count = points.len();
    if count < 4 {
        return;
    }
    // From the end inwards.
    let index = |step: usize| if at_start { step } else { count - 1 - step };
    let [end, near, far, inner] = [0, 1, 2, 3].map(|step| points[index(step)]);
    let is_step = end.x == near.x
        && near.y == far.y
        && far.x == inner.x
        && (near.x - far.x).abs() <= STEP_MAX;
    let goes_on = (near.y - end.y).signum() == (inner.y - far.y).signum();
    if !is_step || !goes_on {
        return;
    }
    let owner = if at_start {
        plan.links[link].from
    } else {
        plan.links[link].to
    };
    let moved = Segment {
        from: Point::new(far.x, end.y),
        to: inner,
    };
    if plan.boxes[owner].is_mark
        || !is_on_border(&arrangement.boxes[owner], &moved.from)
        || !is_clear(plan, arrangement, link, &moved)
    {
        return;
    }
    let points = &mut arrangement.links[link].points;
    points[index(0)] = moved.from;
    let (first, second) = (index(1).min(index(2)), index(1).max(index(2)));
    points.drain(first..=second);
}

/// Whether the point is on the top or bottom border of the box, clear of its corners.
fn is_on_border(rect: &Rect, point: &Point) -> bool {
    let is_level = (point.y - rect.y).abs() < 0.1 || (point.y - rect.bottom()).abs() < 0.1;
    is_level && point.x >= rect.x + CORNER && point.x <= rect.right() - CORNER
}

/// Whether a link may run along an upright segment: no other link beside it, no label and no box on it.
fn is_clear(plan: &Plan, arrangement: &Arrangement, link: usize, segment: &Segment) -> bool {
    let lane = segment.bounds().grown(APART);
    let meets_link = arrangement.links.iter().enumerate().any(|(at, route)| {
        let others = segments(&route.points).filter(Segment::is_vertical);
        at != link
            && others
                .into_iter()
                .any(|other| other.bounds().grown(0.1).overlaps(&lane))
    });
    let narrow = segment.bounds().grown(1.0);
    let meets_label = arrangement
        .links
        .iter()
        .filter_map(|route| route.label)
        .any(|label| label.overlaps(&narrow));
    let own = [plan.links[link].from, plan.links[link].to];
    let meets_box = arrangement.boxes.iter().enumerate().any(|(at, rect)| {
        let is_around = own.iter().any(|end| *end == at || plan.is_inside(*end, at));
        !is_around && rect.overlaps(&narrow)
    });
    !meets_link && !meets_label && !meets_box
}

/// Layouts end a link at the square around a circle; moves the end to the circle.
pub(super) fn clip_to_circles(picture: &Picture, plan: &Plan, arrangement: &mut Arrangement) {
    let is_circle = |at: usize| {
        matches!(
            picture.nodes[at].kind,
            NodeKind::Initial | NodeKind::History { .. }
        )
    };
    for (link, route) in plan.links.iter().zip(&mut arrangement.links) {
        if let [first, second, ..] = &mut route.points[..]
            && is_circle(link.from)
        {
            *first = on_circle(&arrangement.boxes[link.from], *first, *second);
        }
        if let [.., second, last] = &mut route.points[..]
            && is_circle(link.to)
        {
            *last = on_circle(&arrangement.boxes[link.to], *last, *second);
        }
    }
}

/// Where an upright line from `outside` to `end` meets the circle in `rect`.
fn on_circle(rect: &Rect, end: Point, outside: Point) -> Point {
    let (center, radius) = (rect.center(), rect.width.min(rect.height) / 2.0);
    let reach = |offset: f64| (radius * radius - offset * offset).max(0.0).sqrt();
    if (end.x - outside.x).abs() < (end.y - outside.y).abs() {
        let reach = reach(end.x - center.x);
        let y = if outside.y < center.y {
            center.y - reach
        } else {
            center.y + reach
        };
        Point::new(end.x, y)
    } else {
        let reach = reach(end.y - center.y);
        let x = if outside.x < center.x {
            center.x - reach
        } else {
            center.x + reach
        };
        Point::new(x, end.y)
    }
}
