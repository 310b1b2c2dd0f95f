DELETE FROM statehold.timer
WHERE number = $1
RETURNING 1::bigint;
