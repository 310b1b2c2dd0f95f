//! The built binary from outside: what it prints, where, and how it ends.

mod check;
mod crash;
mod dev;
mod entities;
#[cfg(feature = "postgres")]
mod postgres;
mod readme;
mod serve;
mod shell;
mod step;
mod support;
