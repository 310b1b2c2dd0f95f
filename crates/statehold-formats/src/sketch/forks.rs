//! Bars. Into regions that are drawn, a fork is an arrow with several targets and a join is the end of the state around
//! the regions. Where no regions are drawn, a fork and the join in which all its ways meet make a parallel state of
//! their own; that is possible only if they nest well: nothing else leads into the ways, and nothing out of them.

use std::collections::{BTreeSet, HashMap};

use super::joins::{end_at, exit_of, join_regions};
use super::{Arrow, Origin, Place, ShapeKind, Sketch, Tip};
use crate::notes::Notes;

/// Most bars that are looked at; a diagram with more is no drawing any more.
const BARS_MAX: usize = 64;

/// Makes states and arrows of all bars, or refuses them.
pub(super) fn settle(sketch: &mut Sketch, notes: &mut Notes<'_>) {
    let bars = |sketch: &Sketch, kind: ShapeKind| -> Vec<usize> {
        let is_kind = |at: &usize| sketch.shapes[*at].kind == kind;
        (1..sketch.shapes.len()).filter(is_kind).collect()
    };
    let forks = bars(sketch, ShapeKind::Fork);
    let joins = bars(sketch, ShapeKind::Join);
    if let Some(bar) = forks.iter().chain(&joins).nth(BARS_MAX) {
        let message = format!("more than {BARS_MAX} forks and joins");
        notes.refuse(sketch.shapes[*bar].at, message);
        return;
    }
    let mut left: Vec<(usize, String)> = Vec::new();
    let mut open = forks;
    // Inner forks become states first, then those around them.
    loop {
        left.clear();
        let before = open.len();
        open.retain(|fork| match fork_of(sketch, *fork) {
            Ok(()) => false,
            Err(problem) => {
                left.push((*fork, problem));
                true
            }
        });
        if open.is_empty() || open.len() == before {
            break;
        }
    }
    for join in joins {
        if sketch.shapes[join].kind == ShapeKind::Join
            && left.is_empty()
            && let Err(problem) = join_regions(sketch, join)
        {
            left.push((join, problem));
        }
    }
    for (bar, problem) in left {
        notes.refuse(sketch.shapes[bar].at, problem);
    }
}

/// Makes something of one fork, or says why that is not possible (yet).
fn fork_of(sketch: &mut Sketch, fork: usize) -> Result<(), String> {
    let id = sketch.shapes[fork].id.clone();
    let ways: Vec<&Arrow> = sketch.leaving(fork).collect();
    if ways.iter().any(|way| !way.is_bare()) {
        return Err(format!(
            "an arrow out of fork `{id}` has words; all its ways are taken at once"
        ));
    }
    let targets: Option<Vec<usize>> = (ways.iter())
        .map(|way| match way.to {
            Tip::Shape(target) => Some(target),
            Tip::Dot => None,
        })
        .collect();
    let targets = targets.ok_or_else(|| format!("a way out of fork `{id}` ends at once"))?;
    if targets.is_empty() {
        return Err(format!("nothing leads out of fork `{id}`"));
    }
    if targets.len() == 1 || regions_of(sketch, &targets).is_some() {
        divide(sketch, fork, &targets);
        return Ok(());
    }
    enclose(sketch, fork, &id, &targets)
}

/// The state whose regions hold these shapes, each another one, with the region of each.
pub(super) fn regions_of(sketch: &Sketch, shapes: &[usize]) -> Option<(usize, Vec<usize>)> {
    let first = sketch.shapes[*shapes.first()?].place;
    for place in sketch
        .around(first)
        .filter(|place| sketch.shapes[place.outer].regions > 1)
    {
        let regions: Option<Vec<usize>> = (shapes.iter())
            .map(|shape| {
                let mut around = sketch.around(sketch.shapes[*shape].place);
                around
                    .find(|other| other.outer == place.outer)
                    .map(|other| other.region)
            })
            .collect();
        let Some(regions) = regions else { continue };
        let different: BTreeSet<usize> = regions.iter().copied().collect();
        if different.len() == regions.len() {
            return Some((place.outer, regions));
        }
    }
    None
}

/// Every arrow into the fork becomes one to all its targets.
fn divide(sketch: &mut Sketch, fork: usize, targets: &[usize]) {
    sketch.arrows.retain(|arrow| arrow.from != Tip::Shape(fork));
    for arrow in &mut sketch.arrows {
        if arrow.to == Tip::Shape(fork) {
            arrow.to = Tip::Shape(targets[0]);
            arrow.also = targets[1..].to_vec();
        }
    }
    sketch.shapes[fork].kind = ShapeKind::Gone;
}

/// What is reached from one way out of a fork.
struct Way {
    /// Shapes of the fork's scope.
    shapes: BTreeSet<usize>,
    joins: BTreeSet<usize>,
}

