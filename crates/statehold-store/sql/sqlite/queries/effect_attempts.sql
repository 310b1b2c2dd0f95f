-- A range of the primary key.
SELECT effect, n, generation, epoch, started_at, ended_at, outcome, http_status, detail, next_due
FROM effect_attempt
WHERE tenant = :tenant AND effect = :effect
ORDER BY n;
