-- A page of dead letters by effect_dead, however many settled effects there are.
SELECT
    id, tenant, machine, entity_id, seq, path, name, kind, request, key, invoke_state, invoke_entry,
    status, due, lease_until, epoch, claims, attempts, generation, last_error, reply, created_at, settled_at
FROM effect
WHERE tenant = :tenant AND id > :after AND status = 'dead'
  AND (:machine IS NULL OR machine = :machine)
ORDER BY id
LIMIT :limit;
