-- Writes nothing if the version is there; the caller then compares hashes.
INSERT INTO machine_version (tenant, machine, version, source, hash, published_at, published_by)
VALUES (:tenant, :machine, :version, :source, :hash, :published_at, :published_by)
ON CONFLICT (tenant, machine, version) DO NOTHING;
