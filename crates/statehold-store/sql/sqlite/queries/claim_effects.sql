-- Ready and due, or under a lease that ran out: there is no other recovery. Both parts read their partial index, so
-- the cost follows what is due, not what was ever stored. One writer at a time, so no row is claimed twice.
-- RETURNING promises no order; the caller sorts.
UPDATE effect
SET status = 'claimed',
    epoch = epoch + 1,
    claims = claims + 1,
    lease_until = :lease_until
WHERE id IN (
    SELECT id
    FROM (
        SELECT id, due FROM effect WHERE status = 'ready' AND due <= :now
        UNION ALL
        SELECT id, due FROM effect WHERE status = 'claimed' AND lease_until <= :now
    )
    ORDER BY due, id
    LIMIT :limit
)
RETURNING
    id, tenant, machine, entity_id, seq, path, name, kind, request, key, invoke_state, invoke_entry,
    status, due, lease_until, epoch, claims, attempts, generation, last_error, reply, created_at, settled_at;
