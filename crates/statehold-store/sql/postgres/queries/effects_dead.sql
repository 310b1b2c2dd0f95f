-- A page of dead letters by effect_dead, however many settled effects there are.
SELECT
    id, tenant, machine, entity_id, seq, path, name, kind, request, key, invoke_state, invoke_entry,
    status, due, lease_until, epoch, claims, attempts, generation, last_error, reply, created_at, settled_at
FROM statehold.effect_now
WHERE effect_tenant = $1 AND id > $2 AND end_status = 'dead'
  AND ($3::text IS NULL OR machine = $3)
ORDER BY id
LIMIT $4;
