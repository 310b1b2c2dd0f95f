-- One row by primary key.
SELECT tenant, machine, id, revision, chart_version, state, status, context, memory, created_at, entered_at, updated_at
FROM entity
WHERE tenant = :tenant AND machine = :machine AND id = :id;
