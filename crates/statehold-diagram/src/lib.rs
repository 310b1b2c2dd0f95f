//! Pictures of machines: SVG for people, and text for Mermaid, Graphviz and PlantUML.
//!
//! A machine becomes a [`Picture`] (what is shown), a picture becomes a [`Drawing`] (where it stands), a drawing
//! becomes SVG; the text formats are written from the picture alone, because they bring their own layout. The same
//! machine and options give the same bytes, always.
//!
//! What this crate does not know: files, networks, clocks, fonts (widths are estimated), and what an entity is. It
//! never changes a machine. Everything it shows comes from a chart and is treated as hostile text.

pub mod drawing;
mod export;
pub mod layout;
mod options;
pub mod picture;
#[cfg(feature = "png")]
mod png;
mod svg;
pub mod text;

use statehold_core::machine::Definition;

pub use drawing::{Drawing, draw};
pub use export::Exported;
pub use options::{Coverage, Highlight, Options, Theme};
pub use picture::{Picture, picture};
#[cfg(feature = "png")]
pub use png::{PIXELS_MAX, PngError, png};

use layout::{Layout, LayoutError};

/// The picture of a machine as an SVG document.
#[must_use]
pub fn svg(definition: &Definition, options: &Options) -> String {
    let picture = picture(definition);
    svg::write(&picture, &drawing::best(&picture, options), options)
}

/// As [`svg`], with a layout of the caller's choice.
///
/// # Errors
/// Those of the layout.
pub fn svg_with(
    definition: &Definition,
    options: &Options,
    layout: &dyn Layout,
) -> Result<String, LayoutError> {
    let picture = picture(definition);
    let drawing = draw(&picture, options, layout)?;
    Ok(svg::write(&picture, &drawing, options))
}

/// The picture of a machine for Mermaid (`stateDiagram-v2`).
#[must_use]
pub fn mermaid(definition: &Definition) -> Exported {
    export::mermaid(&picture(definition))
}

/// The picture of a machine for Graphviz.
#[must_use]
pub fn dot(definition: &Definition) -> Exported {
    export::dot(&picture(definition))
}

/// The picture of a machine for PlantUML.
#[must_use]
pub fn plantuml(definition: &Definition) -> Exported {
    export::plantuml(&picture(definition))
}
