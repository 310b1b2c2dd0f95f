//! What each verb does inside a transaction that somebody else opened and will commit.
//!
//! A verb looks before its first write, so that an answer such as "conflict" wrote nothing. It may be run again from
//! the start after a rollback, so it must not change what it was given.

pub(super) mod commit;
pub(super) mod effects;
pub(super) mod entities;
pub(super) mod machines;
pub(super) mod timers;
