-- The entity's few timers by index; state and entry are compared row by row.
DELETE FROM timer
WHERE tenant = :tenant AND machine = :machine AND entity_id = :entity_id
  AND state = :state AND entry = :entry;
