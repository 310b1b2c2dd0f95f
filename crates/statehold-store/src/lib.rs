//! Durable storage: the [`Store`] trait, its rows, and the stores that implement it.
//!
//! Each verb of [`Store`] is one whole transaction: it happened completely or not at all.
//! Rows are this crate's own types; JSON columns are text that the engine wrote and the engine reads,
//! so that the store never needs to understand a chart.
//!
//! [`SqliteStore`] is the durable store of one node, `PostgresStore` (feature `postgres`) the one that many nodes share,
//! [`MemoryStore`] the reference for tests. The feature `suite` adds the rules that all keep, for any crate that brings a
//! store of its own.
//!
//! What this crate does not know: charts, guards, HTTP, the clock (time is always an argument),
//! and who is allowed to do what. Only this crate contains SQL.

mod error;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
mod request;
mod rows;
mod sqlite;
#[cfg(feature = "suite")]
pub mod suite;
mod verbs;

pub use error::{StoreError, Unfit};
pub use memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use postgres::{DatabaseTime, PostgresConfig, PostgresStats, PostgresStore};
pub use rows::*;
pub use sqlite::{SqliteConfig, SqliteLocation, SqliteStats, SqliteStore};
pub use verbs::Store;
