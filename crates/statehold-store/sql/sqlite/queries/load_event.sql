-- The log row of an event, by its unique key.
SELECT
    tenant, machine, id, seq, at, event, event_id, fingerprint, actor, cause, from_state, to_state,
    transitions, patch, input, result, chart_version
FROM log
WHERE tenant = :tenant AND machine = :machine AND id = :id AND event_id = :event_id;
