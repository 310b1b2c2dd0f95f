-- The claim is uncounted; the epoch stays raised, so that a late write under it is still refused.
UPDATE statehold.outbox
SET lease_until = NULL,
    claims = claims - 1
WHERE id = $1 AND epoch = $2 AND lease_until IS NOT NULL
RETURNING 1::bigint;
