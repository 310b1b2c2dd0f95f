-- The highest migration the database has seen, to tell a database of a newer release.
SELECT max(version)::bigint
FROM statehold.migrations;
