-- By timer_due, which is in this order already. Of all tenants. A commit or drop_timer takes them away; nothing is
-- claimed, because firing twice is harmless: the second commit finds the timer gone.
SELECT number, tenant, machine, entity_id, state, name, entry, due
FROM timer
WHERE due <= :now
ORDER BY due, number
LIMIT :limit;
