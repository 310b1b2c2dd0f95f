UPDATE statehold.outbox
SET lease_until = $3
WHERE id = $1 AND epoch = $2 AND lease_until IS NOT NULL
RETURNING 1::bigint;
