//! The SQL of the store, as text. Each statement is a file of its own under `sql/sqlite/queries`, named by its verb.

/// Declares each query as a constant and lists them all, so that a test can prepare every one.
macro_rules! queries {
    ($($name:ident = $file:literal,)*) => {
        $(pub(super) const $name: &str =
            include_str!(concat!("../../sql/sqlite/queries/", $file, ".sql"));)*

        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[$(($file, $name)),*];
    };
}

queries! {
    ADD_EFFECT = "add_effect",
    APPEND_LOG = "append_log",
    CANCEL_INVOKES = "cancel_invokes",
    CANCEL_TIMERS = "cancel_timers",
    CLAIM_EFFECTS = "claim_effects",
    COMMIT_EFFECT = "commit_effect",
    COMMIT_HEAD = "commit_head",
    COMMIT_TIMER = "commit_timer",
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
    FOREIGN_TABLES = "foreign_tables",
    HEARTBEAT = "heartbeat",
    LOAD_ENTITY = "load_entity",
    LOAD_EVENT = "load_event",
    LOG = "log",
    MACHINE_VERSIONS = "machine_versions",
    MOVE_ENTITY = "move_entity",
    NEWEST_MIGRATION = "newest_migration",
    NEXT_DUE = "next_due",
    OPERATOR_ACTS = "operator_acts",
    POSTPONE_TIMER = "postpone_timer",
    PUBLISH = "publish",
    PUBLISHED_HASH = "published_hash",
    RECORD_ATTEMPT = "record_attempt",
    RECORD_OPERATOR_ACT = "record_operator_act",
    REFUSALS = "refusals",
    REFUSE = "refuse",
    RELEASE = "release",
    RETRY_DEAD = "retry_dead",
    SETTLE_END = "settle_end",
    SETTLE_RETRY = "settle_retry",
    SET_TIMER = "set_timer",
    TIMERS = "timers",
}
