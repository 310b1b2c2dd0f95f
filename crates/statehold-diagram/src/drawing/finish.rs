//! From an arrangement to a drawing: everything a layout does not know.

use super::card::{self, Card};
use super::{Anchor, Drawing, DrawnEdge, DrawnNode, MARGIN, Role, Text, labels, regions, routes};
use crate::layout::{Arrangement, Plan, Point, Rect, segments};
use crate::options::Options;
use crate::picture::{NodeId, NodeKind, Picture};
use crate::text::{Line, Piece, Tone};

/// Room between the heading and the picture.
const HEADING_GAP: f64 = 14.0;

/// Room kept between the name of a box and an arrow that enters beside it.
const NAME_GAP: f64 = 7.0;

pub(super) fn finish(
    picture: &Picture,
    options: &Options,
    plan: &Plan,
    mut arrangement: Arrangement,
    cards: &[Card],
    lines: Vec<Vec<Line>>,
) -> Drawing {
    for route in &mut arrangement.links {
        routes::tidy(&mut route.points);
    }
    regions::level(picture, plan, &mut arrangement);
    let (heading, heading_rect) = match options.without_heading {
        true => (Vec::new(), Rect::default()),
        false => card::heading(picture, Point::new(MARGIN, MARGIN)),
    };
    let top = if options.without_heading {
        MARGIN
    } else {
        heading_rect.bottom() + HEADING_GAP
    };
    let size = settle(&mut arrangement, Point::new(MARGIN, top));
    routes::straighten(plan, &mut arrangement);
    routes::clip_to_circles(picture, plan, &mut arrangement);
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
    Point::new(
        high.x - low.x + corner.x + MARGIN,
        high.y - low.y + corner.y + MARGIN,
    )
}

/// To the nearest half pixel: borders of boxes and ends of arrows stay together, and the text of a picture is short.
fn half(value: f64) -> f64 {
    (value * 2.0).round() / 2.0
}

/// Visits every corner and point; a rectangle is rebuilt from its two visited corners.
fn each_point(arrangement: &mut Arrangement, visit: &mut dyn FnMut(&mut Point)) {
    let rect = |rect: &mut Rect, visit: &mut dyn FnMut(&mut Point)| {
        let (mut a, mut b) = (
            Point::new(rect.x, rect.y),
            Point::new(rect.right(), rect.bottom()),
        );
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
    DrawnNode {
        rect,
        texts,
        divider,
    }
}

/// The left border of a box's head texts: as far left as no arrow runs through them.
fn free_left(rect: &Rect, card: &Card, arrangement: &Arrangement) -> f64 {
    let head = Rect::new(rect.x, rect.y, rect.width, card.height);
    let width = card.text_width();
    let mut blocked: Vec<(f64, f64)> = (arrangement.links.iter())
        .flat_map(|route| segments(&route.points))
        .filter(|segment| segment.bounds().grown(0.1).overlaps(&head.grown(-0.2)))
        .map(|segment| {
            (
                segment.bounds().x - NAME_GAP,
                segment.bounds().right() + NAME_GAP,
            )
        })
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
    if left + width > rect.right() - NAME_GAP {
        first
    } else {
        half(left)
    }
}

fn history_mark(rect: &Rect, deep: bool) -> Text {
    let center = rect.center();
    Text {
        at: Point::new(center.x, center.y + 4.0),
        anchor: Anchor::Middle,
        size: 11.0,
        role: Role::Name,
        line: Line {
            pieces: vec![Piece::new(if deep { "H*" } else { "H" }, Tone::Strong)],
        },
    }
}
