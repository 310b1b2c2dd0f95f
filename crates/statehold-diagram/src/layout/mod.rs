//! The seam to layout algorithms: a [`Plan`] of sized boxes and links goes in, an [`Arrangement`] of rectangles and
//! routes comes out. A layout knows nothing of machines, text or paint.
//!
//! What every layout must keep: boxes that are not nested do not overlap, a box stands inside its parent below the
//! parent's head, a route begins and ends on the border of its boxes, and the same plan gives the same arrangement,
//! byte for byte. All lengths are in CSS pixels, y grows downwards.

#[cfg(feature = "elk")]
mod elk;
mod geometry;
mod ladder;

#[cfg(feature = "elk")]
pub use elk::Elk;
pub use geometry::{Point, Rect, Segment, segments};
pub use ladder::Ladder;

/// What is to be arranged.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Parents stand before their children.
    pub boxes: Vec<PlanBox>,
    /// Links between the boxes.
    pub links: Vec<PlanLink>,
}

/// A box to be placed.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanBox {
    /// Index of the box around it.
    pub parent: Option<usize>,
    /// Least width.
    pub width: f64,
    /// Least height; for a box with boxes inside, that of its head, which they leave free.
    pub height: f64,
    /// Whether boxes may stand inside; true also for one that happens to be empty.
    pub is_container: bool,
    /// Whether it is a small mark that must keep its size, like a dot.
    pub is_mark: bool,
}

/// A link to be routed.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanLink {
    /// Index of the box where it starts.
    pub from: usize,
    /// Index of the box where it ends.
    pub to: usize,
    /// Width and height of its label.
    pub label: Option<(f64, f64)>,
}

/// Where everything stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Arrangement {
    /// One per box of the plan.
    pub boxes: Vec<Rect>,
    /// One per link of the plan.
    pub links: Vec<Route>,
}

/// The way of a link.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Route {
    /// At least two points, from border to border.
    pub points: Vec<Point>,
    /// Where the label stands; present if the plan asked for one.
    pub label: Option<Rect>,
}

/// A layout algorithm.
pub trait Layout {
    /// Arranges a plan.
    ///
    /// # Errors
    /// The plan is too large for this algorithm, or beyond it.
    fn arrange(&self, plan: &Plan) -> Result<Arrangement, LayoutError>;
}

/// A plan that was not arranged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// Arranging it would take more work than allowed.
    #[error("{boxes} boxes and {links} links are more than this layout arranges")]
    TooLarge {
        /// Boxes of the plan.
        boxes: usize,
        /// Links of the plan.
        links: usize,
    },
    /// The algorithm failed.
    #[error("the layout failed: {0}")]
    Failed(String),
}

impl Plan {
    /// Whether `inner` stands inside `outer`, at any depth.
    #[must_use]
    pub fn is_inside(&self, inner: usize, outer: usize) -> bool {
        let mut next = self.boxes[inner].parent;
        while let Some(at) = next {
            if at == outer {
                return true;
            }
            next = self.boxes[at].parent;
        }
        false
    }
}
