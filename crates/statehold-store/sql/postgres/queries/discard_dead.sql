WITH discarded AS (
    UPDATE statehold.effect
    SET status = 'discarded',
        settled_at = $3
    WHERE tenant = $1 AND id = $2 AND status = 'dead'
    RETURNING *
),
audited AS (
    INSERT INTO statehold.operator_act (effect, verb, at, actor, reason)
    SELECT id, 'discard', $3, $4, $5
    FROM discarded
)
SELECT
    f.id, e.tenant, e.machine, e.id AS entity_id, f.seq, f.path, f.name, f.kind, f.request, f.key, f.invoke_state,
    f.invoke_entry, f.status, f.due, NULL::timestamptz AS lease_until, f.epoch, f.claims, f.attempts, f.generation,
    f.last_error, f.reply, f.created_at, f.settled_at
FROM discarded f
JOIN statehold.entity e ON e.no = f.entity;
