-- In the order of the primary key. Without a tenant, everybody's: a node reads this once, when it starts.
SELECT tenant, machine, version, source, hash, published_at, published_by
FROM statehold.machine_version
WHERE $1::text IS NULL OR tenant = $1
ORDER BY tenant, machine, version;
