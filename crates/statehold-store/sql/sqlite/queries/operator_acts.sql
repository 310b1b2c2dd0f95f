-- By index, which ends in the number: oldest first without sorting.
SELECT verb, effect, at, actor, reason
FROM operator_act
WHERE tenant = :tenant AND effect = :effect
ORDER BY number;
