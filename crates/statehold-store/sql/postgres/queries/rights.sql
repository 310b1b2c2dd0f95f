-- The tables of ours that this role may not use as it must.
SELECT c.relname::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'statehold' AND c.relkind = 'r' AND c.relname <> 'migrations'
  AND NOT (
    has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
    -- The log, refusals and audit rows are only ever added to.
    AND (
        c.relname IN ('log', 'refusal', 'operator_act', 'effect_attempt', 'machine_version')
        OR has_table_privilege(c.oid, 'UPDATE')
    )
    AND (c.relname NOT IN ('outbox', 'timer') OR has_table_privilege(c.oid, 'DELETE'))
  )
ORDER BY c.relname;
