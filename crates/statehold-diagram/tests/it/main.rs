//! Pictures of whole charts: where things stand, that every arrow is there, and that text stays text.

mod charts;
mod corpus;
mod edges;
mod exports;
#[cfg(feature = "elk")]
mod gallery;
mod golden;
mod hostile;
mod layout;
mod mermaid_import;
#[cfg(feature = "png")]
mod png;
mod rules;
