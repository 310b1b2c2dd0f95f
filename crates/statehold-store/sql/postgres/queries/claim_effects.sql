-- Ready and due, or under a lease that ran out: there is no other recovery. Each part reads its partial index and passes
-- over what another worker is taking at the moment, so nobody waits and nothing is handed out twice. MATERIALIZED, or a
-- plan might take more than was asked for. $4 says whether the database's clock has the last word. RETURNING promises no
-- order; the caller sorts.
WITH clock AS MATERIALIZED (
    SELECT CASE WHEN $4 THEN least($1, clock_timestamp()) ELSE $1 END AS now
),
ready AS MATERIALIZED (
    SELECT id, due
    FROM statehold.outbox
    WHERE lease_until IS NULL AND due <= (SELECT now FROM clock)
    ORDER BY due, id
    LIMIT $3
    FOR UPDATE SKIP LOCKED
),
leased AS MATERIALIZED (
    SELECT id, due
    FROM statehold.outbox
    WHERE lease_until IS NOT NULL AND lease_until <= (SELECT now FROM clock)
    -- Few, because only crashes leave them: sorted, not read in order.
    ORDER BY due, id
    LIMIT $3
    FOR UPDATE SKIP LOCKED
),
taken AS MATERIALIZED (
    SELECT id
    FROM (SELECT id, due FROM ready UNION ALL SELECT id, due FROM leased) AS open
    ORDER BY due, id
    LIMIT $3
),
claimed AS (
    UPDATE statehold.outbox o
    SET epoch = o.epoch + 1,
        claims = o.claims + 1,
        lease_until = $2
    FROM taken t
    WHERE o.id = t.id
    RETURNING o.id, o.due, o.lease_until, o.epoch, o.claims, o.attempts, o.generation, o.last_error
)
SELECT
    f.id, e.tenant, e.machine, e.id AS entity_id, f.seq, f.path, f.name, f.kind, f.request, f.key, f.invoke_state,
    f.invoke_entry, 'claimed', c.due, c.lease_until, c.epoch, c.claims, c.attempts, c.generation, c.last_error,
    NULL::text AS reply, f.created_at, NULL::timestamptz AS settled_at
FROM claimed c
JOIN statehold.effect f ON f.id = c.id
JOIN statehold.entity e ON e.no = f.entity;
