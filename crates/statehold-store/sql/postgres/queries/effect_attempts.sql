-- A range of the primary key, if the effect is the tenant's.
SELECT a.effect, a.n, a.generation, a.epoch, a.started_at, a.ended_at, a.outcome, a.http_status, a.detail, a.next_due
FROM statehold.effect f
JOIN statehold.effect_attempt a ON a.effect = f.id
WHERE f.tenant = $1 AND f.id = $2
ORDER BY a.n;
