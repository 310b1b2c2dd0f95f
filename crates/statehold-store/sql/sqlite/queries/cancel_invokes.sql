-- Only what no worker holds. A claimed invoke may have been sent; its worker decides.
-- The entity's effects by index; the rest is compared row by row.
UPDATE effect
SET status = 'cancelled', settled_at = :at
WHERE tenant = :tenant AND machine = :machine AND entity_id = :entity_id
  AND invoke_state = :state AND invoke_entry = :entry
  AND status IN ('ready', 'dead');
