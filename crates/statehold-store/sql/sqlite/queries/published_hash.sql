-- One row by primary key.
SELECT hash
FROM machine_version
WHERE tenant = :tenant AND machine = :machine AND version = :version;
