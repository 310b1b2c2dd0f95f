-- Whether the effect to be consumed is still held under this epoch and is this entity's own.
SELECT 1
FROM effect
WHERE id = :effect AND status = 'claimed' AND epoch = :epoch
  AND tenant = :tenant AND machine = :machine AND entity_id = :entity_id;
