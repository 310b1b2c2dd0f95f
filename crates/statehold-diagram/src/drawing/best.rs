//! Which layout a picture gets: the one whose drawing is easiest to read.

use super::{Drawing, plain};
#[cfg(feature = "elk")]
use super::{draw, score};
#[cfg(feature = "elk")]
use crate::layout::Elk;
use crate::options::Options;
use crate::picture::Picture;

/// Largest picture that is laid out in more than one style, in nodes and edges together: beyond it one is slow enough.
#[cfg(feature = "elk")]
const STYLES_ITEMS_MAX: usize = 250;

/// Places everything in the best way known; what a layout cannot do, or was not compiled in, the plain one does.
#[must_use]
pub fn best(picture: &Picture, options: &Options) -> Drawing {
    #[cfg(feature = "elk")]
    if let Some(drawing) = layered(picture, options) {
        return drawing;
    }
    plain(picture, options)
}

#[cfg(feature = "elk")]
fn layered(picture: &Picture, options: &Options) -> Option<Drawing> {
    let items = picture.nodes.len() + picture.edges.len();
    let count = if items > STYLES_ITEMS_MAX {
        1
    } else {
        Elk::STYLES.len()
    };
    let drawn = |style: &Elk| draw(picture, options, style).ok();
    let drawings = Elk::STYLES.iter().take(count).filter_map(drawn);
    let rated = drawings.map(|drawing| (score::cost(picture, &drawing), drawing));
    rated
        .min_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, drawing)| drawing)
}
