//! Integration tests of the foreign formats: one binary, one module per subject.

mod hostile;
mod scxml_actions;
mod scxml_documents;
mod support;
mod xstate;
