-- One row by primary key, and the log row of an event by its unique key; without an event, none.
SELECT
    e.tenant, e.machine, e.id, e.revision, e.chart_version, e.state, e.status, e.context, e.memory,
    e.created_at, e.entered_at, e.updated_at,
    l.seq, l.at, l.event, l.event_id, l.fingerprint, l.actor, l.cause, l.from_state, l.to_state,
    l.transitions, l.patch, l.input, l.result, l.chart_version
FROM statehold.entity e
LEFT JOIN statehold.log l ON l.entity = e.no AND l.event_id = $4
WHERE e.tenant = $1 AND e.machine = $2 AND e.id = $3;
