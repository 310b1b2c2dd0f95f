//! [`Sketch`]: a state diagram as it is drawn, before anybody asks what an entity would do: boxes, the dots `[*]`,
//! arrows with words. Mermaid and PlantUML both are read into it, and [`chart`] makes a draft of it.
//!
//! Ids are one name for one box in the whole diagram, as in both tools. A box stands where it is declared; one that is
//! only mentioned stands in the innermost scope that mentions it. A sketch is a tree: no box stands inside itself.

mod build;
mod decide;
mod effects;
mod forks;
mod joins;
mod label;
mod marks;
mod moves;
mod starts;
mod states;
mod tree;

pub(crate) use build::Builder;

use statehold_core::source::MAX_TEXT_BYTES;

use crate::draft::{Draft, finish, slug};
use crate::notes::Notes;
use crate::{FormatError, ImportOptions, Imported, Problem};

/// Most boxes that are read: no chart has more states.
const SHAPES_MAX: usize = 1_000;

/// Most arrows that are read: no chart has more transitions.
const ARROWS_MAX: usize = 10_000;

/// The shape that stands for the diagram itself.
pub(crate) const DIAGRAM: usize = 0;

/// A diagram.
#[derive(Debug)]
pub(crate) struct Sketch {
    pub(crate) title: Option<String>,
    pub(crate) description: Vec<String>,
    /// In order of first mention, [`DIAGRAM`] first.
    pub(crate) shapes: Vec<Shape>,
    pub(crate) arrows: Vec<Arrow>,
    /// Whether the first line of text in a box is its name for people, as in Mermaid.
    pub(crate) first_text_is_label: bool,
}

/// A box or a mark.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) id: String,
    pub(crate) at: usize,
    pub(crate) kind: ShapeKind,
    pub(crate) place: Place,
    /// What is written in it instead of its id.
    pub(crate) alias: Option<String>,
    /// Lines of text inside, with their places.
    pub(crate) texts: Vec<(usize, String)>,
    /// Lines of notes about it, with their places.
    pub(crate) notes: Vec<(usize, String)>,
    /// How many regions it has inside; none if it has no inside.
    pub(crate) regions: usize,
    /// Its regions are all active, also if there is only one.
    is_parallel: bool,
    /// It was declared, not only mentioned.
    is_declared: bool,
    /// Where it was mentioned in a scope beside its own.
    elsewhere: Option<usize>,
}

/// What a shape is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShapeKind {
    /// A state, with or without an inside.
    State,
    /// Left at once, by the first branch whose condition holds.
    Choice,
    /// A bar at which one way becomes several.
    Fork,
    /// A bar at which several ways become one.
    Join,
    /// A memory of the scope it stands in, or of the whole state around it.
    History {
        /// Remembers leaves.
        deep: bool,
        /// It belongs to the state around it, not to one of its regions.
        of_all: bool,
    },
    /// A dot of its own from which a scope begins.
    Start,
    /// A state in which its scope ends.
    End,
    /// Stands for every state.
    AnyState,
    /// Was made part of something else.
    Gone,
}

/// A scope: a region of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) outer: usize,
    pub(crate) region: usize,
}

/// An end of an arrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tip {
    Shape(usize),
    /// `[*]` of the scope in which the arrow is written.
    Dot,
}

/// An arrow.
#[derive(Debug, Clone)]
pub(crate) struct Arrow {
    pub(crate) at: usize,
    pub(crate) from: Tip,
    pub(crate) to: Tip,
    /// Further targets, in other regions than the first.
    pub(crate) also: Vec<usize>,
    /// Lines of its words.
    pub(crate) label: Vec<String>,
    /// Where it is written.
    pub(crate) place: Place,
    /// What the end of the source means to it.
    pub(crate) origin: Origin,
}

/// Where an arrow comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It is drawn like this.
    Drawn,
    /// It led out of a join: it is taken when all regions of its source are done.
    Completion,
    /// It led into a join: without words it is an event of this name.
    Named(String),
}

