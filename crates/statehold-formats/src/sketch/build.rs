//! Building a sketch line by line: which box an id means, and in which scope it stands.

use std::collections::HashMap;

use super::{ARROWS_MAX, Arrow, DIAGRAM, Origin, Place, SHAPES_MAX, Shape, ShapeKind, Sketch, Tip};
use crate::NESTING_MAX;
use crate::notes::Notes;

/// A sketch that grows, and the scopes that are open.
pub(crate) struct Builder<'n, 't> {
    pub(crate) notes: &'n mut Notes<'t>,
    sketch: Sketch,
    ids: HashMap<String, usize>,
    /// Open scopes with where they were opened, the diagram's own first.
    open: Vec<(Place, usize)>,
    is_stopped: bool,
}

impl<'n, 't> Builder<'n, 't> {
    /// An empty diagram.
    pub(crate) fn new(notes: &'n mut Notes<'t>, first_text_is_label: bool) -> Self {
        let place = Place {
            outer: DIAGRAM,
            region: 0,
        };
        let mut diagram = shape("", 0, place);
        diagram.regions = 1;
        Self {
            notes,
            sketch: Sketch {
                title: None,
                description: Vec::new(),
                shapes: vec![diagram],
                arrows: Vec::new(),
                first_text_is_label,
            },
            ids: HashMap::new(),
            open: vec![(place, 0)],
            is_stopped: false,
        }
    }

    /// Whether reading on is of no use.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// Refuses the diagram as a whole.
    pub(crate) fn stop(&mut self, at: usize, message: impl Into<String>) {
        self.notes.refuse(at, message);
        self.is_stopped = true;
    }

    /// The scope that lines stand in now.
    pub(crate) fn here(&self) -> Place {
        self.open.last().map_or(
            Place {
                outer: DIAGRAM,
                region: 0,
            },
            |(place, _)| *place,
        )
    }

    /// Keeps the name of the diagram; the last one counts.
    pub(crate) fn title(&mut self, title: String) {
        self.sketch.title = Some(title);
    }

    /// Adds words about the whole diagram.
    pub(crate) fn describe(&mut self, line: String) {
        if !line.trim().is_empty() {
            self.sketch.description.push(line);
        }
    }

    /// The box with this id, wherever it stands.
    pub(crate) fn mention(&mut self, id: &str, at: usize) -> Option<usize> {
        let here = self.here();
        let Some(known) = self.ids.get(id).copied() else {
            return self.add(id, at, here);
        };
        let place = self.sketch.shapes[known].place;
        let is_declared = self.sketch.shapes[known].is_declared;
        if !is_declared && place != here {
            if self.sketch.is_within(here, place) {
                self.sketch.shapes[known].place = here;
            } else if !self.sketch.is_within(place, here) {
                self.sketch.shapes[known].elsewhere.get_or_insert(at);
            }
        }
        Some(known)
    }

    /// The box with this id, which stands here.
    pub(crate) fn declare(&mut self, id: &str, at: usize) -> Option<usize> {
        let here = self.here();
        let Some(known) = self.ids.get(id).copied() else {
            let added = self.add(id, at, here)?;
            self.sketch.shapes[added].is_declared = true;
            return Some(added);
        };
        let shape = &mut self.sketch.shapes[known];
        if shape.is_declared && shape.place != here {
            let message =
                format!("`{id}` is declared in two places, and an id is one box; give it two ids");
            self.notes.refuse(at, message);
            return None;
        }
        shape.place = here;
        shape.is_declared = true;
        shape.elsewhere = None;
        Some(known)
    }

    /// Goes inside a box.
    pub(crate) fn open(&mut self, id: &str, at: usize) -> Option<usize> {
        if self.open.len() > NESTING_MAX {
            self.stop(at, format!("nested deeper than {NESTING_MAX} levels"));
            return None;
        }
        let shape = self.declare(id, at)?;
        let regions = &mut self.sketch.shapes[shape].regions;
        *regions = (*regions).max(1);
        let region = *regions - 1;
        self.open.push((
            Place {
                outer: shape,
                region,
            },
            at,
        ));
        Some(shape)
    }

