-- In the order of the primary key. Without a tenant, everybody's: a node reads this once, when it starts.
SELECT tenant, machine, version, source, hash, published_at, published_by
FROM machine_version
WHERE :tenant IS NULL OR tenant = :tenant
ORDER BY tenant, machine, version;
