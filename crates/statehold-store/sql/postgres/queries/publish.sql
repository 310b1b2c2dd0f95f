-- Writes nothing if the version is there; the caller then compares hashes.
INSERT INTO statehold.machine_version (tenant, machine, version, source, hash, published_at, published_by)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant, machine, version) DO NOTHING
RETURNING version;
