-- By timer_due, which is in this order already. Of all tenants. A commit or drop_timer takes them away; nothing is
-- claimed, because firing twice is harmless: the second commit finds the timer gone. $3 says whether the database's clock
-- has the last word.
SELECT t.number, e.tenant, e.machine, e.id, t.state, t.name, t.entry, t.due
FROM statehold.timer t
JOIN statehold.entity e ON e.no = t.entity
WHERE t.due <= (SELECT CASE WHEN $3 THEN least($1, clock_timestamp()) ELSE $1 END)
ORDER BY t.due, t.number
LIMIT $2;
