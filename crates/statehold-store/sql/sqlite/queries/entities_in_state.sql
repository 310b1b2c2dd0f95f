-- A page of those in the state or below it. What may follow a state's name in the column, `.` and `(`, sorts below
-- '/', and every character that may go on a name sorts above it: one range of entity_by_state holds `processing`,
-- `processing.payment` and `processing(a.x|b.y)` and not `processing_fee`. Several states share the range, so the
-- page is picked from all of it; without the index, from all entities of the machine.
SELECT tenant, machine, id, revision, chart_version, state, status, context, memory, created_at, entered_at, updated_at
FROM entity INDEXED BY entity_by_state
WHERE tenant = :tenant AND machine = :machine AND state >= :state AND state < :state || '/'
  AND id > :after
  AND (:status IS NULL OR status = :status)
ORDER BY id
LIMIT :limit;
