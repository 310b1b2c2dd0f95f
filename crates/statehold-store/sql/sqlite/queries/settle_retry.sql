-- The epoch is the condition of every write by a worker: zero rows means that it lost the effect.
UPDATE effect
SET status = 'ready',
    due = :due,
    lease_until = NULL,
    attempts = attempts + :tried,
    claims = CASE WHEN :tried THEN 0 ELSE claims END,
    last_error = coalesce(:detail, last_error)
WHERE id = :effect AND epoch = :epoch AND status = 'claimed'
RETURNING tenant, generation;
