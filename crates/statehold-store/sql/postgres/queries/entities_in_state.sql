-- A page of those in the state or below it. What may follow a state's name in the column, `.` and `(`, sorts below
-- '/', and every character that may go on a name sorts above it: one range holds `processing`, `processing.payment` and
-- `processing(a.x|b.y)` and not `processing_fee`. Walks the machine's entities in the order of their ids, unless there is
-- an index on the state.
SELECT tenant, machine, id, revision, chart_version, state, status, context, memory, created_at, entered_at, updated_at
FROM statehold.entity
WHERE tenant = $1 AND machine = $2 AND state >= $6 AND state < $6 || '/'
  AND id > $3
  AND ($4::text IS NULL OR status = $4)
ORDER BY id
LIMIT $5;
