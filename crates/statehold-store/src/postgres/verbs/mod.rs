//! What each verb sends. A verb is one statement, which is one transaction; where a second one follows it only finds out
//! why the first wrote nothing.

pub(super) mod commit;
pub(super) mod effects;
pub(super) mod entities;
mod lists;
pub(super) mod machines;
pub(super) mod timers;
