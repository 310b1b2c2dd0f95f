//! Scenarios as their authors use them.

mod order;
mod reading;
mod verdicts;
