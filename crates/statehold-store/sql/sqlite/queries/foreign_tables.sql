-- Whether the file holds tables, and whether ours are among them.
SELECT
    count(*) AS tables,
    count(*) FILTER (WHERE name = 'statehold_migrations') AS ours
FROM sqlite_schema
WHERE type = 'table';
