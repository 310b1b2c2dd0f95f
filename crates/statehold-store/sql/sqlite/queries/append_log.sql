-- The position is given by SQLite: one more than the highest.
INSERT INTO log (
    tenant, machine, id, seq, at, event, event_id, fingerprint, actor, cause, from_state, to_state,
    transitions, patch, input, result, chart_version
) VALUES (
    :tenant, :machine, :id, :seq, :at, :event, :event_id, :fingerprint, :actor, :cause, :from_state, :to_state,
    :transitions, :patch, :input, :result, :chart_version
);
