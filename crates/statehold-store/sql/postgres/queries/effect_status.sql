-- Why an operator's verb changed nothing.
SELECT status
FROM statehold.effect_now
WHERE effect_tenant = $1 AND id = $2;
