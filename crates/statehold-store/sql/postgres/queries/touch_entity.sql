-- Writes without changing anything. Who gets the answer of an earlier commit waits here until a synchronous standby has
-- it too: that commit may have been waiting for one when its caller gave up.
UPDATE statehold.entity
SET updated_at = updated_at
WHERE tenant = $1 AND machine = $2 AND id = $3
RETURNING 1::bigint;
