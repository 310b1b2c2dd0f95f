-- What stood in the way of commits that were not written, on what is there now: the log row of the same event, the
-- entity's revision and state, and whether the work to be used up is there.
SELECT
    s.n,
    e.revision,
    e.state,
    CASE
        WHEN s.timer IS NOT NULL THEN EXISTS (
            SELECT FROM statehold.timer t WHERE t.number = s.timer AND t.entity = e.no
        )
        WHEN s.effect IS NOT NULL THEN EXISTS (
            SELECT
            FROM statehold.outbox o
            JOIN statehold.effect f ON f.id = o.id
            WHERE o.id = s.effect AND o.epoch = s.epoch AND o.lease_until IS NOT NULL AND f.entity = e.no
        )
        ELSE true
    END AS has_work,
    s.tenant, s.machine, s.id,
    l.seq, l.at, l.event, l.event_id, l.fingerprint, l.actor, l.cause, l.from_state, l.to_state,
    l.transitions, l.patch, l.input, l.result, l.chart_version
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bigint[])
    WITH ORDINALITY AS s (tenant, machine, id, event_id, timer, effect, epoch, n)
LEFT JOIN statehold.entity e ON e.tenant = s.tenant AND e.machine = s.machine AND e.id = s.id
LEFT JOIN statehold.log l ON l.entity = e.no AND l.event_id = s.event_id;
