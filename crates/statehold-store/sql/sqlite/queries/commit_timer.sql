-- Whether the timer to be consumed is there and is this entity's own.
SELECT 1
FROM timer
WHERE number = :number AND tenant = :tenant AND machine = :machine AND entity_id = :id;
