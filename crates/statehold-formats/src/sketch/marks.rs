//! Boxes that are not states: dots of their own, memories, `any state`, and the box that our exports put around the
//! regions of a parallel machine.

use std::collections::HashSet;

use super::{DIAGRAM, Place, ShapeKind, Sketch, Tip};
use crate::notes::Notes;

/// Gives every mark its kind.
pub(super) fn settle(sketch: &mut Sketch, notes: &mut Notes<'_>) {
    dots(sketch, notes);
    any_state(sketch);
    boxes_of_regions(sketch);
    memories(sketch);
    parallel_machine(sketch);
}

/// A box with the stereotype `start` is the dot of its scope; one with `end` that is left again is a state.
fn dots(sketch: &mut Sketch, notes: &mut Notes<'_>) {
    for at in 1..sketch.shapes.len() {
        match sketch.shapes[at].kind {
            ShapeKind::Start => {
                let place = sketch.shapes[at].place;
                for arrow in &mut sketch.arrows {
                    if arrow.to == Tip::Shape(at) {
                        notes.refuse(
                            arrow.at,
                            "nothing leads to the dot from which a scope begins",
                        );
                    }
                    if arrow.from == Tip::Shape(at) {
                        arrow.from = Tip::Dot;
                        arrow.place = place;
                    }
                }
                sketch.shapes[at].kind = ShapeKind::Gone;
            }
            ShapeKind::End if sketch.leaving(at).next().is_some() => {
                let message = "it is left again, so it is a state and not an end";
                notes.loss(sketch.shapes[at].at, "end", message);
                sketch.shapes[at].kind = ShapeKind::State;
            }
            _ => {}
        }
    }
}

fn any_state(sketch: &mut Sketch) {
    for at in 1..sketch.shapes.len() {
        let is_outside = sketch.shapes[at].place.outer == DIAGRAM;
        let shape = &mut sketch.shapes[at];
        if is_outside && shape.regions == 0 && shape.alias.as_deref() == Some("any state") {
            shape.kind = ShapeKind::AnyState;
        }
    }
}

/// In our own exports a state begins at a dot unless it is parallel; then all boxes inside are regions, also where no
/// line is drawn between them.
fn boxes_of_regions(sketch: &mut Sketch) {
    let begins: HashSet<usize> = (sketch.arrows.iter())
        .filter(|arrow| arrow.from == Tip::Dot)
        .map(|arrow| arrow.place.outer)
        .collect();
    for outer in 1..sketch.shapes.len() {
        let shape = &sketch.shapes[outer];
        let is_machine = shape.id == "machine" && shape.alias.is_some();
        if shape.regions == 0 || begins.contains(&outer) || !(is_machine || sketch.is_own(outer)) {
            continue;
        }
        let place = Place { outer, region: 0 };
        let inside: Vec<usize> = match shape.regions {
            1 => sketch
                .standing_in(place)
                .filter(|at| sketch.shapes[*at].kind == ShapeKind::State)
                .collect(),
            _ => Vec::new(),
        };
        sketch.shapes[outer].is_parallel = true;
        for (region, at) in inside.iter().enumerate() {
            sketch.shapes[*at].place = Place { outer, region };
            sketch.shapes[outer].regions = region + 1;
        }
        for at in 0..sketch.arrows.len() {
            if sketch.arrows[at].place == place
                && let Tip::Shape(from) = sketch.arrows[at].from
                && inside.contains(&from)
            {
                sketch.arrows[at].place = sketch.shapes[from].place;
            }
        }
    }
}

/// In our own exports a memory is a box called `H` or `H*`; that of a parallel state stands beside it and names it.
fn memories(sketch: &mut Sketch) {
    for at in 1..sketch.shapes.len() {
        let shape = &sketch.shapes[at];
        let is_plain = matches!(shape.kind, ShapeKind::State | ShapeKind::History { .. });
        if !is_plain || shape.regions > 0 || !sketch.is_own(at) {
            continue;
        }
        let alias = shape.alias.as_deref().unwrap_or_default();
        let (symbol, owner) = match alias.split_once(' ') {
            Some((symbol, owner)) => (symbol, Some(owner)),
            None => (alias, None),
        };
        let deep = match symbol {
            "H" => false,
            "H*" => true,
            _ => continue,
        };
        let owner = match owner {
            Some(owner) => match parallel_named(sketch, owner, sketch.shapes[at].place) {
                Some(owner) => Some(owner),
                None => continue,
            },
            None => None,
        };
        let shape = &mut sketch.shapes[at];
        let of_all = owner.is_some();
        shape.kind = ShapeKind::History { deep, of_all };
        shape.alias = None;
        let name = if deep { "deep_history" } else { "history" };
        name.clone_into(&mut shape.id);
        if let Some(outer) = owner {
            shape.place = Place { outer, region: 0 };
        }
    }
}

/// The only parallel state of this name in a scope.
fn parallel_named(sketch: &Sketch, name: &str, scope: Place) -> Option<usize> {
    let mut found = (1..sketch.shapes.len()).filter(|at| {
        let shape = &sketch.shapes[*at];
        shape.is_parallel && sketch.name(*at) == name && sketch.is_within(shape.place, scope)
    });
    let first = found.next();
    first.filter(|_| found.next().is_none())
}

/// A machine that is parallel itself has no box in a chart.
fn parallel_machine(sketch: &mut Sketch) {
    let top = Place {
        outer: DIAGRAM,
        region: 0,
    };
    let machine = sketch.standing_in(top).find(|at| {
        let shape = &sketch.shapes[*at];
        shape.id == "machine" && shape.alias.is_some() && shape.is_parallel
    });
    let Some(machine) = machine.filter(|_| sketch.shapes[DIAGRAM].regions == 1) else {
        return;
    };
    let is_mark = |at: usize| {
        matches!(
            sketch.shapes[at].kind,
            ShapeKind::AnyState | ShapeKind::Fork | ShapeKind::History { .. }
        )
    };
    let is_alone = sketch
        .standing_in(top)
        .all(|at| at == machine || is_mark(at));
    let is_touched = sketch.arrows.iter().any(|arrow| {
        let dots = arrow.from == Tip::Dot || arrow.to == Tip::Dot;
        let machine = Tip::Shape(machine);
        arrow.from == machine || arrow.to == machine || (dots && arrow.place == top)
    });
    if !is_alone || is_touched {
        return;
    }
    for shape in &mut sketch.shapes {
        if shape.place == top
            && let ShapeKind::History { of_all, .. } = &mut shape.kind
        {
            *of_all = true;
        }
        if shape.place.outer == machine {
            shape.place.outer = DIAGRAM;
        }
    }
    for arrow in &mut sketch.arrows {
        if arrow.place.outer == machine {
            arrow.place.outer = DIAGRAM;
        }
    }
    sketch.shapes[DIAGRAM].regions = sketch.shapes[machine].regions;
    sketch.shapes[DIAGRAM].is_parallel = true;
    sketch.shapes[DIAGRAM].texts = std::mem::take(&mut sketch.shapes[machine].texts);
    sketch.shapes[machine].kind = ShapeKind::Gone;
}
