-- The entity's few timers, by index and in its order.
SELECT t.number, e.tenant, e.machine, e.id, t.state, t.name, t.entry, t.due
FROM statehold.entity e
JOIN statehold.timer t ON t.entity = e.no
WHERE e.tenant = $1 AND e.machine = $2 AND e.id = $3
ORDER BY t.due, t.number;
