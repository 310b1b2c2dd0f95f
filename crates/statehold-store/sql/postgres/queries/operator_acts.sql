-- By index, which ends in the number: oldest first without sorting.
SELECT a.verb, a.effect, a.at, a.actor, a.reason
FROM statehold.effect f
JOIN statehold.operator_act a ON a.effect = f.id
WHERE f.tenant = $1 AND f.id = $2
ORDER BY a.number;
