-- A page by primary key. `statuses` is a JSON array of names, or NULL for any.
SELECT
    id, tenant, machine, entity_id, seq, path, name, kind, request, key, invoke_state, invoke_entry,
    status, due, lease_until, epoch, claims, attempts, generation, last_error, reply, created_at, settled_at
FROM effect
WHERE tenant = :tenant AND id > :after
  AND (:machine IS NULL OR machine = :machine)
  AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))
ORDER BY id
LIMIT :limit;
