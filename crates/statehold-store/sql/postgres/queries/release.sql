-- By primary key, as in heartbeat.sql. The claim is uncounted; the epoch stays raised, so that a late write under it is still refused.
UPDATE statehold.outbox
SET lease_until = NULL,
    claims = claims - 1
WHERE id = $1 AND epoch = $2 AND num_nulls(lease_until) = 0
RETURNING 1::bigint;
