-- What a commit compares its expectation with. No lock clause: the transaction began IMMEDIATE, so nobody else writes.
SELECT revision
FROM entity
WHERE tenant = :tenant AND machine = :machine AND id = :id;
