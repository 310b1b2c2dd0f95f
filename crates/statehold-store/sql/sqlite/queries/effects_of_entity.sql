-- A page by effect_of_entity. `statuses` is a JSON array of names, or NULL for any.
SELECT
    id, tenant, machine, entity_id, seq, path, name, kind, request, key, invoke_state, invoke_entry,
    status, due, lease_until, epoch, claims, attempts, generation, last_error, reply, created_at, settled_at
FROM effect
WHERE tenant = :tenant AND machine = :machine AND entity_id = :entity_id AND id > :after
  AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))
ORDER BY id
LIMIT :limit;
