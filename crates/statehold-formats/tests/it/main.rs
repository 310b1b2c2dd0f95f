//! Integration tests of the foreign formats: one binary, one module per subject.

mod asl;
mod corpus;
mod exports;
mod hostile;
mod hostile_text;
mod import_scxml;
mod import_xstate;
mod mermaid;
mod plantuml;
mod random_chart;
mod round_trips;
mod same;
mod scxml_actions;
mod scxml_documents;
mod sketches;
mod support;
mod symfony;
mod xstate;
