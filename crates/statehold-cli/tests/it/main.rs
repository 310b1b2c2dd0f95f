//! The built binary from outside: what it prints, where, and how it ends.

mod check;
mod crash;
mod dev;
mod diagram;
mod entities;
mod import;
#[cfg(feature = "postgres")]
mod postgres;
mod readme;
mod scenarios;
mod serve;
mod shell;
mod simulate;
mod step;
mod support;
