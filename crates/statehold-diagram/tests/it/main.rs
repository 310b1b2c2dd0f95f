//! Pictures of whole charts: where things stand, and that text stays text.

mod charts;
#[cfg(feature = "elk")]
mod layout;
mod rules;
