-- By index, which ends in the number: oldest first without sorting.
SELECT tenant, machine, id, at, event, event_id, actor, outcome, blockers, input, state, revision
FROM refusal
WHERE tenant = :tenant AND machine = :machine AND id = :id
ORDER BY number
LIMIT :limit;
