-- The key stays, so the peer can still tell a repeat. The epoch stays raised, so old workers stay shut out.
UPDATE effect
SET status = 'ready',
    due = :at,
    attempts = 0,
    claims = 0,
    generation = generation + 1,
    reply = NULL,
    settled_at = NULL
WHERE tenant = :tenant AND id = :id AND status = 'dead'
RETURNING
    id, tenant, machine, entity_id, seq, path, name, kind, request, key, invoke_state, invoke_entry,
    status, due, lease_until, epoch, claims, attempts, generation, last_error, reply, created_at, settled_at;
