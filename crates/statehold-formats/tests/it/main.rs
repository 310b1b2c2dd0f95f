//! Integration tests of the foreign formats.

mod hostile;
mod random_chart;
mod round_trips;
mod same;
mod scxml_actions;
mod scxml_documents;
mod sketches;
mod support;
mod xstate;
