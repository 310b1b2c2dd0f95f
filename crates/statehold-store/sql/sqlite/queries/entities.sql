-- A page by primary key. `after` is '' for the first page; no id is empty.
SELECT tenant, machine, id, revision, chart_version, state, status, context, memory, created_at, entered_at, updated_at
FROM entity
WHERE tenant = :tenant AND machine = :machine AND id > :after
  AND (:status IS NULL OR status = :status)
ORDER BY id
LIMIT :limit;
