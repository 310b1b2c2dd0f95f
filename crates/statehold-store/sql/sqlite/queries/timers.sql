-- The entity's few timers by index, then sorted.
SELECT number, tenant, machine, entity_id, state, name, entry, due
FROM timer
WHERE tenant = :tenant AND machine = :machine AND entity_id = :id
ORDER BY due, number;
