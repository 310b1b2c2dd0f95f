//! Integration tests of the core: one binary, one module per subject.

mod configuration;
mod errors_pages;
mod expr;
mod expr_bombs;
mod expr_charts;
mod expr_check;
mod expr_fuzz;
mod expr_golden;
mod expr_oracle;
mod expr_template;
mod golden;
mod hostile;
mod interpreter_charts;
mod interpreter_effects;
mod interpreter_errors;
mod interpreter_history;
mod interpreter_order;
mod interpreter_parallel;
mod interpreter_random;
mod interpreter_refusals;
mod interpreter_support;
mod interpreter_timers;
mod json_door;
mod load;
mod schema;
