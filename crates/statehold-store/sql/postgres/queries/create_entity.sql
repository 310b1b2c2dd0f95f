-- A creation without effects and timers, in one round trip. Of two at once the second waits, finds the row and writes
-- nothing.
WITH created AS (
    INSERT INTO statehold.entity (
        tenant, machine, id, revision, chart_version, state, status, context, memory, created_at, entered_at, updated_at
    ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (tenant, machine, id) DO NOTHING
    RETURNING no
)
INSERT INTO statehold.log (
    entity, seq, at, event, event_id, fingerprint, actor, cause, from_state, to_state,
    transitions, patch, input, result, chart_version
)
SELECT no, $4, $13, $14, $15, $16, $17, $18, $19, $6, $20, $21, $22, $23, $24
FROM created
RETURNING 1::bigint;
