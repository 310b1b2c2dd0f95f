-- By primary key, as in heartbeat.sql. The epoch is the condition of every write by a worker: no row means that it lost the effect. Without a status the
-- effect is tried again; otherwise its row in the outbox goes and the effect keeps how it ended.
WITH held AS MATERIALIZED (
    SELECT id, due, epoch, claims, attempts, generation, tries
    FROM statehold.outbox
    WHERE id = $1 AND epoch = $2 AND num_nulls(lease_until) = 0
    FOR UPDATE
),
left_outbox AS (
    DELETE FROM statehold.outbox o
    USING held h
    WHERE o.id = h.id AND $3::text IS NOT NULL
),
ended AS (
    UPDATE statehold.effect f
    SET status = $3,
        due = h.due,
        epoch = h.epoch,
        claims = CASE WHEN $8 THEN 0 ELSE h.claims END,
        attempts = h.attempts + $8::int,
        generation = h.generation,
        tries = h.tries + $8::int,
        last_error = $6,
        reply = $7,
        settled_at = $5
    FROM held h
    WHERE f.id = h.id AND $3::text IS NOT NULL
),
postponed AS (
    UPDATE statehold.outbox o
    SET due = $4,
        lease_until = NULL,
        claims = CASE WHEN $8 THEN 0 ELSE h.claims END,
        attempts = h.attempts + $8::int,
        tries = h.tries + $8::int,
        last_error = coalesce($14, o.last_error)
    FROM held h
    WHERE o.id = h.id AND $3::text IS NULL
),
recorded AS (
    INSERT INTO statehold.effect_attempt (
        effect, n, generation, epoch, started_at, ended_at, outcome, http_status, detail, next_due
    )
    SELECT h.id, h.tries + 1, h.generation, $9, $10, $11, $12, $13, $14, $15
    FROM held h
    WHERE $8
)
SELECT 1::bigint FROM held;
