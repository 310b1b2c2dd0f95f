//! The SQL of the store, as text. Each statement is a file of its own under `sql/postgres/queries`, named by its verb.

use std::sync::LazyLock;

/// Declares each query as a constant and lists them all, so that a test can prepare every one.
macro_rules! queries {
    ($($name:ident = $file:literal,)*) => {
        $(pub(super) const $name: &str =
            include_str!(concat!("../../sql/postgres/queries/", $file, ".sql"));)*

        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[$(($file, $name)),*];
    };
}

queries! {
    CLAIM_EFFECTS = "claim_effects",
    COMMIT = "commit",
    COMMIT_WHY = "commit_why",
    CREATE_ENTITY = "create_entity",
    DISCARD_DEAD = "discard_dead",
    DROP_TIMER = "drop_timer",
    DUE_TIMERS = "due_timers",
    EFFECT = "effect",
    EFFECTS = "effects",
    EFFECTS_DEAD = "effects_dead",
    EFFECTS_OF_ENTITY = "effects_of_entity",
    EFFECT_ATTEMPTS = "effect_attempts",
    EFFECT_STATUS = "effect_status",
    ENTITIES = "entities",
    ENTITIES_IN_STATE = "entities_in_state",
    HEARTBEAT = "heartbeat",
    LOAD = "load",
    LOG = "log",
    MACHINE_VERSIONS = "machine_versions",
    MOVE_ENTITY = "move_entity",
    NEWEST_MIGRATION = "newest_migration",
    NEXT_DUE = "next_due",
    NOW = "now",
    OPERATOR_ACTS = "operator_acts",
    POSTPONE_TIMER = "postpone_timer",
    PUBLISH = "publish",
    PUBLISHED_HASH = "published_hash",
    REFUSALS = "refusals",
    REFUSE = "refuse",
    RELEASE = "release",
    RETRY_DEAD = "retry_dead",
    RIGHTS = "rights",
    SCHEMA_THERE = "schema_there",
    SERVER_SETTINGS = "server_settings",
    SETTLE = "settle",
    TIMERS = "timers",
    TOUCH_ENTITY = "touch_entity",
}

/// [`COMMIT`] for a commit that is tried alone: it waits for rows that somebody else holds.
pub(super) static COMMIT_WAITING: LazyLock<String> =
    LazyLock::new(|| COMMIT.replace(" SKIP LOCKED\n", "\n"));
