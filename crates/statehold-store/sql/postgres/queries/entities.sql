-- A page by primary key. `after` is '' for the first page; no id is empty.
SELECT tenant, machine, id, revision, chart_version, state, status, context, memory, created_at, entered_at, updated_at
FROM statehold.entity
WHERE tenant = $1 AND machine = $2 AND id > $3
  AND ($4::text IS NULL OR status = $4)
ORDER BY id
LIMIT $5;
