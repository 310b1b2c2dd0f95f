-- The first entry of three indexes.
SELECT least(
    (SELECT min(due) FROM statehold.timer),
    (SELECT min(due) FROM statehold.outbox WHERE lease_until IS NULL),
    (SELECT min(lease_until) FROM statehold.outbox WHERE lease_until IS NOT NULL)
);
