-- The highest migration the file has seen, to tell a file of a newer release.
SELECT max(version)
FROM statehold_migrations;
