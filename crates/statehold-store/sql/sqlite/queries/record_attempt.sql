-- Numbered over all generations, so that a retried dead letter keeps its whole story.
INSERT INTO effect_attempt (
    tenant, effect, n, generation, epoch, started_at, ended_at, outcome, http_status, detail, next_due
)
SELECT
    :tenant, :effect, coalesce(max(n), 0) + 1, :generation, :epoch, :started_at, :ended_at, :outcome, :http_status,
    :detail, :next_due
FROM effect_attempt
WHERE tenant = :tenant AND effect = :effect;
