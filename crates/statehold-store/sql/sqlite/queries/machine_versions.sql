-- In the order of the primary key.
SELECT tenant, machine, version, source, hash, published_at, published_by
FROM machine_version
WHERE tenant = :tenant
ORDER BY machine, version;