impl Sketch {
    /// Whether a shape is one of an export of our own: its id says nothing, its alias is its name.
    fn is_own(&self, shape: usize) -> bool {
        let shape = &self.shapes[shape];
        let digits = shape.id.strip_prefix('s').unwrap_or_default();
        shape.alias.is_some() && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    }

    /// What a shape is called, for its name here and in messages.
    fn name(&self, shape: usize) -> &str {
        match &self.shapes[shape] {
            Shape {
                alias: Some(alias), ..
            } if self.is_own(shape) => alias,
            shape => &shape.id,
        }
    }

    /// Whether a scope lies inside another one, or is it.
    fn is_within(&self, inner: Place, outer: Place) -> bool {
        self.around(inner).any(|place| place == outer)
    }

    /// The scope itself and those around it, from the inside out.
    fn around(&self, place: Place) -> impl Iterator<Item = Place> {
        std::iter::successors(Some(place), |place| {
            (place.outer != DIAGRAM).then(|| self.shapes[place.outer].place)
        })
    }

    /// Arrows that start at a shape.
    fn leaving(&self, shape: usize) -> impl Iterator<Item = &Arrow> {
        (self.arrows.iter()).filter(move |arrow| arrow.from == Tip::Shape(shape))
    }

    /// Shapes that stand directly in a scope.
    fn standing_in(&self, place: Place) -> impl Iterator<Item = usize> {
        (1..self.shapes.len()).filter(move |at| {
            let shape = &self.shapes[*at];
            shape.place == place && shape.kind != ShapeKind::Gone
        })
    }
}

impl Arrow {
    /// Whether nothing is written at it.
    fn is_bare(&self) -> bool {
        self.label.iter().all(|line| line.trim().is_empty())
    }
}

/// Refuses a text that is too long to be looked at.
///
/// # Errors
/// The text has more bytes than any chart.
pub(crate) fn check_size(text: &str) -> Result<(), FormatError> {
    if text.len() <= MAX_TEXT_BYTES {
        return Ok(());
    }
    let message = format!(
        "the text has {} bytes, more than {MAX_TEXT_BYTES}",
        text.len()
    );
    Err(FormatError::one(Problem::at(text, 0, message)))
}

/// Makes a chart of a diagram.
///
/// # Errors
/// What was refused while reading it, or cannot become a chart.
pub(crate) fn chart(
    mut sketch: Sketch,
    mut notes: Notes<'_>,
    options: &ImportOptions,
) -> Result<Imported, FormatError> {
    if !notes.is_refused() {
        marks::settle(&mut sketch, &mut notes);
        forks::settle(&mut sketch, &mut notes);
    }
    let mut draft = head(&sketch);
    if !notes.is_refused() {
        let tree = tree::Tree::of(&sketch, &mut notes);
        states::fill(&sketch, &tree, &mut draft, &mut notes);
    }
    finish(draft, notes, options)
}

/// The draft with what the title says. Our own exports write `LABEL (NAME version N)` or `NAME version N`.
fn head(sketch: &Sketch) -> Draft {
    let title = sketch.title.as_deref().map_or("", str::trim);
    let (label, rest) = match title
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once(" ("))
    {
        Some((label, rest)) => (Some(label), rest),
        None => (None, title),
    };
    let own = rest.rsplit_once(" version ").and_then(|(name, version)| {
        let version: u32 = version.parse().ok().filter(|version| *version > 0)?;
        (slug(name, "") == name).then_some((name, version))
    });
    let mut draft = match own {
        Some((name, version)) => {
            let mut draft = Draft::new(name);
            draft.version = version;
            draft.label = label.map(str::to_owned);
            draft
        }
        None if title.is_empty() => Draft::new("diagram"),
        None => Draft::new(title),
    };
    if !sketch.description.is_empty() {
        draft.description = Some(sketch.description.join("\n"));
    }
    draft
}
