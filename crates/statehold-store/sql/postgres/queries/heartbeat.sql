-- By primary key: num_nulls, because IS NOT NULL would offer a partial index instead.
UPDATE statehold.outbox
SET lease_until = $3
WHERE id = $1 AND epoch = $2 AND num_nulls(lease_until) = 0
RETURNING 1::bigint;
