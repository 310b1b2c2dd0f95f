//! Integration tests of the foreign formats.

mod handlers;
mod hostile;
mod mermaid_round_trip;
mod random_chart;
mod round_trips;
mod same;
mod scxml_actions;
mod scxml_documents;
mod sketches;
mod support;
mod xstate;
