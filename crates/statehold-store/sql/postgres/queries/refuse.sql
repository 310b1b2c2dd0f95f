INSERT INTO statehold.refusal (
    tenant, machine, id, at, event, event_id, actor, outcome, blockers, input, state, revision
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
RETURNING 1::bigint;
