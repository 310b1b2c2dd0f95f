//! Pictures as text for other tools: Mermaid, Graphviz, PlantUML.
//!
//! Ids are made here (`s0`, `s1`, ...); names of a chart appear in labels only, escaped by each format so that they stay
//! labels. Syntax is ASCII. What a format cannot show is said in [`Exported::losses`].

mod dot;
mod mermaid;
mod outline;
mod plantuml;

pub(crate) use dot::dot;
pub(crate) use mermaid::mermaid;
pub(crate) use plantuml::plantuml;

/// A picture as text for another tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The text.
    pub text: String,
    /// What the text does not show, in sentences.
    pub losses: Vec<String>,
}
