-- Only what no worker holds. A claimed invoke may have been sent; its worker decides.
-- By effect_invoked; the last condition is written exactly as that index has it, or SQLite would not use it.
UPDATE effect
SET status = 'cancelled', settled_at = :at
WHERE tenant = :tenant AND machine = :machine AND entity_id = :entity_id
  AND invoke_state = :state AND invoke_entry = :entry
  AND status IN ('ready', 'dead');
