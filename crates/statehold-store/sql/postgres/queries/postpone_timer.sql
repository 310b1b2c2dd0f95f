-- The number stays: it is still the same timer, and whoever holds its number means it.
UPDATE statehold.timer
SET due = $2
WHERE number = $1
RETURNING 1::bigint;
