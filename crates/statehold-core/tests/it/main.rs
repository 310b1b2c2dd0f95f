//! Integration tests of the core: one binary, one module per subject.

mod golden;
mod hostile;
mod json_door;
mod load;
