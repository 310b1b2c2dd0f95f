//! Places of labels: on which side of its arrow a label stands.

use super::Anchor;
use crate::layout::{Arrangement, Plan, Point, Rect, segments};

/// Moves labels that stand in the way of something to a free place.
pub(super) fn settle(_plan: &Plan, _arrangement: &mut Arrangement) {}

/// Which side of a label its arrow runs along: text is set flush with it.
pub(super) fn side(points: &[Point], label: &Rect) -> Anchor {
    let center = label.center();
    let beside = segments(points)
        .filter(|segment| segment.is_vertical())
        .filter(|segment| segment.bounds().y <= center.y && segment.bounds().bottom() >= center.y)
        .map(|segment| segment.from.x)
        .min_by(|a, b| (a - center.x).abs().total_cmp(&(b - center.x).abs()));
    match beside {
        Some(x) if x <= label.x => Anchor::Start,
        Some(x) if x >= label.right() => Anchor::End,
        _ => Anchor::Middle,
    }
}
