-- By index, which ends in the number: oldest first without sorting.
SELECT tenant, machine, id, at, event, event_id, actor, outcome, blockers, input, state, revision
FROM statehold.refusal
WHERE tenant = $1 AND machine = $2 AND id = $3
ORDER BY number
LIMIT $4;
