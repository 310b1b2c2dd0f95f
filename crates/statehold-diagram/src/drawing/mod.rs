//! [`Drawing`]: a picture with a place for everything, still without paint.
//!
//! It is made in three moves: measure the texts, let a [`Layout`] arrange the boxes, finish what layouts do not know
//! (circles, regions, headings, free places for labels). Writers of graphics only walk over it.

mod best;
mod card;
mod finish;
mod labels;
mod regions;
mod routes;
#[cfg(feature = "elk")]
mod score;

use crate::layout::{
    Arrangement, Ladder, Layout, LayoutError, Plan, PlanBox, PlanLink, Point, Rect,
};
use crate::options::Options;
use crate::picture::{NodeId, NodeKind, Picture};
use crate::text::Line;

pub use best::best;
use card::Card;

/// Room around the whole drawing.
const MARGIN: f64 = 20.0;

/// Diameter of an initial dot.
const DOT: f64 = 12.0;

/// Diameter of a history circle.
const HISTORY: f64 = 26.0;

/// Size of the bar where arrows divide.
const FORK: (f64, f64) = (52.0, 6.0);

/// A picture with a place for everything.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// Width of all of it.
    pub width: f64,
    /// Height of all of it.
    pub height: f64,
    /// Name and version of the machine.
    pub heading: Vec<Text>,
    /// One per node of the picture.
    pub nodes: Vec<DrawnNode>,
    /// One per edge of the picture.
    pub edges: Vec<DrawnEdge>,
}

/// A placed node.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnNode {
    /// Its border.
    pub rect: Rect,
    /// Its texts.
    pub texts: Vec<Text>,
    /// Height of the line between the name and what happens inside.
    pub divider: Option<f64>,
}

/// A placed edge.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnEdge {
    /// From border to border.
    pub points: Vec<Point>,
    /// The rectangle of its label.
    pub label: Option<Rect>,
    /// The lines of its label.
    pub texts: Vec<Text>,
}

/// One placed line of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// Where it is anchored, on its base line.
    pub at: Point,
    /// Which part of it stands there.
    pub anchor: Anchor,
    /// Font size.
    pub size: f64,
    /// What it is.
    pub role: Role,
    /// Its words.
    pub line: Line,
}

/// Which part of a text its point names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The name of a state or machine.
    Name,
    /// Words for people.
    Note,
    /// How many entities stand here.
    Count,
    /// Something that happens inside: index into the node's list.
    Inside(usize),
    /// Words of an arrow.
    Label,
}

/// Places everything.
///
/// # Errors
/// Those of the layout.
pub fn draw(
    picture: &Picture,
    options: &Options,
    layout: &dyn Layout,
) -> Result<Drawing, LayoutError> {
    place(picture, options, |plan| layout.arrange(plan))
}

/// Places everything in the one way that always works.
#[must_use]
pub fn plain(picture: &Picture, options: &Options) -> Drawing {
    place(picture, options, |plan| {
        Ok::<_, std::convert::Infallible>(Ladder::arrange_any(plan))
    })
    .unwrap_or_else(|never| match never {})
}

fn place<E>(
    picture: &Picture,
    options: &Options,
    arrange: impl FnOnce(&Plan) -> Result<Arrangement, E>,
) -> Result<Drawing, E> {
    let cards: Vec<Card> = (0..picture.nodes.len())
        .map(|at| card::of(picture, NodeId(at), options))
        .collect();
    let labels: Vec<Vec<Line>> = picture
        .edges
        .iter()
        .map(|edge| card::label(&edge.label))
        .collect();
    let plan = plan(picture, &cards, &labels);
    let arrangement = arrange(&plan)?;
    Ok(finish::finish(
        picture,
        options,
        &plan,
        arrangement,
        &cards,
        labels,
    ))
}

fn plan(picture: &Picture, cards: &[Card], labels: &[Vec<Line>]) -> Plan {
    let boxes = picture.nodes.iter().zip(cards).map(|(node, card)| {
        let (width, height) = match node.kind {
            NodeKind::Initial => (DOT, DOT),
            NodeKind::History { .. } => (HISTORY, HISTORY),
            NodeKind::Fork => FORK,
            _ => (card.width, card.height),
        };
        PlanBox {
            parent: node.parent.map(|parent| parent.0),
            width,
            height,
            is_container: node.kind.is_container(),
            is_mark: matches!(
                node.kind,
                NodeKind::Initial | NodeKind::History { .. } | NodeKind::Fork
            ),
        }
    });
    let links = picture
        .edges
        .iter()
        .zip(labels)
        .map(|(edge, label)| PlanLink {
            from: edge.from.0,
            to: edge.to.0,
            label: card::label_size(label),
        });
    Plan {
        boxes: boxes.collect(),
        links: links.collect(),
    }
}
