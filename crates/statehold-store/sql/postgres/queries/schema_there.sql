-- Whether the schema and its record of migrations are there, and whether this role may make what is missing.
SELECT
    EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'statehold'),
    EXISTS (
        SELECT
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'statehold' AND c.relname = 'migrations'
    ),
    has_database_privilege(current_database(), 'CREATE');