    /// Ends the inside of a box.
    pub(crate) fn close(&mut self, at: usize) {
        if self.open.len() == 1 {
            self.notes.refuse(at, "`}` closes nothing");
        } else {
            self.open.pop();
        }
    }

    /// Begins the next region of the box that is open.
    pub(crate) fn region(&mut self) {
        let here = self.here();
        let regions = &mut self.sketch.shapes[here.outer].regions;
        *regions += 1;
        let region = *regions - 1;
        if let Some((place, _)) = self.open.last_mut() {
            place.region = region;
        }
    }

    /// The memory of the scope that is open, or of the box with an id.
    pub(crate) fn history(&mut self, owner: Option<&str>, deep: bool, at: usize) -> Option<usize> {
        let place = match owner {
            Some(owner) => Place {
                outer: self.mention(owner, at)?,
                region: 0,
            },
            None => self.here(),
        };
        let Place { outer, region } = place;
        // No id of a document has a blank.
        let id = format!("{outer} {region} {} {deep}", owner.is_some());
        if let Some(known) = self.ids.get(&id) {
            return Some(*known);
        }
        let added = self.add(&id, at, place)?;
        let shape = &mut self.sketch.shapes[added];
        let name = if deep { "deep_history" } else { "history" };
        name.clone_into(&mut shape.id);
        let of_all = owner.is_some();
        shape.kind = ShapeKind::History { deep, of_all };
        shape.is_declared = true;
        Some(added)
    }

    fn add(&mut self, id: &str, at: usize, place: Place) -> Option<usize> {
        if self.sketch.shapes.len() > SHAPES_MAX {
            self.stop(at, format!("a chart has at most {SHAPES_MAX} states"));
            return None;
        }
        let added = self.sketch.shapes.len();
        self.sketch.shapes.push(shape(id, at, place));
        self.ids.insert(id.to_owned(), added);
        Some(added)
    }

    /// A box that is there.
    pub(crate) fn shape(&mut self, shape: usize) -> &mut Shape {
        &mut self.sketch.shapes[shape]
    }

    /// Draws an arrow in the scope that is open.
    pub(crate) fn arrow(&mut self, from: Tip, to: Tip, label: Vec<String>, at: usize) {
        if self.sketch.arrows.len() >= ARROWS_MAX {
            self.stop(at, format!("a chart has at most {ARROWS_MAX} transitions"));
            return;
        }
        let place = self.here();
        self.sketch.arrows.push(Arrow {
            at,
            from,
            to,
            also: Vec::new(),
            label,
            place,
            origin: Origin::Drawn,
        });
    }

    /// The diagram, if nothing is left open and every box has one place.
    pub(crate) fn finish(mut self) -> Sketch {
        let mut left: Vec<(usize, String)> = Vec::new();
        if !self.is_stopped {
            left.extend(
                (self.open.drain(1..)).map(|(_, at)| (at, "`{` is never closed".to_owned())),
            );
            for shape in self.sketch.shapes.iter().filter(|shape| !shape.is_declared) {
                if let Some(at) = shape.elsewhere {
                    let id = &shape.id;
                    let message = format!(
                        "`{id}` stands in several scopes, and an id is one box; give it an id in each, or declare it where it belongs"
                    );
                    left.push((at, message));
                }
            }
        }
        for (at, message) in left {
            self.notes.refuse(at, message);
        }
        self.sketch
    }
}

fn shape(id: &str, at: usize, place: Place) -> Shape {
    Shape {
        id: id.to_owned(),
        at,
        kind: ShapeKind::State,
        place,
        alias: None,
        texts: Vec::new(),
        notes: Vec::new(),
        regions: 0,
        is_parallel: false,
        is_declared: false,
        elsewhere: None,
    }
}
