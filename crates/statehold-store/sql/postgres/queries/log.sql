-- A range of the primary key.
SELECT
    e.tenant, e.machine, e.id, l.seq, l.at, l.event, l.event_id, l.fingerprint, l.actor, l.cause, l.from_state,
    l.to_state, l.transitions, l.patch, l.input, l.result, l.chart_version
FROM statehold.entity e
JOIN statehold.log l ON l.entity = e.no
WHERE e.tenant = $1 AND e.machine = $2 AND e.id = $3 AND l.seq >= $4
ORDER BY l.seq
LIMIT $5;
