//! Joins: the arrows into them end the regions of the state around, and the arrow out of them leaves it.

use super::forks::regions_of;
use super::{Origin, ShapeKind, Sketch, Tip};

/// The one arrow out of a join.
pub(super) fn exit_of(sketch: &Sketch, join: usize) -> Result<usize, String> {
    let id = &sketch.shapes[join].id;
    let mut exits =
        (0..sketch.arrows.len()).filter(|at| sketch.arrows[*at].from == Tip::Shape(join));
    match (exits.next(), exits.next()) {
        (Some(exit), None) => Ok(exit),
        _ => Err(format!("join `{id}` needs one way out")),
    }
}

/// Arrows into the join end their regions of the state that is complete then.
pub(super) fn end_at(sketch: &mut Sketch, join: usize, whole: usize) {
    for at in 0..sketch.arrows.len() {
        let Tip::Shape(from) = sketch.arrows[at].from else {
            continue;
        };
        if sketch.arrows[at].to != Tip::Shape(join) {
            continue;
        }
        let region = (sketch.around(sketch.shapes[from].place)).find(|place| place.outer == whole);
        let name = sketch.name(from).to_owned();
        let arrow = &mut sketch.arrows[at];
        arrow.to = Tip::Dot;
        if let Some(region) = region {
            arrow.place = region;
        }
        if arrow.origin == Origin::Drawn {
            arrow.origin = Origin::Named(format!("{name}_done"));
        }
    }
    sketch.shapes[join].kind = ShapeKind::Gone;
}

/// A join of regions that are drawn.
pub(super) fn join_regions(sketch: &mut Sketch, join: usize) -> Result<(), String> {
    let id = sketch.shapes[join].id.clone();
    let sources: Option<Vec<usize>> = (sketch.arrows.iter())
        .filter(|arrow| arrow.to == Tip::Shape(join))
        .map(|arrow| match arrow.from {
            Tip::Shape(from) => Some(from),
            Tip::Dot => None,
        })
        .collect();
    let sources = sources.unwrap_or_default();
    let apart = format!("join `{id}` does not bring together all regions of one state");
    let (whole, regions) = regions_of(sketch, &sources).ok_or_else(|| apart.clone())?;
    if regions.len() != sketch.shapes[whole].regions || whole == super::DIAGRAM {
        return Err(apart);
    }
    let exit = exit_of(sketch, join)?;
    sketch.arrows[exit].from = Tip::Shape(whole);
    sketch.arrows[exit].origin = Origin::Completion;
    end_at(sketch, join, whole);
    Ok(())
}
