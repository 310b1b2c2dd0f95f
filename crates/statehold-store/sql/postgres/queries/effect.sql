-- One row by primary key.
SELECT
    id, tenant, machine, entity_id, seq, path, name, kind, request, key, invoke_state, invoke_entry,
    status, due, lease_until, epoch, claims, attempts, generation, last_error, reply, created_at, settled_at
FROM statehold.effect_now
WHERE effect_tenant = $1 AND id = $2;
