-- One row by primary key.
SELECT hash
FROM statehold.machine_version
WHERE tenant = $1 AND machine = $2 AND version = $3;
