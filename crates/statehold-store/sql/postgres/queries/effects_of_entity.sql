-- A page by effect_of_entity. `statuses` is NULL for any.
SELECT
    id, tenant, machine, entity_id, seq, path, name, kind, request, key, invoke_state, invoke_entry,
    status, due, lease_until, epoch, claims, attempts, generation, last_error, reply, created_at, settled_at
FROM statehold.effect_now
WHERE entity_no = (SELECT no FROM statehold.entity WHERE tenant = $1 AND machine = $2 AND id = $3)
  AND id > $4
  AND ($5::text[] IS NULL OR status = ANY ($5))
ORDER BY id
LIMIT $6;
