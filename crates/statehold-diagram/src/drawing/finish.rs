//! From an arrangement to a drawing: everything a layout does not know.

use super::card::{self, Card};
use super::{Anchor, DrawnEdge, DrawnNode, Drawing, MARGIN, Text, labels, regions};
use crate::layout::{Arrangement, Plan, Point, Rect, segments};
use crate::options::Options;
use crate::picture::{NodeId, NodeKind, Picture};
use crate::text::Line;

/// Room between the heading and the picture.
const HEADING_GAP: f64 = 14.0;

/// Room kept between the name of a box and an arrow that enters beside it.
const NAME_GAP: f64 = 7.0;

pub(super) fn finish(
    picture: &Picture,
    options: &Options,
    plan: &Plan,
    mut arrangement: Arrangement,
    cards: Vec<Card>,
    lines: Vec<Vec<Line>>,
) -> Drawing {
    for route in &mut arrangement.links {
        tidy(&mut route.points);
    }
    regions::level(picture, plan, &mut arrangement);
    let (heading, heading_rect) = match options.without_heading {
        true => (Vec::new(), Rect::default()),
        false => card::heading(picture, Point::new(MARGIN, MARGIN)),
    };
    let top = if options.without_heading { MARGIN } else { heading_rect.bottom() + HEADING_GAP };
    let size = settle(&mut arrangement, Point::new(MARGIN, top));
    clip_to_circles(picture, plan, &mut arrangement);
    labels::settle(plan, &mut arrangement);
    let nodes = (cards.iter().enumerate())
        .map(|(at, card)| drawn_node(picture, NodeId(at), card, &arrangement))
        .collect();
    let edges = (lines.into_iter().zip(&arrangement.links))
        .map(|(lines, route)| DrawnEdge {
            points: route.points.clone(),
            label: route.label,
            texts: route.label.map_or_else(Vec::new, |rect| {
                card::set_label(lines, &rect, labels::side(&route.points, &rect))
            }),
        })
        .collect();
    Drawing {
        width: size.x.max(heading_rect.right() + MARGIN).ceil(),
        height: size.y.ceil(),
        heading,
        nodes,
        edges,
    }
}

/// Moves the arrangement so that its left top corner is at `corner`, on whole and half pixels; gives the full size.
fn settle(arrangement: &mut Arrangement, corner: Point) -> Point {
    let mut low = Point::new(f64::MAX, f64::MAX);
    let mut high = Point::new(f64::MIN, f64::MIN);
    each_point(arrangement, &mut |point| {
        low = Point::new(low.x.min(point.x), low.y.min(point.y));
        high = Point::new(high.x.max(point.x), high.y.max(point.y));
    });
    if low.x > high.x {
        return Point::new(corner.x + MARGIN, corner.y + MARGIN);
    }
    each_point(arrangement, &mut |point| {
        point.x = half(point.x - low.x + corner.x);
        point.y = half(point.y - low.y + corner.y);
    });
    Point::new(high.x - low.x + corner.x + MARGIN, high.y - low.y + corner.y + MARGIN)
}

/// To the nearest half pixel: borders of boxes and ends of arrows stay together, and the text of a picture is short.
fn half(value: f64) -> f64 {
    (value * 2.0).round() / 2.0
}

/// Visits every corner and point; a rectangle is rebuilt from its two visited corners.
fn each_point(arrangement: &mut Arrangement, visit: &mut dyn FnMut(&mut Point)) {
    let rect = |rect: &mut Rect, visit: &mut dyn FnMut(&mut Point)| {
        let (mut a, mut b) = (Point::new(rect.x, rect.y), Point::new(rect.right(), rect.bottom()));
        visit(&mut a);
        visit(&mut b);
        *rect = Rect::new(a.x, a.y, b.x - a.x, b.y - a.y);
    };
    for shape in &mut arrangement.boxes {
        rect(shape, visit);
    }
    for route in &mut arrangement.links {
        route.points.iter_mut().for_each(&mut *visit);
        if let Some(label) = &mut route.label {
            rect(label, visit);
        }
    }
}

/// Drops points that say nothing: repeated ones, and those on a straight way.
fn tidy(points: &mut Vec<Point>) {
    const SAME: f64 = 0.01;
    let near = |a: f64, b: f64| (a - b).abs() < SAME;
    let mut kept: Vec<Point> = Vec::with_capacity(points.len());
    for point in points.iter().copied() {
        if kept.last().is_some_and(|last| near(last.x, point.x) && near(last.y, point.y)) {
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

/// Layouts end a link at the square around a circle; moves the end to the circle.
fn clip_to_circles(picture: &Picture, plan: &Plan, arrangement: &mut Arrangement) {
    let is_circle = |at: usize| matches!(picture.nodes[at].kind, NodeKind::Initial | NodeKind::History { .. });
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
        let y = if outside.y < center.y { center.y - reach } else { center.y + reach };
        Point::new(end.x, y)
    } else {
        let reach = reach(end.y - center.y);
        let x = if outside.x < center.x { center.x - reach } else { center.x + reach };
        Point::new(x, end.y)
    }
}

fn drawn_node(picture: &Picture, id: NodeId, card: &Card, arrangement: &Arrangement) -> DrawnNode {
    let rect = arrangement.boxes[id.0];
    let node = picture.node(id);
    let left = if node.kind.is_container() {
        free_left(&rect, card, arrangement)
    } else {
        card::text_left(&rect)
    };
    let (mut texts, divider) = card.set(&rect, left);
    if let NodeKind::History { deep } = node.kind {
        texts = vec![history_mark(&rect, deep)];
    }
    DrawnNode { rect, texts, divider }
}

/// The left border of a box's head texts: as far left as no arrow runs through them.
fn free_left(rect: &Rect, card: &Card, arrangement: &Arrangement) -> f64 {
    let head = Rect::new(rect.x, rect.y, rect.width, card.height);
    let width = card.text_width();
    let mut blocked: Vec<(f64, f64)> = (arrangement.links.iter())
        .flat_map(|route| segments(&route.points))
        .filter(|segment| segment.bounds().grown(0.1).overlaps(&head.grown(-0.2)))
        .map(|segment| (segment.bounds().x - NAME_GAP, segment.bounds().right() + NAME_GAP))
        .collect();
    blocked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let first = card::text_left(rect);
    let mut left = first;
    for (from, to) in blocked {
        if from < left + width && to > left {
            left = to;
        }
    }
    // Where no place is free the text stands on the arrow, on a ground of its own.
    if left + width > rect.right() - NAME_GAP { first } else { half(left) }
}

fn history_mark(rect: &Rect, deep: bool) -> Text {
    let center = rect.center();
    Text {
        at: Point::new(center.x, center.y + 4.0),
        anchor: Anchor::Middle,
        size: 11.0,
        role: super::Role::Name,
        line: Line {
            pieces: vec![crate::text::Piece::new(if deep { "H*" } else { "H" }, crate::text::Tone::Strong)],
        },
    }
}
