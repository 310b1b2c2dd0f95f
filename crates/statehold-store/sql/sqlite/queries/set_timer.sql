INSERT INTO timer (tenant, machine, entity_id, state, name, entry, due)
VALUES (:tenant, :machine, :entity_id, :state, :name, :entry, :due);
