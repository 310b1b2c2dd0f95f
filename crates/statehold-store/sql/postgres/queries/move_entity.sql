-- A step that asks for no effects and timers and takes none away, in one round trip. Whoever holds the row is waited for;
-- then the conditions are looked at again on what it wrote. The caller finds out why nothing was written.
WITH moved AS (
    UPDATE statehold.entity e
    SET revision = $4,
        chart_version = $5,
        state = $6,
        status = $7,
        context = $8,
        memory = $9,
        entered_at = $10,
        updated_at = $11
    WHERE e.tenant = $1 AND e.machine = $2 AND e.id = $3
      AND e.revision = $4 - 1 AND e.state = $18
      AND NOT EXISTS (SELECT FROM statehold.log l WHERE l.entity = e.no AND l.event_id = $14)
    RETURNING e.no
)
INSERT INTO statehold.log (
    entity, seq, at, event, event_id, fingerprint, actor, cause, from_state, to_state,
    transitions, patch, input, result, chart_version
)
SELECT no, $4, $12, $13, $14, $15, $16, $17, $18, $6, $19, $20, $21, $22, $23
FROM moved
RETURNING 1::bigint;
