//! The line of an arrow with rounded corners, and its head.

use std::fmt::Write as _;

use super::markup::number;
use crate::layout::Point;

/// Radius of a corner.
const CORNER: f64 = 7.0;

/// Length and half the width of a head.
const HEAD: (f64, f64) = (8.5, 3.8);

/// The way of the line. A line with a head ends inside the head, so that its tip stays sharp.
pub(super) fn line(points: &[Point], has_head: bool) -> String {
    let mut points = points.to_vec();
    if has_head && let [.., before, last] = &mut points[..] {
        let length = distance(*before, *last);
        let back = (HEAD.0 * 0.7).min(length * 0.9);
        *last = towards(*last, *before, back);
    }
    let mut path = String::new();
    for (at, point) in points.iter().enumerate() {
        if at == 0 {
            let _ = write!(path, "M{} {}", number(point.x), number(point.y));
        } else if let Some(next) = points.get(at + 1) {
            let radius = CORNER
                .min(distance(points[at - 1], *point) / 2.0)
                .min(distance(*point, *next) / 2.0);
            let (start, end) = (
                towards(*point, points[at - 1], radius),
                towards(*point, *next, radius),
            );
            let _ = write!(
                path,
                "L{} {}Q{} {} {} {}",
                number(start.x),
                number(start.y),
                number(point.x),
                number(point.y),
                number(end.x),
                number(end.y)
            );
        } else {
            let _ = write!(path, "L{} {}", number(point.x), number(point.y));
        }
    }
    path
}

/// The head at the end of a line.
pub(super) fn head(points: &[Point]) -> Option<String> {
    let [.., before, tip] = points else {
        return None;
    };
    let length = distance(*before, *tip);
    if length == 0.0 {
        return None;
    }
    let (dx, dy) = ((tip.x - before.x) / length, (tip.y - before.y) / length);
    let base = Point::new(tip.x - dx * HEAD.0, tip.y - dy * HEAD.0);
    let (side_x, side_y) = (-dy * HEAD.1, dx * HEAD.1);
    Some(format!(
        "M{} {}L{} {}L{} {}Z",
        number(tip.x),
        number(tip.y),
        number(base.x + side_x),
        number(base.y + side_y),
        number(base.x - side_x),
        number(base.y - side_y)
    ))
}

fn distance(a: Point, b: Point) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// The point `by` away from `from` on the way to `to`.
fn towards(from: Point, to: Point, by: f64) -> Point {
    let length = distance(from, to);
    if length == 0.0 {
        return from;
    }
    Point::new(
        from.x + (to.x - from.x) * by / length,
        from.y + (to.y - from.y) * by / length,
    )
}
