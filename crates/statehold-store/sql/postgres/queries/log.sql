-- A range of the primary key, in its order.
SELECT
    $1::text, $2::text, $3::text, seq, at, event, event_id, fingerprint, actor, cause, from_state, to_state,
    transitions, patch, input, result, chart_version
FROM statehold.log
WHERE entity = (SELECT no FROM statehold.entity WHERE tenant = $1 AND machine = $2 AND id = $3)
  AND seq >= $4
ORDER BY seq
LIMIT $5;