/// Makes a parallel state of the fork and everything up to its join.
fn enclose(sketch: &mut Sketch, fork: usize, id: &str, targets: &[usize]) -> Result<(), String> {
    let scope = sketch.shapes[fork].place;
    let ends = Ends::of(sketch, scope);
    let ways: Vec<Way> = (targets.iter())
        .map(|target| follow(sketch, &ends, fork, id, *target))
        .collect::<Result<_, _>>()?;
    let joins: BTreeSet<usize> = ways
        .iter()
        .flat_map(|way| way.joins.iter().copied())
        .collect();
    let join = match (joins.len(), joins.first()) {
        (1, Some(join)) if ways.iter().all(|way| !way.joins.is_empty()) => *join,
        _ => {
            return Err(format!(
                "the ways out of fork `{id}` do not meet in one join"
            ));
        }
    };
    check_apart(sketch, &ends, fork, id, &ways, join)?;
    let exit = exit_of(sketch, join)?;
    sketch.shapes[fork].kind = ShapeKind::State;
    sketch.shapes[fork].regions = ways.len();
    sketch.arrows[exit].from = Tip::Shape(fork);
    sketch.arrows[exit].origin = Origin::Completion;
    sketch
        .arrows
        .retain(|arrow| arrow.from != Tip::Shape(fork) || arrow.origin == Origin::Completion);
    for (region, (way, target)) in ways.iter().zip(targets).enumerate() {
        let place = Place {
            outer: fork,
            region,
        };
        for shape in &way.shapes {
            sketch.shapes[*shape].place = place;
        }
        let at = sketch.shapes[*target].at;
        sketch.arrows.push(Arrow {
            at,
            from: Tip::Dot,
            to: Tip::Shape(*target),
            also: Vec::new(),
            label: Vec::new(),
            place,
            origin: Origin::Drawn,
        });
    }
    end_at(sketch, join, fork);
    Ok(())
}

/// Both ends of every arrow, as shapes of one scope.
struct Ends {
    scope: Place,
    from: HashMap<usize, Vec<usize>>,
    /// For each arrow: the shapes of the scope around its ends.
    all: Vec<(Option<usize>, Option<usize>)>,
}

impl Ends {
    fn of(sketch: &Sketch, scope: Place) -> Self {
        let end = |tip: Tip| match tip {
            Tip::Shape(shape) => standing_at(sketch, shape, scope),
            Tip::Dot => None,
        };
        let all: Vec<_> = (sketch.arrows.iter())
            .map(|arrow| (end(arrow.from), end(arrow.to)))
            .collect();
        let mut from: HashMap<usize, Vec<usize>> = HashMap::new();
        for (arrow, (source, _)) in all.iter().enumerate() {
            if let Some(source) = source {
                from.entry(*source).or_default().push(arrow);
            }
        }
        Self { scope, from, all }
    }
}

/// The shape of a scope that a shape is, or stands in.
fn standing_at(sketch: &Sketch, shape: usize, scope: Place) -> Option<usize> {
    let mut at = shape;
    while sketch.shapes[at].place != scope {
        at = sketch.shapes[at].place.outer;
        if at == super::DIAGRAM {
            return None;
        }
    }
    Some(at)
}

fn follow(
    sketch: &Sketch,
    ends: &Ends,
    fork: usize,
    id: &str,
    target: usize,
) -> Result<Way, String> {
    let mut way = Way {
        shapes: BTreeSet::new(),
        joins: BTreeSet::new(),
    };
    let leaves = || format!("a way out of fork `{id}` leads elsewhere before it comes to a join");
    let first = standing_at(sketch, target, ends.scope).ok_or_else(leaves)?;
    let mut work = vec![first];
    while let Some(shape) = work.pop() {
        if shape == fork {
            return Err(leaves());
        }
        match sketch.shapes[shape].kind {
            ShapeKind::Join => {
                way.joins.insert(shape);
                continue;
            }
            ShapeKind::Fork => {
                return Err(format!(
                    "fork `{id}` leads to a fork that does not nest well"
                ));
            }
            _ => {}
        }
        if !way.shapes.insert(shape) {
            continue;
        }
        for arrow in ends.from.get(&shape).into_iter().flatten() {
            let drawn = &sketch.arrows[*arrow];
            if drawn.to == Tip::Dot {
                if drawn.place == ends.scope {
                    return Err(leaves());
                }
                continue;
            }
            work.push(ends.all[*arrow].1.ok_or_else(leaves)?);
        }
    }
    Ok(way)
}

/// The ways share nothing, and nothing but the fork leads into them.
fn check_apart(
    sketch: &Sketch,
    ends: &Ends,
    fork: usize,
    id: &str,
    ways: &[Way],
    join: usize,
) -> Result<(), String> {
    let mut way_of: HashMap<usize, usize> = HashMap::new();
    for (number, way) in ways.iter().enumerate() {
        for shape in &way.shapes {
            if way_of.insert(*shape, number).is_some() {
                let name = &sketch.shapes[*shape].id;
                return Err(format!("two ways out of fork `{id}` share `{name}`"));
            }
        }
    }
    for (arrow, (from, to)) in sketch.arrows.iter().zip(&ends.all) {
        let from_way = from.and_then(|from| way_of.get(&from));
        let to_way = to.and_then(|to| way_of.get(&to));
        // A dot of a scope further inside only says where that begins.
        let is_inner = arrow.from == Tip::Dot && arrow.place != ends.scope;
        let is_fork = arrow.from == Tip::Shape(fork) || is_inner;
        if to_way.is_some() && from_way != to_way && !is_fork {
            return Err(format!(
                "an arrow leads past fork `{id}` into one of its ways"
            ));
        }
        if *to == Some(join) && from_way.is_none() {
            let name = &sketch.shapes[join].id;
            return Err(format!(
                "an arrow leads into join `{name}` past fork `{id}`"
            ));
        }
    }
    Ok(())
}
