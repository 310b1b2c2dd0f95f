-- The key stays, so the peer can still tell a repeat. The epoch stays raised, so old workers stay shut out.
-- A step that leaves the invoking state at this moment comes before or after, not in between: commit.sql sees to it.
WITH revived AS (
    UPDATE statehold.effect
    SET status = 'open',
        settled_at = NULL
    WHERE tenant = $1 AND id = $2 AND status = 'dead'
    RETURNING *
),
queued AS (
    INSERT INTO statehold.outbox (id, due, epoch, generation, tries, last_error)
    SELECT id, $3, epoch, generation + 1, tries, last_error
    FROM revived
),
audited AS (
    INSERT INTO statehold.operator_act (effect, verb, at, actor, reason)
    SELECT id, 'retry', $3, $4, $5
    FROM revived
)
SELECT
    f.id, e.tenant, e.machine, e.id AS entity_id, f.seq, f.path, f.name, f.kind, f.request, f.key, f.invoke_state,
    f.invoke_entry, 'ready', $3, NULL::timestamptz AS lease_until, f.epoch, 0::bigint AS claims, 0::bigint AS attempts,
    f.generation + 1 AS generation, f.last_error, NULL::text AS reply, f.created_at, NULL::timestamptz AS settled_at
FROM revived f
JOIN statehold.entity e ON e.no = f.entity;
