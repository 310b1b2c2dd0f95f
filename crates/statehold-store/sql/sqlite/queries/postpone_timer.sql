-- The number stays: it is still the same timer, and whoever holds its number means it.
UPDATE timer
SET due = :due
WHERE number = :number;
