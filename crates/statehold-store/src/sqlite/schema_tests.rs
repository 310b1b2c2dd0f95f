//! The schema and the queries against a real, fresh database.
