-- The claim is uncounted; the epoch stays raised, so that a late write under it is still refused.
UPDATE effect
SET status = 'ready',
    lease_until = NULL,
    claims = claims - 1
WHERE id = :effect AND epoch = :epoch AND status = 'claimed';
