//! On which side of its arrow a label stands.

use super::Anchor;
use crate::layout::{Point, Rect, Segment, segments};

/// Which side of a label its arrow runs along: text is set flush with it.
pub(super) fn side(points: &[Point], label: &Rect) -> Anchor {
    let center = label.center();
    let beside = segments(points)
        .filter(Segment::is_vertical)
        .filter(|segment| segment.bounds().y <= center.y && segment.bounds().bottom() >= center.y)
        .map(|segment| segment.from.x)
        .min_by(|a, b| (a - center.x).abs().total_cmp(&(b - center.x).abs()));
    match beside {
        Some(x) if x >= label.right() => Anchor::End,
        Some(x) if x > label.x => Anchor::Middle,
        // Beside it or, where the arrow runs across, below.
        _ => Anchor::Start,
    }
}
