-- A range of the unique key (tenant, machine, id, seq).
SELECT
    tenant, machine, id, seq, at, event, event_id, fingerprint, actor, cause, from_state, to_state,
    transitions, patch, input, result, chart_version
FROM log
WHERE tenant = :tenant AND machine = :machine AND id = :id AND seq >= :from_seq
ORDER BY seq
LIMIT :limit;
