-- A batch of macrosteps, one per entity, each whole or not at all; returns which were written. The rest found another
-- revision, a repeated event, work that is gone, or a row that somebody else holds: commit_why.sql tells which.
--
-- Entities are locked in the order of their keys, and those that somebody holds are left out (SKIP LOCKED), so batches
-- never wait for each other in a circle. Whether an effect is claimed is asked with num_nulls and not with IS NULL, which
-- would offer the partial indexes of the outbox where only its key will do. For a commit that is tried alone the caller takes SKIP LOCKED away, and waits.
WITH step AS MATERIALIZED (
    SELECT *
    FROM unnest(
        $1::text[], $2::text[], $3::text[], $4::bool[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::text[],
        $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[],
        $24::text[], $25::bigint[], $26::bool[]
    ) WITH ORDINALITY AS s (
        tenant, machine, id, creates, revision, chart_version, state, status, context,
        memory, created_at, entered_at, updated_at, at, event,
        event_id, fingerprint, actor, cause, from_state, transitions, patch, input,
        result, log_version, consumes, n
    )
),
effect_asked AS MATERIALIZED (
    SELECT *
    FROM unnest(
        $27::bigint[], $28::text[], $29::text[], $30::text[], $31::text[], $32::text[], $33::text[], $34::text[],
        $35::bigint[], $36::timestamptz[]
    ) AS a (step, id, path, name, kind, request, key, invoke_state, invoke_entry, due)
),
settle AS MATERIALIZED (
    SELECT *
    FROM unnest(
        $37::bigint[], $38::text[], $39::bigint[], $40::text[], $41::timestamptz[], $42::timestamptz[], $43::text[],
        $44::text[], $45::bool[], $46::bigint[], $47::timestamptz[], $48::timestamptz[], $49::text[], $50::int[],
        $51::text[], $52::timestamptz[]
    ) AS s (
        step, effect, epoch, status, due, at, error,
        reply, tried, attempt_epoch, started_at, ended_at, outcome, http_status,
        detail, next_due
    )
),
-- The entities that stand where their step begins, held from here on.
head AS MATERIALIZED (
    SELECT s.n, e.no, s.event_id
    FROM step s
    JOIN statehold.entity e ON e.tenant = s.tenant AND e.machine = s.machine AND e.id = s.id
    WHERE NOT s.creates AND e.revision = s.revision - 1 AND e.state = s.from_state
    ORDER BY s.n
    FOR NO KEY UPDATE OF e SKIP LOCKED
),
-- The work that is used up, held too: a worker that takes it back in between would find it settled.
held_timer AS MATERIALIZED (
    SELECT h.n, t.number
    FROM head h
    JOIN unnest($53::bigint[], $54::bigint[]) AS c (step, number) ON c.step = h.n
    JOIN statehold.timer t ON t.number = c.number AND t.entity = h.no
    FOR UPDATE OF t SKIP LOCKED
),
held_effect AS MATERIALIZED (
    SELECT h.n, o.id, o.due, o.epoch, o.claims, o.attempts, o.generation, o.tries
    FROM head h
    JOIN settle c ON c.step = h.n
    JOIN statehold.outbox o ON o.id = c.effect AND o.epoch = c.epoch AND num_nulls(o.lease_until) = 0
    JOIN statehold.effect f ON f.id = o.id AND f.entity = h.no
    FOR UPDATE OF o SKIP LOCKED
),
moved AS (
    UPDATE statehold.entity e
    SET revision = s.revision,
        chart_version = s.chart_version,
        state = s.state,
        status = s.status,
        context = s.context,
        memory = s.memory,
        entered_at = s.entered_at,
        updated_at = s.updated_at
    FROM head h
    JOIN step s ON s.n = h.n
    WHERE e.no = h.no
      AND (
        NOT s.consumes
        OR EXISTS (SELECT FROM held_timer t WHERE t.n = h.n)
        OR EXISTS (SELECT FROM held_effect x WHERE x.n = h.n)
      )
      AND NOT EXISTS (SELECT FROM statehold.log l WHERE l.entity = h.no AND l.event_id = h.event_id)
    RETURNING h.n, e.no
),
created AS (
    INSERT INTO statehold.entity (
        tenant, machine, id, revision, chart_version, state, status, context, memory, created_at, entered_at, updated_at
    )
    SELECT
        tenant, machine, id, revision, chart_version, state, status, context, memory, created_at, entered_at, updated_at
    FROM step
    -- An entity that is not there yet has no work that could be used up.
    WHERE creates AND NOT consumes
    ORDER BY n
    ON CONFLICT (tenant, machine, id) DO NOTHING
    RETURNING no, tenant, machine, id
),
done AS MATERIALIZED (
    SELECT n, no FROM moved
    UNION ALL
    SELECT s.n, c.no
    FROM created c
    JOIN step s ON s.tenant = c.tenant AND s.machine = c.machine AND s.id = c.id
),
appended AS (
    INSERT INTO statehold.log (
        entity, seq, at, event, event_id, fingerprint, actor, cause, from_state, to_state,
        transitions, patch, input, result, chart_version
    )
    SELECT
        d.no, s.revision, s.at, s.event, s.event_id, s.fingerprint, s.actor, s.cause, s.from_state, s.state,
        s.transitions, s.patch, s.input, s.result, s.log_version
    FROM done d
    JOIN step s ON s.n = d.n
),
-- All parts see the tables as they were before, so neither the work used up nor the new work is cancelled.
cancelled_timer AS (
    DELETE FROM statehold.timer t
    USING done d
    WHERE t.entity = d.no
      AND (
        EXISTS (
            SELECT
            FROM unnest($55::bigint[], $56::text[], $57::bigint[]) AS c (step, state, entry)
            WHERE c.step = d.n AND c.state = t.state AND c.entry = t.entry
        )
        OR EXISTS (SELECT FROM held_timer h WHERE h.number = t.number)
      )
),
cancelled_invoke AS MATERIALIZED (
    SELECT f.id, f.status, s.at
    FROM done d
    JOIN step s ON s.n = d.n
    JOIN unnest($58::bigint[], $59::text[], $60::bigint[]) AS c (step, state, entry) ON c.step = d.n
    JOIN statehold.effect f ON f.entity = d.no
     AND f.invoke_state = c.state AND f.invoke_entry = c.entry
     AND f.invoke_state IS NOT NULL AND f.status IN ('open', 'dead')
),
-- Only what no worker holds. A claimed invoke may have been sent; its worker decides.
withdrawn AS (
    DELETE FROM statehold.outbox o
    USING cancelled_invoke c
    WHERE o.id = c.id AND num_nonnulls(o.lease_until) = 0
    RETURNING o.id, o.due, o.epoch, o.claims, o.attempts, o.generation, o.tries, o.last_error, c.at
),
closed_invoke AS (
    UPDATE statehold.effect f
    SET status = 'cancelled',
        settled_at = c.at,
        due = coalesce(w.due, f.due),
        epoch = coalesce(w.epoch, f.epoch),
        claims = coalesce(w.claims, f.claims),
        attempts = coalesce(w.attempts, f.attempts),
        generation = coalesce(w.generation, f.generation),
        tries = coalesce(w.tries, f.tries),
        last_error = CASE WHEN w.id IS NULL THEN f.last_error ELSE w.last_error END,
        reply = CASE WHEN w.id IS NULL THEN f.reply END
    FROM cancelled_invoke c
    LEFT JOIN withdrawn w ON w.id = c.id
    WHERE f.id = c.id AND (w.id IS NOT NULL OR f.status = 'dead')
    RETURNING f.id
),
-- Dead ones that an operator revived or discarded since this statement began to look.
missed AS MATERIALIZED (
    SELECT FROM cancelled_invoke c
    WHERE c.status = 'dead' AND NOT EXISTS (SELECT FROM closed_invoke x WHERE x.id = c.id)
),
settled AS MATERIALIZED (
    SELECT h.*, c.status AS end_status, c.due AS next_due_at, c.at, c.error, c.reply, c.tried, c.detail
    FROM done d
    JOIN held_effect h ON h.n = d.n
    JOIN settle c ON c.step = d.n
),
left_outbox AS (
    DELETE FROM statehold.outbox o
    USING settled s
    WHERE o.id = s.id AND s.end_status IS NOT NULL
),
ended_effect AS (
    UPDATE statehold.effect f
    SET status = s.end_status,
        due = s.due,
        epoch = s.epoch,
        claims = CASE WHEN s.tried THEN 0 ELSE s.claims END,
        attempts = s.attempts + s.tried::int,
        generation = s.generation,
        tries = s.tries + s.tried::int,
        last_error = s.error,
        reply = s.reply,
        settled_at = s.at
    FROM settled s
    WHERE f.id = s.id AND s.end_status IS NOT NULL
),
postponed_effect AS (
    UPDATE statehold.outbox o
    SET due = s.next_due_at,
        lease_until = NULL,
        claims = CASE WHEN s.tried THEN 0 ELSE s.claims END,
        attempts = s.attempts + s.tried::int,
        tries = s.tries + s.tried::int,
        last_error = coalesce(s.detail, o.last_error)
    FROM settled s
    WHERE o.id = s.id AND s.end_status IS NULL
),
recorded AS (
    INSERT INTO statehold.effect_attempt (
        effect, n, generation, epoch, started_at, ended_at, outcome, http_status, detail, next_due
    )
    SELECT
        h.id, h.tries + 1, h.generation, c.attempt_epoch, c.started_at, c.ended_at, c.outcome, c.http_status, c.detail,
        c.next_due
    FROM done d
    JOIN held_effect h ON h.n = d.n
    JOIN settle c ON c.step = d.n
    WHERE c.tried
),
asked AS (
    INSERT INTO statehold.effect (
        id, tenant, entity, seq, path, name, kind, request, key, invoke_state, invoke_entry, created_at
    )
    SELECT
        a.id, s.tenant, d.no, s.revision, a.path, a.name, a.kind, a.request, a.key, a.invoke_state, a.invoke_entry, s.at
    FROM done d
    JOIN step s ON s.n = d.n
    JOIN effect_asked a ON a.step = d.n
),
queued AS (
    INSERT INTO statehold.outbox (id, due)
    SELECT a.id, a.due
    FROM done d
    JOIN effect_asked a ON a.step = d.n
),
set_timer AS (
    INSERT INTO statehold.timer (entity, state, name, entry, due)
    SELECT d.no, t.state, t.name, t.entry, t.due
    FROM done d
    JOIN unnest($61::bigint[], $62::text[], $63::text[], $64::bigint[], $65::timestamptz[])
        WITH ORDINALITY AS t (step, state, name, entry, due, position) ON t.step = d.n
    -- Numbers ascend in the order in which the timers were given.
    ORDER BY t.position
)
SELECT n
FROM done
WHERE CASE WHEN EXISTS (SELECT FROM missed) THEN statehold.begin_again() ELSE true END;
